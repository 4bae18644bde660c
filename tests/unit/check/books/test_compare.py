"""What an organisation's books are compared with, as a pure function: roles of accounts, rates, days and room."""

from datetime import date
from decimal import Decimal

import pytest

from segxero.check.books.compare import ZONES, compare_books
from segxero.check.finding import State
from segxero.mapping.files.loader import load
from segxero.xero.books.parts import Account, Books, Category, TaxRate
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.mapping_files import write_mappings

TODAY = date(2026, 11, 24)
ALL = frozenset({"ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE"})
BANK_ID = "0a1b2c3d-5c72-4924-91b1-07f1472eb4c3"
PAYMENT = """\
- name: paid
  object: Payment
  trigger: type = "track" and event = "Order Paid"
  key: $.properties.order_id
  fields: {Order: $.properties.order_id, Amount: $.properties.total, Account: "%s"}
"""
ORDER = """\
- name: order
  object: Order
  trigger: type = "track" and event = "Order Completed"
  key: $.properties.order_id
  fields: {Fact: version, Total: $.properties.total}
"""
ITEM = """\
- name: product
  object: Item
  trigger: type = "track" and event = "Product Added"
  key: $.properties.sku
  fields: {Name: $.properties.name}
"""
LABEL = """\
- name: label-%(name)s
  object: TrackingOption
  trigger: type = "track" and event = "Order Completed"
  key: {"@template": "%(name)s: {{properties.shop}}"}
  fields: {Category: %(name)s, Option: $.properties.shop}
"""


def account(code, kind="REVENUE", group="REVENUE", **more):
    values = {"name": f"Account {code}", "tax_type": "NONE", "active": True, "takes_payments": kind == "BANK"}
    return Account(code=code, kind=kind, group=group, **{**values, **more})


ACCOUNTS = (
    account("200"),
    account("090", "BANK", "ASSET"),
    account("310", "DIRECTCOSTS", "EXPENSE"),
    account("630", "INVENTORY", "ASSET"),
    account("880", "EQUITY", "EQUITY", takes_payments=True),
)
BOOKS = {
    "name": "Shop",
    "base_currency": "NZD",
    "country": "NZ",
    "time_zone": "UTC",
    "accounts": {one.code: one for one in ACCOUNTS},
    "account_ids": {BANK_ID: account("", "BANK", "ASSET")},
    "tax_rates": {
        name: TaxRate(tax_type=name, name=name, percent=Decimal(percent), active=True, groups=groups)
        for name, percent, groups in (("NONE", "0", ALL), ("OUTPUT2", "15.0000", ALL - {"EXPENSE"}))
    },
}
TAX_ROWS = "NZ standard: 15 OUTPUT2\nNZ exempt: 0 NONE\nNZ no_supply: 0 NONE\n"


@pytest.fixture
def wrong(tmp_path):
    """Return what is not good when the accounts are *rows* and the other files and the books are as told."""

    def look(rows='default: "200"', files=None, **books):
        written = {"tables/accounts.yaml": rows + "\n", "tables/tax_rows.yaml": TAX_ROWS, **(files or {})}
        mappings = load(write_mappings(tmp_path / "mappings", written), FIELDS)
        found = compare_books(Books(**{**BOOKS, **books}), mappings, "main", TODAY)
        return [(one.state, one.found) for one in found if one.state is not State.GOOD]

    return look


def test_books_that_fit_have_one_good_line_for_each_subject(wrong):
    assert wrong() == []


@pytest.mark.parametrize(
    ("rows", "file", "said"),
    [
        ('default: "200"\npaypal: "090"', {}, "row 'paypal' of tables/accounts.yaml is 090 Account 090 (BANK)"),
        ('default: "200"\npaypal: "090"', {"payments.yaml": PAYMENT % "090"}, None),
        ('default: "200"\npayments: "999"', {}, None),
        ('default: "200"\npayments: "310"', {"payments.yaml": PAYMENT % "090"}, "which takes no payments"),
        ('default: "200"\npayments: "880"', {"payments.yaml": PAYMENT % "090"}, None),
        ('default: "200"', {"payments.yaml": PAYMENT % BANK_ID.upper()}, None),
        ('default: "200"', {"payments.yaml": PAYMENT % "310"}, "paid in payments.yaml is 310 Account 310"),
        ('default: "200"\ninventory: "200"\ncost of goods: "200"', {}, None),
        ('default: "200"\ninventory: "630"\ncost of goods: "310"', {"items.yaml": ITEM}, None),
        ('default: "200"\ninventory: "310"', {"items.yaml": ITEM}, "is not an inventory account"),
        ('default: "200"\ncost of goods: "630"', {"items.yaml": ITEM}, "is not a direct costs account"),
        ('default: "630"', {}, "which takes no sales lines"),
        ('Games: "200"', {}, "tables/accounts.yaml has no row 'default'"),
    ],
)
def test_an_account_is_judged_by_what_is_written_to_it(wrong, rows, file, said):
    found = wrong(rows, file)
    assert len(found) == (said is not None), found
    assert all(said in text for _, text in found)


