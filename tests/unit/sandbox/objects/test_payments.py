"""Payments: they pay, they can be deleted and nothing else, and Xero takes the same one twice."""

from decimal import Decimal

import pytest

from segxero.sandbox.objects.payments import (
    NO_ACCOUNT,
    NO_DOCUMENT,
    NOT_APPROVED,
    RECONCILED,
    TAKES_NO_PAYMENTS,
    TOO_MUCH,
)
from tests.support.xero.sandbox_client import connected, credit

D = Decimal


@pytest.fixture
def xero():
    return connected()


def pay(xero, invoice, amount=23, **fields):
    payment = {
        "Invoice": {"InvoiceID": invoice["InvoiceID"]},
        "Account": {"Code": "090"},
        "Date": "2026-11-22",
        "Amount": amount,
        **fields,
    }
    return xero.put("Payments", {"Payments": [payment]})


def invoice_of(xero, invoice):
    return xero.get(f"Invoices/{invoice['InvoiceID']}").only("Invoices")


def test_a_payment_pays_its_invoice(xero):
    invoice = xero.invoice(InvoiceNumber="O-1")
    made = pay(xero, invoice, 20, Reference="O-1-P").only("Payments")
    assert (made["Amount"], made["PaymentType"], made["Status"]) == (D("20.00"), "ACCRECPAYMENT", "AUTHORISED")
    assert (made["Account"]["Code"], made["Invoice"]["AmountDue"]) == ("090", D("3.00"))
    part = invoice_of(xero, invoice)
    assert (part["AmountPaid"], part["AmountDue"], part["Status"]) == (D("20.00"), D("3.00"), "AUTHORISED")
    assert [(one["Reference"], one["Amount"]) for one in part["Payments"]] == [("O-1-P", D("20.00"))]
    pay(xero, invoice, 3, Invoice={"InvoiceNumber": "O-1"})
    assert invoice_of(xero, invoice)["Status"] == "PAID"


def test_payments_are_found_by_reference_and_by_invoice(xero):
    invoice = xero.invoice()
    made = pay(xero, invoice, 5, Reference="mine").only("Payments")
    identity = made["PaymentID"]
    for where in ('Reference=="mine"', f'Invoice.InvoiceID==guid("{invoice["InvoiceID"]}")', 'Status=="AUTHORISED"'):
        assert xero.get(f"Payments?where={where}&page=1").only("Payments")["PaymentID"] == identity
    assert xero.get(f"Payments/{identity}").only("Payments")["Reference"] == "mine"
    assert xero.get('Payments?where=Reference=="other"').json["Payments"] == []


def test_xero_takes_the_same_payment_twice(xero):
    invoice = xero.invoice()
    for _ in range(2):
        pay(xero, invoice, 5, Reference="mine").only("Payments")
    assert invoice_of(xero, invoice)["AmountPaid"] == D("10.00")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"Amount": D("23.01")}, TOO_MUCH),
        ({"Amount": 0}, TOO_MUCH),
        ({"Account": {"Code": "999"}}, NO_ACCOUNT),
        ({"Account": {"Code": "200"}}, TAKES_NO_PAYMENTS),
        ({"Invoice": {"InvoiceNumber": "none"}}, NO_DOCUMENT),
        ({"Invoice": None}, NO_DOCUMENT),
    ],
)
def test_a_payment_that_does_not_fit_is_refused(xero, fields, sentence):
    invoice = xero.invoice()
    assert pay(xero, invoice, **fields).errors() == [sentence]
    assert invoice_of(xero, invoice)["AmountPaid"] == D("0.00")


def test_a_refused_payment_shows_what_is_due(xero):
    refused = pay(xero, xero.invoice(), 24).json["Elements"][0]
    assert (refused["Invoice"]["AmountDue"], refused["Amount"]) == (D("23.00"), 24)


def test_drafts_and_locked_periods_take_no_payment(xero):
    assert pay(xero, xero.invoice(Status="DRAFT")).errors() == [NOT_APPROVED]
    invoice = xero.invoice()
    xero.control("POST", "settings", {"period_lock_date": "2026-11-30"})
    assert pay(xero, invoice).errors()[0].startswith("The document date cannot be before the period lock date")


def test_an_equity_account_that_is_enabled_takes_payments(xero):
    assert pay(xero, xero.invoice(), Account={"Code": "880"}).only("Payments")["Account"]["Code"] == "880"


def test_a_deleted_payment_opens_its_invoice_again(xero):
    invoice = xero.invoice()
    identity = pay(xero, invoice).only("Payments")["PaymentID"]
    assert xero.post(f"Payments/{identity}", {"Amount": 3}).errors() == [NOT_APPROVED]
    assert xero.post(f"Payments/{identity}", {"Status": "DELETED"}).only("Payments")["Status"] == "DELETED"
    opened = invoice_of(xero, invoice)
    assert (opened["Status"], opened["AmountDue"], opened["Payments"]) == ("AUTHORISED", D("23.00"), [])
    assert xero.post(f"Payments/{identity}", {"Status": "DELETED"}).status == 400


def test_a_reconciled_payment_stays(xero):
    identity = pay(xero, xero.invoice(), IsReconciled=True).only("Payments")["PaymentID"]
    assert xero.post(f"Payments/{identity}", {"Status": "DELETED"}).errors() == [RECONCILED]


def test_a_credit_note_is_paid_out(xero):
    note = xero.put("CreditNotes", {"CreditNotes": [credit()]}).only("CreditNotes")
    out = {"Invoice": None, "CreditNote": {"CreditNoteID": note["CreditNoteID"]}}
    made = pay(xero, {"InvoiceID": ""}, 20, **out).only("Payments")
    assert (made["PaymentType"], made["CreditNote"]["CreditNoteID"]) == ("ARCREDITPAYMENT", note["CreditNoteID"])
    left = xero.get(f"CreditNotes/{note['CreditNoteID']}").only("CreditNotes")
    assert (left["RemainingCredit"], left["Status"], len(left["Payments"])) == (D("3.00"), "AUTHORISED", 1)
    xero.post(f"Payments/{made['PaymentID']}", {"Status": "DELETED"})
    assert xero.get(f"CreditNotes/{note['CreditNoteID']}").only("CreditNotes")["RemainingCredit"] == D("23.00")


def test_payments_need_their_own_scope():
    xero = connected(scope="accounting.invoices accounting.contacts")
    assert xero.get("Payments").status == 401
    assert connected(scope="accounting.payments.read").get("Payments").status == 200


def test_post_makes_one_payment_and_unknown_ones_are_not_found(xero):
    invoice = xero.invoice()
    payment = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 3}
    assert xero.post("Payments", payment).only("Payments")["Amount"] == D("3.00")
    assert xero.get(f"Payments/{invoice['InvoiceID']}").status == 404
