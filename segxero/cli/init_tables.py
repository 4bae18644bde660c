"""The texts of the files that `segxero init` writes: rates, accounts and settings of one organisation. Pure.

Existing files keep their comments and every row that init does not know.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segxero.errors import ConfigError, Fault
from segxero.mapping.files import strict_yaml
from segxero.xero.books.parts import Account, Books, TaxRate
from segxero.xero.taxes.rows import TaxRow, read_row

PRESETS = "presets"
OWN = "own"  # in a preset, the place of a code that only the organisation knows
ANY_COUNTRY, GLOBAL = "XX", "global"
SALES = ("REVENUE", "SALES", "OTHERINCOME")
# The words in an account's name that tell what it is for.
ROWS = {
    "shipping": ("shipping", "freight", "delivery", "postage"),
    "discount": ("discount",),
    "gift_cards": ("gift",),
    "tip": ("tips", "gratuit"),
    "donation": ("donation",),
    "duties": ("duties", "duty"),
    "foreign_tax": ("foreign tax", "oss"),
    "sales_tax": ("sales tax",),
    "rounding": ("rounding",),
}
NEEDED = {
    "gift_cards": "gift cards sold: a liability, with payments enabled",
    "foreign_tax": "tax of other countries: a liability",
    "rounding": "a cent that an order is off, for the policy cent_off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """The start of a country's set-up; *lines* are the rows of its table as written, with their comments."""

    country: str
    time_zone: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


def read_preset(directory: Path, country: str) -> Preset:
    """Read the preset of *country*, or the one for any country. Raise ConfigError when the files are not there."""
    path = directory / PRESETS / f"{country.lower()}.yaml"
    if not path.is_file():
        path = directory / PRESETS / f"{GLOBAL}.yaml"
    if not path.is_file():
        raise ConfigError("There are no presets:", [Fault("is missing", file=str(path))])
    text = path.read_text(encoding="utf-8").replace(f"{ANY_COUNTRY} ", f"{country} ")
    read = strict_yaml.read(text, path.name).value
    lines = text.partition("tax_rows:\n")[2].splitlines()
    return Preset(
        country=country,
        time_zone=str(read["time_zone"]),
        settings=read.get("settings") or {},
        lines=tuple(line.removeprefix("  ") for line in lines),
    )


def write_rates(preset: Preset, books: Books | None) -> str:
    """Return the table of rates with the organisation's own codes; a row without one becomes a comment."""
    head = (
        f"# The rates of {preset.country}, by `segxero init`: country and class, then rate, tax type and boxes.\n"
        "# mappings/README.md says how a row is written; `segxero check` compares them with Xero.\n"
    )
    return head + "".join(f"{_write_rate(line, books)}\n" for line in preset.lines)


def write_accounts(text: str, books: Books | None) -> str:
    """Return the table of accounts with a row for everything that the organisation has an account for."""
    if books is None or not books.accounts:
        return text
    default = _find_default(text, books)
    chosen = {"default": default, **{row: _find_account(words, books) for row, words in ROWS.items()}}
    chosen = {row: account or (default if row in ("shipping", "discount") else None) for row, account in chosen.items()}
    for row, account in chosen.items():
        if account is not None:
            known = _find_row(text, row)
            if known is None or known not in books.accounts:
                text = put_row(text, row, f'"{account.code}"', account.name)
    for row in (*ROWS, *NEEDED):
        known = _find_row(text, row)
        if known is not None and known not in books.accounts:
            # A code that Xero does not have would hold every order up that needs it, so it waits for a person.
            text = re.sub(rf"^{row}:", f"# {row}:", text, count=1, flags=re.MULTILINE)
    lacking = [row for row in NEEDED if chosen.get(row) is None and f"{row}:" not in text]
    for row in lacking:
        text = f'{text.rstrip()}\n# {row}: "000"   # {NEEDED[row]}\n'
    return text


