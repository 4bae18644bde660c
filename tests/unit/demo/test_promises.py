from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from segxero.dead_letters import DeadLetter
from segxero.demo import promises, traffic
from segxero.demo.outcome import DayOutcome, add_up
from segxero.demo.standing import DemoStanding, Parked

FIGURES = {
    "writes": 17,
    "limit_breaches": {},
    "calls_over_50_elements": 0,
    "calls_during_retry_after": 0,
}


@pytest.fixture(scope="module")
def made():
    return traffic.make_day(date(2026, 11, 23))


@pytest.fixture
def good(made):
    """What a day ends with when all goes well."""
    currencies = {}
    for order in made.orders:
        row = currencies.setdefault(order.currency, {"Total": Decimal(0)})
        row["Total"] += order.total if order.agrees else Decimal(0)
    contacts = [
        contact(made.late.user_id, "Max König", made.late.phone),
        contact("u-1003", "Sophie Martin (a@example.com)", "1"),
        contact("u-1056", "Sophie Martin (b@example.com)", "2"),
    ]
    parked = Parked(organisation="main", object="Order", key=made.disagreeing, reason="the sums disagree")
    letter = DeadLetter(error="InvalidEventError", message="", next_step="", queue="events", key=made.unreadable)
    return DayOutcome(
        standing=DemoStanding(inbox=0, outbox=0, flights=0, parked=(parked,)),
        counts={"events|accepted": 144, "events|ignored": 316, "events|test": 1, "events|rejected": 1},
        letters=(letter,),
        records={
            "Contacts": contacts,
            "Invoices": [changed_invoice(made)],
            "TrackingCategories": [],
            "CreditNotes": [{"Status": "PAID", "CurrencyCode": "NZD", "Total": made.later.refunded}],
            "Payments": [{"Status": "AUTHORISED", "Invoice": {"InvoiceID": "i"}, "Amount": made.later.paid}],
        },
        summary={**FIGURES, "invoices_by_currency": currencies},
    )


def changed_invoice(made):
    lines = [("Catan", "9.77"), ("Donated puzzle", "0.00"), ("Shipping", "0.85")]
    return {
        "InvoiceID": "i",
        "InvoiceNumber": made.later.changed,
        "CurrencyCode": "NZD",
        "LineItems": [{"Description": name, "TaxAmount": Decimal(tax)} for name, tax in lines],
    }


def contact(number, name, phone):
    phones = [{"PhoneType": "DEFAULT", "PhoneNumber": phone}, {"PhoneType": "FAX", "PhoneNumber": ""}]
    return {"ContactNumber": number, "Name": name, "Phones": phones}


def broken(made, outcome):
    return [promise.found for promise in promises.judge_day(made, outcome) if not promise.kept]


def test_a_good_day_keeps_every_promise(made, good):
    assert broken(made, good) == []
    assert [promise.kept for promise in promises.judge_repetition(good, good)] == [True, True]


def test_the_set_aside_order_is_the_only_difference_between_the_books(made, good):
    (order,) = [order for order in made.orders if not order.agrees]
    (row,) = [row for row in add_up(made, good) if row.currency == order.currency]
    assert (row.set_aside, row.ordered - row.invoiced, row.difference) == (order.total, order.total, 0)


def test_a_missing_cent_is_told_with_its_currency(made, good):
    currencies = {**good.summary["invoices_by_currency"]}
    currencies["EUR"] = {"Total": currencies["EUR"]["Total"] - Decimal("0.01")}
    short = replace(good, summary={**good.summary, "invoices_by_currency": currencies})
    assert broken(made, short) == ["they differ in EUR by 0.01"]


def test_a_payment_or_a_refund_that_xero_lacks_is_told(made, good):
    for name, amount in (("Payments", made.later.paid), ("CreditNotes", -made.later.refunded)):
        less = replace(good, records={**good.records, name: []})
        assert broken(made, less) == [f"they differ in NZD by {amount}"]


def test_an_exempt_product_that_is_taxed_is_told(made, good):
    taxed = changed_invoice(made)
    taxed["LineItems"][1]["TaxAmount"] = Decimal("0.65")
    wrong = replace(good, records={**good.records, "Invoices": [taxed]})
    assert broken(made, wrong) == [f"1 invoices are called {made.later.changed}; free of tax are no lines"]


def test_a_lost_event_is_told_with_both_numbers(made, good):
    lost = replace(good, counts={**good.counts, "events|accepted": 143})
    assert broken(made, lost) == ["462 were posted and 461 are accounted for"]


def test_a_second_parked_record_is_named(made, good):
    more = Parked(organisation="main", object="Order", key="K-9", reason="the order has no products")
    standing = replace(good.standing, parked=(*good.standing.parked, more))
    assert broken(made, replace(good, standing=standing)) == [
        f"{made.disagreeing}, K-9 waits, and it should be {made.disagreeing}"
    ]


def test_no_dead_letter_at_all_is_told(made, good):
    assert broken(made, replace(good, letters=())) == [f"the dead letters are none, and it should be {made.unreadable}"]


def test_an_old_telephone_number_in_xero_is_told(made, good):
    contacts = [contact(made.late.user_id, "Max König", "+64 4 555 0000"), *good.records["Contacts"][1:]]
    old = replace(good, records={**good.records, "Contacts": contacts})
    assert broken(made, old) == ["Max König has +64 4 555 0000"]


def test_a_call_over_a_limit_is_told(made, good):
    over = replace(good, summary={**good.summary, "limit_breaches": {"minute": 2}})
    assert broken(made, over) == ["2 calls broke a limit: {'minute': 2}"]


def test_a_repetition_that_writes_or_changes_something_is_told(good):
    records = {**good.records, "Contacts": good.records["Contacts"][1:]}
    after = replace(good, summary={**good.summary, "writes": 18}, records=records)
    told = [promise.found for promise in promises.judge_repetition(good, after) if not promise.kept]
    assert told == ["1 write calls were made", "the records differ from those before"]
