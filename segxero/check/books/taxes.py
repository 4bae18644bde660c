"""The table `tax_rows`: its rows can be read, and their tax types are active in Xero at their rates (T23). Pure."""

from collections.abc import Iterator

from segxero.check.books.accounts import list_line_accounts
from segxero.check.books.wanted import Compared
from segxero.check.finding import Finding, fault, note
from segxero.xero.books.parts import TaxRate
from segxero.xero.taxes.rows import FOREIGN, NO_SUPPLY, NOT_REGISTERED, RATE, TaxRow, read_row
from segxero.xero.taxes.setup import find_country

TABLE, RETIRED = "tables/tax_rows.yaml", "tables/tax_types.yaml"
REVENUE, LIABILITY = "REVENUE", "LIABILITY"
UNTAXED = (NO_SUPPLY, NOT_REGISTERED)
# Xero takes these codes and books another type without a word, so they count as absent.
SWAPPED = {("AU", "NONE"): "BASEXCLUDED"}


def look(wanted: Compared, name: str) -> Iterator[Finding]:
    """Name every row that Xero would refuse, or read otherwise than it says."""
    yield from _retired(wanted, name)
    yield from _country(wanted, name)
    rows: list[TaxRow] = []
    for row, text in wanted.table("tax_rows").items():
        try:
            rows.append(read_row(row, text))
        except ValueError as error:
            yield fault(name, f"row {row!r} of {TABLE} cannot be read", f"it {error}")
    ours = [row for row in rows if row.tax_class == FOREIGN or row.country == _home(wanted)]
    yield from _sold(wanted, name, ours)
    checked: set[str] = set()
    for one in ours:
        if one.tax_type:
            yield from _row(wanted, name, one, checked)


def types(wanted: Compared) -> list[str]:
    """Return the tax types of the rows, in their order."""
    found = []
    for row, text in wanted.table("tax_rows").items():
        try:
            found.append(read_row(row, text).tax_type)
        except ValueError:
            continue
    return list(dict.fromkeys(filter(None, found)))


def _home(wanted: Compared) -> str:
    tables = {"tax_rows": wanted.table("tax_rows")}
    return wanted.settings.tax.country or find_country(tables) or wanted.books.country


def _retired(wanted: Compared, name: str) -> Iterator[Finding]:
    if not wanted.table("tax_types"):
        return
    found = f"{RETIRED} is no longer read: its successor is {TABLE}, where nothing decides `otherwise`"
    remedy = f"run `segxero init`, which writes {TABLE} for your country, then delete {RETIRED}"
    yield note(name, found, remedy) if wanted.table("tax_rows") else fault(name, found, remedy)


def _country(wanted: Compared, name: str) -> Iterator[Finding]:
    home, theirs = _home(wanted), wanted.books.country
    if home and theirs and home != theirs:
        yield fault(
            name,
            f"the rows of {TABLE} are those of {home}, and the organisation is in {theirs}",
            f"run `segxero init --country {theirs}`, or correct `country` of {wanted.organisation}",
        )


def _sold(wanted: Compared, name: str, rows: list[TaxRow]) -> Iterator[Finding]:
    classes = {row.tax_class for row in rows}
    for sold in wanted.settings.tax.sells:
        if rows and sold not in classes:
            found = f"{wanted.organisation} sells {sold}, and {TABLE} has no row for it"
            yield fault(name, found, f"add the row `{_home(wanted)} {sold}`, or take it out of `sells`")


def _row(wanted: Compared, name: str, row: TaxRow, checked: set[str]) -> Iterator[Finding]:
    place = f"row {row.name!r} of {TABLE}"
    rate = wanted.books.tax_rates.get(row.tax_type)
    swapped = SWAPPED.get((wanted.books.country, row.tax_type))
    # Rates of past years may be archived: only late orders need them.
    tell = note if row.last is not None and row.last < wanted.today else fault
    if swapped:
        yield fault(name, f"{place} is {row.tax_type}, which Xero books as {swapped}", f"write {swapped} there")
    elif rate is None:
        yield tell(name, f"{place} is {row.tax_type}, which Xero does not have", _instead(wanted, row))
    elif not rate.active:
        yield tell(name, f"{place} is {row.tax_type} ({rate.name}), which is not active", _instead(wanted, row))
    elif row.form == RATE and rate.percent != row.rate:
        found = f"{place} is {row.tax_type} ({rate.name}), which is {rate.percent.normalize():f} %"
        yield fault(name, found, _instead(wanted, row))
    elif row.tax_type not in checked:
        checked.add(row.tax_type)
        yield from _fit(wanted, name, row, rate)


def _instead(wanted: Compared, row: TaxRow) -> str:
    same = [
        f"{rate.tax_type} ({rate.name})"
        for rate in wanted.books.tax_rates.values()
        if rate.active and rate.percent == (row.rate or 0) and REVENUE in rate.groups
    ]
    if same:
        return f"write {' or '.join(sorted(same))} there"
    percent = f"{row.rate.normalize():f} %" if row.rate is not None else "0 %"
    return f"delete the row: no rate for sales is {percent}"


def _fit(wanted: Compared, name: str, row: TaxRow, rate: TaxRate) -> Iterator[Finding]:
    is_untaxed = row.tax_class in UNTAXED
    accounts = [one for one in list_line_accounts(wanted) if is_untaxed or one.group != LIABILITY]
    unfit = [account.code for account in accounts if account.group not in rate.groups]
    if unfit:
        yield fault(
            name,
            f"{rate.tax_type} ({rate.name}) cannot be used with account {', '.join(unfit)}",
            f"choose another type in {TABLE}, or another account in tables/accounts.yaml",
        )
