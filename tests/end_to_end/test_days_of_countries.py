"""The typical day of a shop in four countries, booked as `segxero init` sets its organisation up (T24, W)."""

import shutil
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from segxero.demo import LocalStack
from segxero.demo.stack import PROJECT
from tests.support.processes.command import Said, segxero
from tests.support.segment.shop_events import order, product, tracked

pytestmark = pytest.mark.timeout(300)

ANSWERS = ("--sells", "standard,zero_rated", "--registered", "--ships-abroad", "--tax-on-top", "--yes")
LINE = ("Description", "AccountCode", "TaxType", "LineAmount", "TaxAmount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A country: an address at home, another country, and the tax of a basket of 88.00 and of a toy of 10.00."""

    home: dict[str, str]
    abroad: str
    basket: str
    toy: str


PLACES = {
    "AU": Place(home={"country": "AU", "region": "NSW"}, abroad="NZ", basket="8.80", toy="1.00"),
    "NZ": Place(home={"country": "NZ"}, abroad="AU", basket="13.20", toy="1.50"),
    "GB": Place(home={"country": "GB", "postal_code": "SW1A 1AA"}, abroad="US", basket="17.60", toy="2.00"),
    "US": Place(home={"country": "US", "region": "NY"}, abroad="CA", basket="7.81", toy="0.89"),
}


def day(place):
    """Make the events: a basket with shipping, of which one mug comes back, a mixed basket, an export, a gift card."""
    home = {"shipping_address": place.home}
    mugs = product("Mug", "40.00", 2, sku="MUG")
    book = product("Book", "30.00", tax=Decimal("0.00"))
    toy = product("Toy", "10.00", tax=Decimal(place.toy))
    card = product("Gift card", "50.00", gift_card=True)
    basket, mixed = str(88 + Decimal(place.basket)), str(40 + Decimal(place.toy))
    return [
        order("1001", "u1", products=[mugs], shipping="8.00", tax=place.basket, total=basket, **home),
        order("1002", "u2", at=1, products=[book, toy], tax=place.toy, total=mixed, **home),
        order("1003", "u3", at=2, tax="0.00", total="20.00", shipping_address={"country": place.abroad}),
        order("1004", "u4", at=3, products=[card], tax="0.00", total="50.00", **home),
        tracked("Order Refunded", "1001", at=60, refund_id="r1", products=[{**mugs, "quantity": 1}]),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """The outcome of a day: the commands' answers, Xero's records, and what is left for a person."""

    init: Said
    check: Said
    records: Any
    parked: tuple[Any, ...]
    letters: list[Any]


def book(country):
    with tempfile.TemporaryDirectory() as directory:
        mappings = Path(shutil.copytree(PROJECT / "mappings", Path(directory) / "mappings"))
        # The files are written first: a worker would see them only seconds later.
        with LocalStack(("web",), mappings=mappings, sandbox={"country": country}) as stack:
            stack.wait_ready()
            init = segxero(stack.env, "init", *ANSWERS)
        with LocalStack(mappings=mappings, sandbox={"country": country}) as stack:
            stack.wait_ready()
            check = segxero(stack.env, "check")
            stack.post(day(PLACES[country]))
            parked = stack.settle().parked
            return Booked(
                init=init, check=check, records=stack.records(), parked=parked, letters=list(stack.dead_letters)
            )


EXPECTED = {
    "AU": {
        "1001": ["Mug 200 OUTPUT 80.00 8.00", "Shipping 200 OUTPUT 8.00 0.80"],
        "1002": ["Book 200 EXEMPTOUTPUT 30.00 0.00", "Toy 200 OUTPUT 10.00 1.00"],
        "1003": ["Mug 200 EXEMPTEXPORT 20.00 0.00"],
        "1004": ["Gift card 825 BASEXCLUDED 50.00 0.00"],
        "1001-R-r1": ["Mug 200 OUTPUT 40.00 4.00"],
    },
    "NZ": {
        "1001": ["Mug 200 OUTPUT2 80.00 12.00", "Shipping 200 OUTPUT2 8.00 1.20"],
        "1002": ["Book 200 ZERORATED 30.00 0.00", "Toy 200 OUTPUT2 10.00 1.50"],
        "1003": ["Mug 200 ZERORATED 20.00 0.00"],
        "1004": ["Gift card 825 NONE 50.00 0.00"],
        "1001-R-r1": ["Mug 200 OUTPUT2 40.00 6.00"],
    },
    "GB": {
        "1001": ["Mug 200 OUTPUT2 80.00 16.00", "Shipping 200 OUTPUT2 8.00 1.60"],
        "1002": ["Book 200 ZERORATEDOUTPUT 30.00 0.00", "Toy 200 OUTPUT2 10.00 2.00"],
        "1003": ["Mug 200 ZERORATEDOUTPUT 20.00 0.00"],
        "1004": ["Gift card 825 NONE 50.00 0.00"],
        "1001-R-r1": ["Mug 200 OUTPUT2 40.00 8.00"],
    },
    "US": {
        "1001": [
            "Mug 200 NONE 80.00 0.00",
            "Shipping 200 NONE 8.00 0.00",
            "Sales tax NY 820 NONE 7.81 0.00",
        ],
        "1002": ["Book 200 NONE 30.00 0.00", "Toy 200 NONE 10.00 0.00", "Sales tax NY 820 NONE 0.89 0.00"],
        "1003": ["Mug 200 NONE 20.00 0.00"],
        "1004": ["Gift card 825 NONE 50.00 0.00"],
        # 7.81 x 40 / 88 = 3.55
        "1001-R-r1": ["Mug 200 NONE 40.00 0.00", "Sales tax NY 820 NONE 3.55 0.00"],
    },
}


def spell(records):
    documents = {each["InvoiceNumber"]: each for each in records["Invoices"]}
    documents |= {each["CreditNoteNumber"]: each for each in records["CreditNotes"]}
    return {
        number: [" ".join(str(line[name]) for name in LINE) for line in each["LineItems"]]
        for number, each in documents.items()
    }


@pytest.mark.parametrize("country", PLACES)
def test_t24_the_day_of_a_country_is_booked_out_of_the_box_after_init(country):
    booked = book(country)
    assert (booked.init.status, booked.check.status) == (0, 0), booked.init.err + booked.check.out
    assert (booked.parked, booked.letters) == ((), [])
    assert spell(booked.records) == EXPECTED[country]
    due = {each["InvoiceNumber"]: each["AmountDue"] for each in booked.records["Invoices"]}
    place = PLACES[country]
    credit = {"AU": "44.00", "NZ": "46.00", "GB": "48.00", "US": "43.55"}[country]
    assert due == {
        "1001": 88 + Decimal(place.basket) - Decimal(credit),
        "1002": 40 + Decimal(place.toy),
        "1003": Decimal("20.00"),
        "1004": Decimal("50.00"),
    }
