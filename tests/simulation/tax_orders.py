"""Orders of twelve countries whose tax types are known, because the generator chose them. Shares no code with segxero.

Each shop sells products of known classes, and rounds and states its tax in its own way. An order knows what belongs in
which box of the return: net and tax of each tax type.
"""

import random
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

CENT = Decimal("0.01")
Box = tuple[str, Decimal, Decimal]  # tax type, net, tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Rates and types by class, and whether shops there write prices with the tax in them."""

    code: str
    currency: str
    inclusive: bool
    classes: dict[str, tuple[str, str]]  # class -> rate, type
    export: str
    no_supply: str
    untaxed: str = ""  # the class of what is sold without tax, where it needs no question
    settings: dict[str, Any] = field(default_factory=dict)
    region: str = ""

    @property
    def rows(self) -> dict[str, str]:
        place = f"{self.code}-{self.region}" if self.region else self.code
        taxed = {f"{place} {name}": f"{rate} {kind}" for name, (rate, kind) in self.classes.items() if rate != "0"}
        zero = {f"{self.code} {name}": f"0 {kind}" for name, (rate, kind) in self.classes.items() if rate == "0"}
        others = {f"{self.code} export": f"0 {self.export}", f"{self.code} no_supply": f"0 {self.no_supply}"}
        return {**taxed, **zero, **others}