def test_a_tax_type_must_fit_the_accounts_of_the_lines_and_no_other(wrong):
    rows = 'default: "200"\nrefund: "310"\npayments: "310"'
    assert wrong(rows) == [(State.FAULT, "OUTPUT2 (OUTPUT2) cannot be used with account 310")]


ORDER = """\
- name: order
  object: Order
  trigger: type = "track" and event = "Order Completed"
  key: $.properties.order_id
  without_key: skip
  fields: {Total: $.properties.total}
"""


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("card: 090 money at_checkout refundable", []),
        ("card: 090", []),
        ("gift_card: 880 gift_card at_checkout", []),
        (
            "gift_card: 200 gift_card",
            [
                "row 'gift_card' of tables/payment_methods.yaml is 200 Account 200 (REVENUE), which takes no payments",
            ],
        ),
        ("card: 999 money", ["row 'card' of tables/payment_methods.yaml is 999, which Xero does not have"]),
        (
            "card: 090 mony refundible",
            [
                "row 'card' of tables/payment_methods.yaml has the word 'mony', which means nothing there",
                "row 'card' of tables/payment_methods.yaml has the word 'refundible', which means nothing there",
            ],
        ),
    ],
)
def test_p2_a_way_of_paying_needs_an_account_that_takes_payments_and_words_that_are_read(wrong, row, said):
    files = {"orders.yaml": ORDER, "tables/payment_methods.yaml": f"{row}\n"}
    assert wrong(files=files) == [(State.FAULT, text) for text in said]


def test_p2_ways_of_paying_are_not_judged_without_orders(wrong):
    assert wrong(files={"tables/payment_methods.yaml": "card: 999 mony\n"}) == []


def test_t23_a_row_whose_code_the_organisation_does_not_have_names_its_own(wrong):
    table = "AU standard: 10 OUTPUT2\nAU no_supply: 0 BASEXCLUDED\n"
    rates = {
        name: TaxRate(tax_type=name, name=words, percent=Decimal(percent), active=True, groups=ALL)
        for name, words, percent in (("OUTPUT", "GST on Income", "10"), ("BASEXCLUDED", "BAS Excluded", "0"))
    }
    assert wrong(files={"tables/tax_rows.yaml": table}, country="AU", tax_rates=rates) == [
        (State.FAULT, "row 'AU standard' of tables/tax_rows.yaml is OUTPUT2, which Xero does not have")
    ]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("NZ reduced: 10 OUTPUT2", "row 'NZ reduced' of tables/tax_rows.yaml is OUTPUT2 (OUTPUT2), which is 15 %"),
        ("NZ luxury: 25 OUTPUT2", "row 'NZ luxury' of tables/tax_rows.yaml cannot be read"),
        ("NZ export: 0 EXPORTS", "row 'NZ export' of tables/tax_rows.yaml is EXPORTS, which Xero does not have"),
    ],
)
def test_t23_a_row_that_says_otherwise_than_xero_is_a_fault(wrong, row, found):
    assert wrong(files={"tables/tax_rows.yaml": f"{TAX_ROWS}{row}\n"}) == [(State.FAULT, found)]


def test_t23_a_rate_of_past_years_may_be_gone(wrong):
    table = f"{TAX_ROWS}NZ standard 2010: 12.5 OUTPUT12 to 2010-09-30\n"
    assert [state for state, _ in wrong(files={"tables/tax_rows.yaml": table})] == [State.NOTE]


def test_t23_rows_of_another_country_are_a_fault(wrong):
    found = "the rows of tables/tax_rows.yaml are those of NZ, and the organisation is in AU"
    assert (State.FAULT, found) in wrong(country="AU")


def test_t21_the_retired_table_is_told_its_successor(wrong):
    found = "tables/tax_types.yaml is no longer read: its successor is tables/tax_rows.yaml, where nothing decides"
    old = {"tables/tax_types.yaml": '"15": OUTPUT2\notherwise: OUTPUT2\n'}
    assert wrong(files=old) == [(State.NOTE, f"{found} `otherwise`")]


