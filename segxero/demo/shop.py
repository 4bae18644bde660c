"""The shop of the demo: its products, markets and customers, all made up. Visits and orders are made of them."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A country: its currency, its price level against home, its tax, and the price of a parcel there."""

    currency: str
    level: Decimal
    tax: Decimal
    tax_included: bool
    shipping: Decimal
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Something to buy; *price* is in the currency at home."""

    sku: str
    name: str
    category: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer; market and e-mail address follow from the table below."""

    user_id: str
    name: str
    country: str
    city: str

    @property
    def market(self) -> Market:
        return MARKETS[self.country]

    @property
    def email(self) -> str:
        plain = unicodedata.normalize("NFKD", self.name.lower().replace(" ", ".").replace("'", ""))
        return f"{plain.encode('ascii', 'ignore').decode()}@{self.market.host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A business customer and the numbers of its people in PEOPLE."""

    group_id: str
    name: str
    city: str
    people: tuple[int, ...]


def _market(currency: str, level: str, tax: str, shipping: str, host: str, *, included: bool = False) -> Market:
    return Market(
        currency=currency,
        level=Decimal(level),
        tax=Decimal(tax),
        tax_included=included,
        shipping=Decimal(shipping),
        host=host,
    )


# Prices at home contain 15 % GST; Australia adds 10 % at the checkout; parcels to other countries are free of tax.
# New York is the exception: it asks for 8.875 % on goods. Tax of other countries stands on lines of its own.
MARKETS = {
    "New Zealand": _market("NZD", "1", "0.15", "6.50", "example.com", included=True),
    "Australia": _market("AUD", "0.91", "0.10", "11.90", "example.net"),
    "United Kingdom": _market("GBP", "0.46", "0", "14.00", "example.org"),
    "United States": _market("USD", "0.60", "0", "18.00", "us.example.com"),
    "Germany": _market("EUR", "0.54", "0", "16.50", "de.example.org"),
}
NEW_YORK, NEW_YORK_TAX = "New York", Decimal("0.08875")

CATALOGUE = tuple(
    Product(sku=sku, name=name, category=category, price=Decimal(price))
    for sku, name, category, price in (
        ("BG-01", "Catan", "Board games", "74.90"),
        ("BG-02", "Ticket to Ride", "Board games", "69.95"),
        ("BG-03", "Carcassonne", "Board games", "54.50"),
        ("CG-01", "UNO", "Card games", "12.35"),
        ("CG-02", "Playing cards, linen", "Card games", "9.90"),
        ("PZ-01", "Puzzle: Milford Sound, 1000 pieces", "Puzzles", "34.00"),
        ("PZ-02", "Puzzle: Kea, 500 pieces", "Puzzles", "27.45"),
        ("CL-01", "Chess set, rimu wood", "Classics", "129.00"),
        ("CL-02", "Dice, set of seven", "Classics", "8.75"),
    )
)

CHANNELS = ("Web shop", "Mobile app", "Web shop", "Market stall")
CAMPAIGNS = ("Spring sale", "", "Newsletter", "", "Rainy day games", "")

_PEOPLE = """
New Zealand    | Wellington   | Aroha Ngata, Liam Walker, Sophie Martin, Mere Parata, Jack Thompson, Ngaio Reid
New Zealand    | Auckland     | Olivia Chen, Noah Patel, Isla Robinson, Tane Wiremu, Charlotte Evans, Mason Lee
New Zealand    | Christchurch | Ella Campbell, George Hughes, Ruby Anderson, Hemi Walters, Zoë Fraser, Theo Grant
New Zealand    | Dunedin      | Amelia Scott, Oscar Murray, Grace Sinclair, Finn O'Brien
Australia      | Melbourne    | Ava Nguyen, William Jones, Matilda Brown, Lachlan Kelly, Chloe Papas, Hamish Ward
Australia      | Sydney       | Mia Rossi, Cooper Davies, Evie Wilson, Angus Taylor, Poppy Hall
United Kingdom | London       | Harriet Clarke, Arjun Shah, Freya Wood, Alfie Baker, Imogen Price, Callum Ross
United Kingdom | Edinburgh    | Eilidh Stewart, Rory Cameron, Maisie Bell
United States  | New York     | Emma Johnson, Mateo García, Hannah Cohen, Jamal Carter, Sofia Rivera
United States  | Portland     | Abigail Moore, Ethan Nelson, Lily Park, Caleb Young
Germany        | Berlin       | Lena Müller, Jonas Weber, Mia Schäfer, Paul Becker, Sophie Martin, Emil Wagner
Germany        | Hamburg      | Clara Hoffmann, Felix Krüger, Ida Vogel, Max König
"""


def _people() -> Iterator[Person]:
    number = 0
    for row in _PEOPLE.strip().splitlines():
        country, city, names = (part.strip() for part in row.split("|"))
        for name in names.split(", "):
            number += 1
            yield Person(user_id=f"u-{1000 + number}", name=name, country=country, city=city)


PEOPLE = tuple(_people())

COMPANIES = (
    Company(group_id="c-201", name="Harbour Café Ltd", city="Wellington", people=(1, 3)),
    Company(group_id="c-202", name="Tūī Primary School", city="Auckland", people=(8, 9)),
    Company(group_id="c-203", name="Southern Holiday Park", city="Dunedin", people=(19,)),
    Company(group_id="c-204", name="Brunswick Games Night", city="Melbourne", people=(22, 23)),
    Company(group_id="c-205", name="Spielecafé Kreuzberg", city="Berlin", people=(51,)),
)


def round_to_cents(amount: Decimal) -> Decimal:
    """Round as a shop's till does: half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)