COUNTRIES = (
    Country(
        code="AU",
        currency="AUD",
        inclusive=True,
        classes={"standard": ("10", "OUTPUT"), "zero_rated": ("0", "EXEMPTOUTPUT")},
        export="EXEMPTEXPORT",
        no_supply="BASEXCLUDED",
    ),
    Country(
        code="NZ",
        currency="NZD",
        inclusive=True,
        classes={"standard": ("15", "OUTPUT2"), "zero_rated": ("0", "ZERORATED")},
        export="ZERORATED",
        no_supply="NONE",
    ),
    Country(
        code="GB",
        currency="GBP",
        inclusive=True,
        classes={"standard": ("20", "OUTPUT2"), "reduced": ("5", "RROUTPUT"), "zero_rated": ("0", "ZERORATEDOUTPUT")},
        export="ZERORATEDOUTPUT",
        no_supply="NONE",
    ),
    Country(
        code="US",
        currency="USD",
        inclusive=False,
        classes={"standard": ("8.875", "TAX001"), "exempt": ("0", "NONE")},
        export="NONE",
        no_supply="NONE",
        region="NY",
    ),
    Country(
        code="IE",
        currency="EUR",
        inclusive=True,
        classes={"standard": ("23", "IE23"), "reduced": ("13.5", "IE135"), "zero_rated": ("0", "IE0")},
        export="IE0",
        no_supply="NONE",
    ),
    Country(
        code="SG",
        currency="SGD",
        inclusive=False,
        classes={"standard": ("9", "OUTPUTY24")},
        export="ZERORATEDOUTPUT",
        no_supply="NONE",
    ),
    Country(
        code="ZA",
        currency="ZAR",
        inclusive=True,
        classes={"standard": ("15", "OUTPUT3"), "zero_rated": ("0", "ZERORATED")},
        export="ZERORATEDOUTPUT",
        no_supply="EXEMPTOUTPUT",
    ),
    Country(
        code="CA",
        currency="CAD",
        inclusive=False,
        classes={"standard": ("14.975", "TAXQC"), "zero_rated": ("0", "CA0")},
        export="CA0",
        no_supply="NONE",
        region="QC",
    ),
    Country(
        code="DE",
        currency="EUR",
        inclusive=True,
        classes={"standard": ("19", "DE19"), "reduced": ("7", "DE7")},
        export="DE0",
        no_supply="NONE",
    ),
    Country(
        code="FR",
        currency="EUR",
        inclusive=True,
        classes={"standard": ("20", "FR20"), "reduced": ("5.5", "FR55")},
        export="FR0",
        no_supply="NONE",
    ),
    Country(
        code="SE",
        currency="SEK",
        inclusive=True,
        classes={"standard": ("25", "SE25"), "reduced": ("12", "SE12"), "second_reduced": ("6", "SE6")},
        export="SE0",
        no_supply="NONE",
    ),
    Country(
        code="JP",
        currency="JPY",
        inclusive=True,
        classes={"standard": ("10", "JP10"), "reduced": ("8", "JP8")},
        export="JP0",
        no_supply="NONE",
    ),
)
ACCOUNTS = {"default": "200", "discount": "205", "shipping": "260", "tip": "828", "gift_cards": "825"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOrder:
    """An order as a mapping makes it, and the truth of it: its boxes and its total.

    Two roundings may come to one sum and differ by a cent between two rates. An order that states no tax by line does
    not tell which of them its shop has used, so *boxes* are all that are right.
    """

    country: Country
    fields: dict[str, Any]
    tax_classes: dict[str, str]
    boxes: list[dict[str, tuple[Decimal, Decimal]]]
    total: Decimal


@dataclass(slots=True)
class _Part:
    name: str
    tax_class: str  # a class of the country, `export` or `no_supply`
    rate: Fraction
    tax_type: str
    amount: Decimal  # as the shop writes it, before the order's discount
    quantity: int = 1
    price: Decimal = Decimal(0)
    share: Decimal = Decimal(0)  # of the order's discount
    tax: Decimal = Decimal(0)

    @property
    def base(self) -> Decimal:
        return self.amount - self.share


class Generator:
    """Makes orders; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def make(self, number: int) -> KnownOrder:
        """Make one order of one of the countries in turn."""
        country = COUNTRIES[number % len(COUNTRIES)]
        cent = Decimal(1) if country.currency == "JPY" else CENT
        abroad = self.random.random() < 0.12
        inclusive = country.inclusive and not abroad
        evidence = self.random.choices(["lines", "classes", "order"], [70, 22, 8])[0]
        goods = self._goods(country, cent, abroad=abroad, mixed=evidence != "order" or self.random.random() < 0.25)
        extras = self._extras(country, goods, cent, abroad=abroad)
        discount = self._discount(goods, cent)
        parts = [*goods, *extras]
        tax = self._tax(parts, cent, inclusive=inclusive, by_line=evidence == "lines")
        total = sum((part.base for part in parts), Decimal(0)) + (0 if inclusive else tax)
        fields: dict[str, Any] = {
            "Reference": f"S-{number}",
            "Date": "2026-11-03",
            "CurrencyCode": country.currency,
            "LineItems": [self._line(part, evidence) for part in goods],
            "Tax": tax,
            "Total": total,
            "ShipTo": {"Country": "BR"} if abroad else {"Country": country.code, "Region": country.region},
        }
        shipping = [part for part in extras if part.name == "shipping"]
        if shipping:
            fields["Shipping"] = sum(part.amount for part in shipping)
            if evidence == "lines":
                fields["ShippingTax"] = sum(part.tax for part in shipping)
        for part in extras:
            if part.name == "tip":
                fields["Tip"] = part.amount
        if discount:
            fields["Discount"] = discount
        classes = {part.name: part.tax_class for part in goods} if evidence == "classes" else {}
        return KnownOrder(
            country=country,
            fields=fields,
            tax_classes={name: kind for name, kind in classes.items() if kind not in ("export", "no_supply")},
            boxes=self._right_boxes(parts, tax, cent, inclusive=inclusive, by_line=evidence == "lines"),
            total=total,
        )

    def _goods(self, country: Country, cent: Decimal, *, abroad: bool, mixed: bool) -> list[_Part]:
        classes = list(country.classes)
        own = self.random.choices(classes, [6, *[2] * (len(classes) - 1)])[0]
        goods = []
        for number in range(self.random.choice([1, 1, 1, 2, 2, 3, 4, 7])):
            name = own if not mixed else self.random.choice(classes)
            rate, tax_type = country.classes[name]
            price = (
                Decimal(self.random.randint(150, 15000)) * cent * (100 if cent == 1 else 1) / (100 if cent == 1 else 1)
            )
            quantity = self.random.choice([1, 1, 1, 2, 3])
            goods.append(
                _Part(
                    name=f"p{number}",
                    tax_class="export" if abroad else name,
                    rate=Fraction(0) if abroad else Fraction(rate),
                    tax_type=country.export if abroad else tax_type,
                    amount=price * quantity,
                    quantity=quantity,
                    price=price,
                )
            )
        if self.random.random() < 0.03:
            goods.append(_Part("card", "no_supply", Fraction(0), country.no_supply, 5000 * cent, 1, 5000 * cent))
        return goods

    def _extras(self, country: Country, goods: list[_Part], cent: Decimal, *, abroad: bool) -> list[_Part]:
        extras = []
        sold = [part for part in goods if part.name != "card"]
        if self.random.random() < 0.5:
            amount = Decimal(self.random.choice([495, 690, 1000])) * cent
            kinds = {(part.tax_class, part.rate, part.tax_type) for part in sold}
            tax_class, rate, tax_type = next(iter(kinds))
            if len(kinds) > 1:
                # Shops charge the standard rate on the shipping of a mixed basket.
                tax_class, (text, tax_type) = "standard", country.classes["standard"]
                rate = Fraction(text)
            extras.append(_Part("shipping", tax_class, rate, tax_type, amount))
        if self.random.random() < 0.03:
            extras.append(_Part("tip", "no_supply", Fraction(0), country.no_supply, 700 * cent))
        return extras

    def _discount(self, goods: list[_Part], cent: Decimal) -> Decimal:
        if self.random.random() > 0.2:
            return Decimal(0)
        sold = [part for part in goods if part.name != "card"]
        whole = sum(part.amount for part in sold)
        discount = (whole / 10).quantize(cent, ROUND_HALF_UP)
        for part, share in zip(sold, _split(discount, [Fraction(part.amount) for part in sold], cent), strict=True):
            part.share = share
        return discount

    def _tax(self, parts: list[_Part], cent: Decimal, *, inclusive: bool, by_line: bool) -> Decimal:
        exact = [Fraction(part.base) * part.rate / (100 + part.rate if inclusive else 100) for part in parts]
        way = "line" if by_line else self.random.choice(["line", "rate"])
        return _put_taxes(parts, exact, cent, way)

    def _right_boxes(
        self, parts: list[_Part], tax: Decimal, cent: Decimal, *, inclusive: bool, by_line: bool
    ) -> list[dict[str, tuple[Decimal, Decimal]]]:
        found = [_boxes(parts, inclusive=inclusive)]
        if by_line:
            return found
        exact = [Fraction(part.base) * part.rate / (100 + part.rate if inclusive else 100) for part in parts]
        ways = ("line", "rate", "order")
        found += [_boxes(parts, inclusive=inclusive) for way in ways if _put_taxes(parts, exact, cent, way) == tax]
        return found

    def _line(self, part: _Part, evidence: str) -> dict[str, Any]:
        line: dict[str, Any] = {
            "Description": part.name,
            "Sku": part.name,
            "Quantity": part.quantity,
            "UnitAmount": part.price,
            "AccountCode": "200",
        }
        if part.name == "card":
            return {**line, "GiftCard": True}
        return {**line, "TaxAmount": part.tax} if evidence == "lines" else line


def _put_taxes(parts: list[_Part], exact: list[Fraction], cent: Decimal, way: str) -> Decimal:
    """Round the taxes of the parts by line, by rate or by order, and return their sum."""
    keys = {"line": list(range(len(parts))), "rate": [part.rate for part in parts], "order": [0] * len(parts)}[way]
    for key in dict.fromkeys(keys):
        own = [place for place, one in enumerate(keys) if one == key]
        whole = _round(sum((exact[place] for place in own), Fraction(0)), cent)
        for place, tax in zip(own, _split(whole, [exact[place] for place in own], cent), strict=True):
            parts[place].tax = tax
    return sum((part.tax for part in parts), Decimal(0))


def _round(value: Fraction, cent: Decimal) -> Decimal:
    units = value / Fraction(cent)
    whole = (units.numerator * 2 + units.denominator) // (units.denominator * 2)
    return whole * cent


def _split(total: Decimal, weights: list[Fraction], cent: Decimal) -> list[Decimal]:
    """Split a sum so that each part is off its exact share by less than a cent."""
    whole = sum(weights)
    if not whole:
        return [Decimal(0)] * len(weights)
    shares = [Fraction(total) * weight / whole / Fraction(cent) for weight in weights]
    units = [share.numerator // share.denominator for share in shares]
    left = int(total / cent) - sum(units)
    by_rest = sorted(range(len(shares)), key=lambda place: (units[place] - shares[place], place))
    for place in by_rest[:left]:
        units[place] += 1
    return [unit * cent for unit in units]


def _boxes(parts: list[_Part], *, inclusive: bool) -> dict[str, tuple[Decimal, Decimal]]:
    boxes: dict[str, tuple[Decimal, Decimal]] = {}
    for part in parts:
        net, tax = boxes.get(part.tax_type, (Decimal(0), Decimal(0)))
        own = part.base - part.tax if inclusive else part.base
        boxes[part.tax_type] = net + own, tax + part.tax
    return {kind: sums for kind, sums in boxes.items() if any(sums)}