@pytest.mark.parametrize(
    ("zone", "word", "differs"),
    [
        ("UTC", "UTC", False),
        ("Europe/London", "GMTSTANDARDTIME", False),
        ("Europe/Dublin", "GMTSTANDARDTIME", False),
        ("Etc/GMT", "GMTSTANDARDTIME", True),
        ("Pacific/Auckland", "NEWZEALANDSTANDARDTIME", False),
        ("UTC", "NEWZEALANDSTANDARDTIME", True),
        ("UTC", "AWORDTHATNOBODYKNOWS", False),
    ],
)
def test_days_are_compared_by_their_hours_and_not_by_names(wrong, zone, word, differs):
    files = {"organisations.yaml": f"main: {{sources: all, time_zone: {zone}}}\n"}
    assert [state for state, _ in wrong(files=files, time_zone=word)] == [State.NOTE] * differs


def test_xeros_words_for_the_zones_of_its_countries_are_known():
    words = ("NEWZEALANDSTANDARDTIME", "AUSEASTERNSTANDARDTIME", "GMTSTANDARDTIME", "EASTERNSTANDARDTIME", "UTC")
    assert [word in ZONES for word in words] == [True] * 5


@pytest.mark.parametrize(
    ("named", "active", "archived", "state"),
    [
        (("A", "B"), (), (), None),
        (("A", "B"), ("a",), (), None),
        (("A", "B", "C"), (), (), State.NOTE),
        (("A", "B", "C"), ("A", "B"), (), State.NOTE),
        (("A", "B"), ("X",), (), State.FAULT),
        (("A",), ("X", "Y"), (), State.FAULT),
        (("A",), (), ("A",), State.FAULT),
        (("A",), (), ("W", "X", "Y"), None),
        (("A", "B"), (), ("W", "X", "Y"), State.FAULT),
        ((), ("X", "Y"), (), None),
    ],
)
def test_a_category_is_there_or_finds_room_among_two_active_and_four_in_all(wrong, named, active, archived, state):
    files = {"tracking.yaml": "".join(LABEL % {"name": name} for name in named) or None}
    categories = [Category(name=name, active=name in active, options=frozenset()) for name in (*active, *archived)]
    assert [one for one, _ in wrong(files=files, categories=tuple(categories))] == ([state] if state else [])


def test_a_lock_date_is_shown_and_one_ahead_is_worth_a_note(wrong):
    assert wrong(locks=(date(2026, 11, 23),)) == []
    assert wrong(locks=(date(2026, 11, 24),)) == [
        (State.NOTE, "all days before 2026-11-25 are locked, so today's orders cannot be booked")
    ]


def test_rows_of_the_organisation_go_before_those_of_the_files(wrong):
    own = 'main: {sources: all, currency: EUR, tables: {accounts: {default: "090"}}}\n'
    assert wrong(files={"organisations.yaml": own}, currencies=frozenset({"NZD"})) == [
        (State.FAULT, "row 'default' of tables/accounts.yaml is 090 Account 090 (BANK), which takes no sales lines"),
        (State.FAULT, "organisations.yaml says EUR, which is not enabled in Xero"),
    ]


def test_rows_of_a_shop_are_looked_at_too_and_each_fault_is_told_once(wrong):
    own = (
        "main:\n  sources: all\n  shops:\n"
        '    outlet: {sources: [out], prefix: OUT-, tables: {accounts: {shipping: "999", discount: "090"}}}\n'
    )
    assert wrong('default: "200"\ndiscount: "090"', {"organisations.yaml": own}) == [
        (State.FAULT, "row 'discount' of tables/accounts.yaml is 090 Account 090 (BANK), which takes no sales lines"),
        (State.FAULT, "row 'shipping' of tables/accounts.yaml is 999, which Xero does not have"),
    ]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("card: 090 money at_checkout refundable", []),
        ("card: 880 money at_checkout", []),
        (
            "card: 310 money at_checkout",
            ["row 'card' of tables/payment_methods.yaml is 310 Account 310 (DIRECTCOSTS), which takes no payments"],
        ),
        ("zip: 999 later", ["row 'zip' of tables/payment_methods.yaml is 999, which Xero does not have"]),
    ],
)
def test_the_account_of_a_way_of_paying_takes_payments_once_orders_are_booked(wrong, row, found):
    files = {"tables/payment_methods.yaml": row + "\n", "orders.yaml": ORDER}
    assert [text for _, text in wrong(files=files)] == found
