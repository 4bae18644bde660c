"""Overpayments: 130.00 came in for 115.00, and the API cannot take the difference back as a whole."""

from decimal import Decimal

import pytest

from segxero.sandbox.objects.allocations import OTHER_CONTACT, TOO_MUCH, UNKNOWN_OVERPAYMENT
from segxero.sandbox.objects.bank_transactions import OVERPAYMENT_STAYS
from segxero.sandbox.objects.invoice_rules import NEGATIVE, SETTLED_VOID
from tests.support.xero.sandbox_client import SCOPES, connected, line, sale

D = Decimal
NOBODY = "d4ad8fd6-5c72-4924-91b1-07f1472eb4c3"


@pytest.fixture
def xero():
    return connected(scope=f"{SCOPES} accounting.banktransactions")


def overpay(xero, **fields):
    transaction = {
        "Type": "RECEIVE-OVERPAYMENT",
        "Contact": {"Name": "Ann Able"},
        "BankAccount": {"Code": "091"},
        "Date": "2026-11-22",
        "LineItems": [{"Description": "Order 1001", "LineAmount": D("130.00")}],
        **fields,
    }
    return xero.put("BankTransactions", {"BankTransactions": [transaction]})


def read(xero, made):
    return xero.get(f"Overpayments/{made['OverpaymentID']}").only("Overpayments")


def sold(xero, amount="115.00", **fields):
    lines = [line(Quantity=1, UnitAmount=D(amount))]
    return xero.invoice(LineAmountTypes="Inclusive", LineItems=lines, **fields)


def allocate(xero, identity, invoice, amount):
    allocation = {"Amount": amount, "Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Date": "2026-11-22"}
    return xero.put(f"Overpayments/{identity}/Allocations", {"Allocations": [allocation]})


def test_an_overpayment_is_set_off_paid_back_and_the_set_off_is_taken_back(xero):
    invoice, made = sold(xero), overpay(xero).only("BankTransactions")
    identity = made["OverpaymentID"]
    assert (made["Total"], made["LineItems"][0]["AccountCode"], made["TotalTax"]) == (D("130.00"), "610", D("0.00"))
    assert allocate(xero, identity, invoice, D("115.01")).errors() == [TOO_MUCH]
    allocate(xero, identity, invoice, 115).only("Allocations")
    paid = xero.get(f"Invoices/{invoice['InvoiceID']}").only("Invoices")
    assert (paid["Status"], paid["AmountCredited"], paid["Overpayments"][0]["OverpaymentID"]) == (
        *("PAID", D("115.00"), identity),
    )
    assert xero.post(f"Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"}).status == 400
    back = {"Overpayment": {"OverpaymentID": identity}, "Account": {"Code": "091"}, "Amount": 15}
    assert xero.put("Payments", {"Payments": [back]}).only("Payments")["PaymentType"] == "AROVERPAYMENTPAYMENT"
    done = read(xero, made)
    assert (done["Status"], done["RemainingCredit"]) == ("PAID", D("0.00"))
    path = f"Overpayments/{identity}/Allocations/{done['Allocations'][0]['AllocationID']}"
    assert xero.delete(path).json["IsDeleted"] is True
    assert read(xero, made)["RemainingCredit"] == D("115.00")
    assert xero.get(f"Invoices/{invoice['InvoiceID']}").only("Invoices")["AmountDue"] == D("115.00")
    (book,) = xero.control("GET", "ledger").json.values()
    receivables = book["receivables"]["NZD"]
    assert (receivables["overpaid"], receivables["open"], receivables["difference"]) == (D("130.00"), 0, 0)


def test_the_api_neither_edits_nor_deletes_an_overpayment(xero):
    made = overpay(xero).only("BankTransactions")
    for change in ({"Reference": "x"}, {"Status": "DELETED"}):
        refused = xero.post(f"BankTransactions/{made['BankTransactionID']}", change)
        assert refused.errors() == [OVERPAYMENT_STAYS]
    assert xero.get("Overpayments").only("Overpayments")["RemainingCredit"] == D("130.00")


def test_an_overpayment_of_somebody_else_and_an_unknown_one_are_refused(xero):
    made = overpay(xero, Contact={"Name": "Ben"}).only("BankTransactions")
    assert allocate(xero, made["OverpaymentID"], sold(xero), 5).errors() == [OTHER_CONTACT]
    assert allocate(xero, NOBODY, sold(xero), 5).errors() == [UNKNOWN_OVERPAYMENT]
    assert xero.delete(f"Overpayments/{NOBODY}/Allocations/{NOBODY}").status == 404


def test_an_invoice_below_zero_is_refused_and_a_void_names_the_reason(xero):
    below = sale(LineItems=[line(UnitAmount=-10)])
    assert xero.put("Invoices", {"Invoices": [below]}).errors() == [NEGATIVE]
    invoice, made = sold(xero), overpay(xero).only("BankTransactions")
    allocate(xero, made["OverpaymentID"], invoice, 5)
    assert xero.post(f"Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"}).errors() == [SETTLED_VOID]
