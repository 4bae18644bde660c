"""Credit notes and their allocations: numbers, sums, and what Xero refuses."""

from decimal import Decimal

import pytest

from segxero.sandbox.objects.allocations import (
    ALREADY_PAID,
    INVOICE_NOT_OPEN,
    NOTE_NOT_OPEN,
    OTHER_CONTACT,
    OTHER_CURRENCY,
    TOO_MUCH,
)
from segxero.sandbox.objects.credit_notes import NOT_MODIFIABLE, NOT_UNIQUE, UNKNOWN_NOTE
from segxero.sandbox.objects.invoice_rules import NO_LINES, SETTLED
from tests.support.xero.sandbox_client import connected, credit, line

D = Decimal
UNKNOWN = "d4ad8fd6-5c72-4924-91b1-07f1472eb4c3"


@pytest.fixture
def xero():
    return connected()


def made(xero, **fields):
    return xero.put("CreditNotes", {"CreditNotes": [credit(**fields)]}).only("CreditNotes")


def allocate(xero, note, invoice, amount):
    body = {"Allocations": [{"Amount": amount, "Date": "2026-11-21", "Invoice": {"InvoiceID": invoice["InvoiceID"]}}]}
    return xero.put(f"CreditNotes/{note['CreditNoteID']}/Allocations", body)


def note_of(xero, note):
    return xero.get(f"CreditNotes/{note['CreditNoteID']}").only("CreditNotes")


def invoice_of(xero, invoice):
    return xero.get(f"Invoices/{invoice['InvoiceID']}").only("Invoices")


def refusal(xero, **fields):
    return xero.put("CreditNotes", {"CreditNotes": [credit(**fields)]}).errors()


def test_a_credit_note_has_its_sums_and_what_remains_of_it(xero):
    note = made(xero, CreditNoteNumber="C-1", Reference="O-1")
    assert (note["Total"], note["RemainingCredit"], note["Status"]) == (D("23.00"), D("23.00"), "AUTHORISED")
    assert (note["CreditNoteNumber"], note["ID"], note["Allocations"]) == ("C-1", note["CreditNoteID"], [])
    assert made(xero)["CreditNoteNumber"] == "CN-0001"
    assert note_of(xero, note)["LineItems"][0]["LineAmount"] == D("20.00")


def test_lists_have_lines_with_pages_only_and_are_found_by_number_and_reference(xero):
    made(xero, CreditNoteNumber="C-1", Reference="O-1")
    for where in ('CreditNoteNumber=="C-1"', 'Reference=="O-1"', 'CreditNoteNumber=="x" OR CreditNoteNumber=="c-1"'):
        assert xero.get(f"CreditNotes?where={where}").only("CreditNotes")["LineItems"] == []
        assert len(xero.get(f"CreditNotes?where={where}&page=1").only("CreditNotes")["LineItems"]) == 1
    assert xero.get('CreditNotes?where=Reference=="x"').json["CreditNotes"] == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"CreditNoteNumber": "C-1"}, NOT_UNIQUE),
        ({"Type": None}, "Credit Note not of valid type for creation"),
        ({"Status": "PAID"}, "Credit Note not of valid status for creation"),
        ({"LineItems": []}, NO_LINES),
        ({"CurrencyCode": "CHF"}, "Organisation is not subscribed to currency CHF"),
        ({"CreditNoteNumber": "x" * 256}, "The field CreditNoteNumber must be a string with a maximum length of 255."),
        ({"LineItems": [line(DiscountRate=10)]}, "Discounts can only be given on sales invoices and quotes."),
    ],
)
def test_a_wrong_one_is_refused_and_nothing_is_written(xero, fields, sentence):
    made(xero, CreditNoteNumber="C-1")
    assert refusal(xero, **fields) == [sentence]
    assert len(xero.get("CreditNotes").json["CreditNotes"]) == 1


def test_a_locked_period_takes_no_credit_note(xero):
    xero.control("POST", "settings", {"period_lock_date": "2026-11-30"})
    assert refusal(xero)[0].startswith("The document date cannot be before the period lock date")


def test_post_edits_by_id_or_number_until_something_is_allocated(xero):
    note, invoice = made(xero, CreditNoteNumber="C-1"), xero.invoice()
    by_number = {**credit(CreditNoteNumber="C-1"), "Reference": "new"}
    assert xero.post("CreditNotes", {"CreditNotes": [by_number]}).only("CreditNotes")["Reference"] == "new"
    allocate(xero, note, invoice, 5)
    change = {"CreditNoteID": note["CreditNoteID"], "LineItems": [line(Quantity=1)]}
    assert xero.post("CreditNotes", {"CreditNotes": [change]}).errors() == [SETTLED]
    void = {"CreditNoteID": note["CreditNoteID"], "Status": "VOIDED"}
    assert xero.post("CreditNotes", {"CreditNotes": [void]}).errors() == [SETTLED]
    unknown = {"CreditNoteID": UNKNOWN, "Reference": "x"}
    assert xero.post("CreditNotes", {"CreditNotes": [unknown]}).errors() == [UNKNOWN_NOTE]
    assert note_of(xero, note)["Total"] == D("23.00")


