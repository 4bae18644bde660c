"""Tax types in the tax table: each must exist, be active, and match its row's rate and the accounts. Pure."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from segxero.check.books.accounts import list_line_accounts
from segxero.check.books.wanted import Compared
from segxero.check.finding import Finding, fault, note
from segxero.xero.books.parts import TaxRate
from segxero.xero.money.taxes import OTHERWISE, UNTAXED

TABLE = "tables/tax_types.yaml"
REVENUE = "REVENUE"


def look(wanted: Compared, name: str) -> Iterator[Finding]:
    """Report every row Xero would refuse or read differently."""
    table = wanted.table("tax_types")
    if UNTAXED not in table:
        yield fault(name, f"{TABLE} has no row {UNTAXED!r}", "add it with the TaxType of untaxed sales, such as NONE")
    checked = set()
    for row, tax_type in table.items():
        rate = wanted.books.tax_rates.get(tax_type)
        place = f"row {row!r} of {TABLE}"
        if rate is None:
            yield fault(name, f"{place} is {tax_type}, which Xero does not have", _instead(wanted, row))
        elif not rate.active:
            yield fault(name, f"{place} is {tax_type} ({rate.name}), which is not active", _instead(wanted, row))
        else:
            yield from _rate(wanted, name, row, rate)
            # Several rows may share a tax type.
            if tax_type not in checked:
                yield from _fit(wanted, name, rate)
            checked.add(tax_type)


def _percent(row: str) -> Decimal | None:
    try:
        return Decimal(row)
    except InvalidOperation:
        return None


def _same_rate(wanted: Compared, row: str) -> list[str]:
    """Return the sales tax types with the rate of *row*."""
    wanted_rate = _percent(row)
    rates = wanted.books.tax_rates.values()
    return sorted(one.tax_type for one in rates if one.active and one.percent == wanted_rate and REVENUE in one.groups)


def _instead(wanted: Compared, row: str) -> str:
    if row == OTHERWISE:
        return f"write another type in {TABLE}, or delete the row"
    others = _same_rate(wanted, row)
    return f"write {' or '.join(others)} there" if others else f"delete the row: Xero has no sales rate of {row} %"


def _rate(wanted: Compared, name: str, row: str, rate: TaxRate) -> Iterator[Finding]:
    percent = _percent(row)
    if row == OTHERWISE or percent is None or percent == rate.percent:
        return
    found = f"row {row!r} of {TABLE} is {rate.tax_type}, which is {rate.percent.normalize():f} %"
    # With a tax type of the right rate at hand the row is a mistake; without one, the shop may not sell at it.
    if _same_rate(wanted, row):
        yield fault(name, found, _instead(wanted, row))
    else:
        yield note(name, found, "delete the row unless you sell at that rate: the organisation has none with it")


def _fit(wanted: Compared, name: str, rate: TaxRate) -> Iterator[Finding]:
    unfit = [account.code for account in list_line_accounts(wanted) if account.group not in rate.groups]
    if unfit:
        yield fault(
            name,
            f"{rate.tax_type} ({rate.name}) cannot be used with account {', '.join(unfit)}",
            f"choose another type in {TABLE}, or another account in tables/accounts.yaml",
        )
