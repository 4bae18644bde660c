"""The table `tax_rows`: the rate and TaxType of each class of supply in a country. Pure.

A row is written `NZ standard: 15 OUTPUT2 box 5+7+8`. Its name is the country (with the region behind a hyphen), the
class, and any further word to tell rows of different dates apart. Behind rate and TaxType may stand `from` and `to`
with a date each, `parts` with the components of the rate, and `box`. The word `line` in place of a rate says that
the tax is a line of its own on a liability account; `home` says that home rates are charged there.
Called by `decision` and by `segxero check`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

TABLE = "tax_rows"
STANDARD, REDUCED, SECOND_REDUCED = "standard", "reduced", "second_reduced"
ZERO_RATED, EXEMPT, EXPORT, NO_SUPPLY = "zero_rated", "exempt", "export", "no_supply"
OUT_OF_SCOPE, FOREIGN, NOT_REGISTERED = "out_of_scope", "foreign", "not_registered"
REVERSE_CHARGE, EU_GOODS, EU_SERVICES, MARKETPLACE = "reverse_charge", "eu_goods", "eu_services", "marketplace"
THIRD_REDUCED = "third_reduced"
TAXED = (STANDARD, REDUCED, SECOND_REDUCED, THIRD_REDUCED)
UNTAXED = (ZERO_RATED, EXEMPT, OUT_OF_SCOPE)  # the classes of goods that are sold at home without tax
CLASSES = (
    *TAXED,
    *UNTAXED,
    EXPORT,
    NO_SUPPLY,
    FOREIGN,
    NOT_REGISTERED,
    REVERSE_CHARGE,
    EU_GOODS,
    EU_SERVICES,
    MARKETPLACE,
)
RATE, LINE, HOME = "rate", "line", "home"  # the forms of a row
OPTIONS = ("from", "to", "parts", "box")
ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """A row: *rate* is in percent; None where the *form* is not RATE."""

    name: str
    country: str
    region: str = ""
    tax_class: str
    rate: Decimal | None
    tax_type: str = ""
    form: str = RATE
    first: date | None = None
    last: date | None = None
    parts: tuple[Decimal, ...] = ()
    box: str = ""

    def holds_on(self, day: date) -> bool:
        """Tell whether the row is valid on *day*."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRows:
    """The rows valid on a day."""

    rows: tuple[TaxRow, ...] = field(default_factory=tuple)

    def select(self, country: str, region: str = "", *classes: str) -> list[TaxRow]:
        """Return the rows of *country* and *classes*; rows of the *region* go before rows of the whole country."""
        fitting = [row for row in self.rows if row.country == country and (not classes or row.tax_class in classes)]
        if not region:
            return fitting
        own = [row for row in fitting if row.region == region]
        covered = {row.tax_class for row in own}
        return own + [row for row in fitting if not row.region and row.tax_class not in covered]

    def find(self, country: str, tax_class: str, region: str = "") -> TaxRow | None:
        """Return the row of a class, None where there is none."""
        return next(iter(self.select(country, region, tax_class)), None)

    def find_type(self, tax_type: str) -> TaxRow | None:
        """Return a row with this TaxType."""
        return next((row for row in self.rows if row.tax_type == tax_type), None)


def read_row(name: str, text: str) -> TaxRow:
    """Read a row of the table. Raise ValueError with the reason when it is unreadable."""
    place, tax_class, *_ = [*name.split(), ""]
    country, _, region = place.partition("-")
    if tax_class not in CLASSES:
        raise ValueError(
            f"should be named by a country and a class, such as NZ standard; classes: {', '.join(CLASSES)}"
        )
    words = text.split()
    first = words.pop(0) if words else ""
    options, rest = _options(words)
    form = first if first in (LINE, HOME) else RATE
    rate = _rate(first) if form == RATE else None
    if rate is not None and len(rest) != 1:
        raise ValueError("should say a rate and a TaxType, such as 15 OUTPUT2")
    return TaxRow(
        name=name,
        country=country.upper(),
        region=region.upper(),
        tax_class=tax_class,
        rate=rate,
        tax_type=rest[0] if rest else "",
        form=form,
        first=_day(options.get("from")),
        last=_day(options.get("to")),
        parts=tuple(_rate(part) for part in options.get("parts", "").split("+") if part),
        box=options.get("box", ""),
    )


def read_rows(table: Mapping[str, Any], day: date) -> TaxRows:
    """Read the rows valid on *day*; an unreadable row is left out, and the set-up check names it."""
    return TaxRows(rows=tuple(row for row in _readable(table.items()) if row.holds_on(day)))


def _readable(rows: Iterable[tuple[str, Any]]) -> Iterable[TaxRow]:
    for name, text in rows:
        try:
            yield read_row(str(name), str(text))
        except ValueError:
            continue


def _options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    options, rest = {}, []
    left = iter(words)
    for word in left:
        if word in OPTIONS:
            options[word] = next(left, "")
        else:
            rest.append(word)
    return options, rest


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        raise ValueError(f"should begin with a rate in percent, or with `{LINE}`, not {text!r}") from None
    if not ZERO <= rate <= HUNDRED:
        raise ValueError(f"should have a rate from 0 to 100 percent, not {text}")
    return rate


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"should have a date such as 2024-01-01, not {text!r}") from None