def test_a_voided_one_is_the_end_of_it(xero):
    note = made(xero)
    xero.post(f"CreditNotes/{note['CreditNoteID']}", {"Status": "VOIDED"}).only("CreditNotes")
    assert xero.post(f"CreditNotes/{note['CreditNoteID']}", {"Reference": "x"}).errors() == [NOT_MODIFIABLE]


def test_an_allocation_closes_both_sides_when_nothing_is_left(xero):
    note, invoice = made(xero, CreditNoteNumber="C-1"), xero.invoice()
    answer = allocate(xero, note, invoice, D("13.00")).only("Allocations")
    assert (answer["Amount"], answer["Invoice"]["InvoiceID"]) == (D("13.00"), invoice["InvoiceID"])
    assert "AllocationID" not in answer
    part = invoice_of(xero, invoice)
    assert (part["AmountDue"], part["AmountCredited"], part["Status"]) == (D("10.00"), D("13.00"), "AUTHORISED")
    assert [(one["CreditNoteNumber"], one["AppliedAmount"]) for one in part["CreditNotes"]] == [("C-1", D("13.00"))]
    allocate(xero, note, invoice, D("10.00")).only("Allocations")
    done, credited = note_of(xero, note), invoice_of(xero, invoice)
    assert (done["RemainingCredit"], done["Status"]) == (D("0.00"), "PAID")
    assert (credited["AmountDue"], credited["Status"]) == (D("0.00"), "PAID")
    assert {"FullyPaidOnDate"} <= done.keys() & credited.keys()
    assert [one["Date"] for one in done["Allocations"]] == [done["Date"]] * 2


def test_xero_takes_the_same_allocation_twice(xero):
    note, invoice = made(xero), xero.invoice()
    allocate(xero, note, invoice, 5)
    allocate(xero, note, invoice, 5)
    assert note_of(xero, note)["RemainingCredit"] == D("13.00")


def test_an_allocation_that_is_taken_back_opens_both_again(xero):
    note, invoice = made(xero), xero.invoice()
    allocate(xero, note, invoice, 23)
    (allocation,) = note_of(xero, note)["Allocations"]
    path = f"CreditNotes/{note['CreditNoteID']}/Allocations/{allocation['AllocationID']}"
    assert xero.delete(path).json == {**allocation, "IsDeleted": True}
    assert note_of(xero, note)["Status"] == invoice_of(xero, invoice)["Status"] == "AUTHORISED"
    assert invoice_of(xero, invoice)["AmountDue"] == D("23.00")
    assert "FullyPaidOnDate" not in note_of(xero, note)
    assert xero.delete(path).status == 404


@pytest.mark.parametrize(
    ("note", "invoice", "amount", "sentence"),
    [
        ({"Status": "DRAFT"}, {}, 5, NOTE_NOT_OPEN),
        ({}, {"Status": "DRAFT"}, 5, INVOICE_NOT_OPEN),
        ({}, {}, 0, TOO_MUCH),
        ({}, {}, D("23.01"), TOO_MUCH),
        ({}, {"LineItems": [line(Quantity=1)]}, 12, TOO_MUCH),
        ({"Contact": {"Name": "Ben"}}, {}, 5, OTHER_CONTACT),
        ({"CurrencyCode": "USD"}, {}, 5, OTHER_CURRENCY),
    ],
)
def test_an_allocation_that_does_not_fit_is_refused(xero, note, invoice, amount, sentence):
    credited, sold = made(xero, **note), xero.invoice(**invoice)
    assert allocate(xero, credited, sold, amount).errors() == [sentence]
    assert note_of(xero, credited)["Allocations"] == []
    assert invoice_of(xero, sold)["AmountCredited"] == D("0.00")


def test_a_paid_invoice_takes_no_allocation(xero):
    note, invoice = made(xero), xero.invoice()
    paid = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 23}
    xero.put("Payments", {"Payments": [paid]}).only("Payments")
    assert allocate(xero, note, invoice, 5).errors() == [ALREADY_PAID]


def test_unknown_ones_are_refused(xero):
    note, invoice = made(xero), xero.invoice()
    assert allocate(xero, {"CreditNoteID": UNKNOWN}, invoice, 5).errors() == [UNKNOWN_NOTE]
    assert allocate(xero, note, {"InvoiceID": UNKNOWN}, 5).errors() == [
        "An existing Invoice with the specified InvoiceID could not be found"
    ]
    assert xero.get(f"CreditNotes/{UNKNOWN}").status == 404


def test_money_on_an_invoice_keeps_its_sums_from_being_changed(xero):
    note, invoice = made(xero), xero.invoice()
    allocate(xero, note, invoice, 5)
    change = {"InvoiceID": invoice["InvoiceID"], "LineItems": [line(Quantity=3)]}
    assert xero.post("Invoices", {"Invoices": [change]}).errors() == [SETTLED]
    renamed = {"InvoiceID": invoice["InvoiceID"], "Reference": "new"}
    assert xero.post("Invoices", {"Invoices": [renamed]}).only("Invoices")["Reference"] == "new"
    assert invoice_of(xero, invoice)["AmountCredited"] == D("5.00")