def write_settings(text: str, organisation: str, settings: Mapping[str, str]) -> str:
    """Return *text* of organisations.yaml with the settings of one organisation; it is added where it is missing."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if re.match(rf"{re.escape(organisation)}\s*:", line)]
    if not heads:
        block = "".join(f"  {name}: {value}\n" for name, value in {"sources": "all", **settings}.items())
        return f"{text.rstrip()}\n{organisation}:\n{block}".lstrip()
    start = heads[0] + 1
    end = next((n for n in range(start, len(lines)) if lines[n][:1] not in ("", " ", "#")), len(lines))
    last = start
    for name, value in settings.items():
        place = next((n for n in range(start, end) if re.match(rf"  {name}\s*:", lines[n])), None)
        if place is not None:
            comment = re.search(r"#.*$", lines[place])
            written = f"  {name}: {value}"
            # The comments of the file stand under each other, so this one keeps its place where it can.
            lines[place] = f"{written.ljust(comment.start() - 2)}  {comment[0]}" if comment else written
            last = max(last, place + 1)
        else:
            lines.insert(last, f"  {name}: {value}")
            last, end = last + 1, end + 1
    return "\n".join(lines) + "\n"


def put_row(text: str, row: str, value: str, name: str) -> str:
    """Write a row with the name of its account behind it; an existing row, also a commented one, is replaced."""
    line = f"{row}: {value}   # {name}"
    changed, count = re.subn(
        rf"^(?:# )?{re.escape(row)}:[^\n]*$", line.replace("\\", r"\\"), text, count=1, flags=re.MULTILINE
    )
    return changed if count else f"{text.rstrip()}\n{line}\n".lstrip()


def _write_rate(line: str, books: Books | None) -> str:
    name, colon, rest = line.partition(":")
    if not colon or line.startswith("#"):
        return line
    text, _, _ = rest.partition("#")
    row = read_row(name, text.strip())
    if books is None or not books.tax_rates:
        return f"# {line.strip()}   # its code in your Xero" if row.tax_type == OWN else line
    rate = _find_rate(row, books)
    if rate is None and row.tax_type:
        return f"# {line.strip()}   # your Xero has no such rate"
    if rate is None:
        return line
    written = re.sub(rf"\b{row.tax_type}\b", rate.tax_type, text.strip(), count=1)
    return f"{name}: {written}   # {rate.name}"


def _find_rate(row: TaxRow, books: Books) -> TaxRate | None:
    """Return the organisation's rate of a row: by its code, else the one of the same percentage for sales."""
    own = books.tax_rates.get(row.tax_type)
    if own is not None and own.active and own.percent == (row.rate or 0):
        return own
    if row.tax_type != OWN:
        # Australia's basic rates have no GST Free Exports; then exports are GST Free Income.
        return books.tax_rates.get("EXEMPTOUTPUT") if row.tax_type == "EXEMPTEXPORT" else None
    sales = [rate for rate in books.tax_rates.values() if rate.active and "REVENUE" in rate.groups]
    same = [rate for rate in sales if rate.percent == row.rate]
    if row.rate == 0:
        same = [rate for rate in same if "zero" in rate.name.lower() or "0%" in rate.name] or same
    named = [rate for rate in same if row.region and row.region in rate.name.split()]
    return next(iter(sorted(named or same, key=lambda rate: rate.tax_type)), None)


def _find_default(text: str, books: Books) -> Account | None:
    known = books.accounts.get(_find_row(text, "default") or "")
    if known is not None and known.active and known.group == "REVENUE":
        return known
    sales = _sales(books)
    return next(iter(sales), None)


def _sales(books: Books) -> Sequence[Account]:
    found = [account for account in books.accounts.values() if account.active and account.kind in SALES]
    return sorted(found, key=lambda account: (SALES.index(account.kind), account.code))


def _find_account(words: Sequence[str], books: Books) -> Account | None:
    found = [
        account
        for account in books.accounts.values()
        if account.active
        and account.group in ("REVENUE", "LIABILITY")
        and any(w in account.name.lower() for w in words)
    ]
    return next(iter(sorted(found, key=lambda account: account.code)), None)


def _find_row(text: str, row: str) -> str | None:
    found = re.search(rf'^{re.escape(row)}:\s*"?([^"\s#]+)', text, flags=re.MULTILINE)
    return found[1] if found else None
