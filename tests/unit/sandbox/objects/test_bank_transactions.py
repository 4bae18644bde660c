"""Bank transactions: money without an invoice, with Xero's own tax."""

from decimal import Decimal

import pytest

from segxero.sandbox.objects.bank_transactions import NO_BANK, NOT_MODIFIABLE, UNKNOWN
from tests.support.xero.sandbox_client import connected, line

D = Decimal
NOBODY = "d4ad8fd6-5c72-4924-91b1-07f1472eb4c3"


@pytest.fixture
def xero():
    return connected(scope="accounting.banktransactions accounting.contacts")


def spend(xero, **fields):
    transaction = {
        "Type": "SPEND",
        "Contact": {"Name": "Stripe"},
        "BankAccount": {"Code": "091"},
        "Date": "2026-11-22",
        "LineItems": [line(Quantity=1, UnitAmount=D("11.77"), AccountCode="404")],
        **fields,
    }
    return xero.put("BankTransactions", {"BankTransactions": [transaction]})


def test_a_fee_is_spent_from_its_account_and_its_lines_include_the_tax(xero):
    made = spend(xero, Reference="po_1").only("BankTransactions")
    assert (made["Total"], made["LineAmountTypes"], made["Status"]) == (D("11.77"), "Inclusive", "AUTHORISED")
    assert (made["BankAccount"]["Code"], made["CurrencyCode"]) == ("091", "NZD")
    assert xero.get('BankTransactions?where=Reference=="po_1"').only("BankTransactions")["Total"] == D("11.77")
    (book,) = xero.control("GET", "ledger").json.values()
    assert book["bank_transactions"] == [
        {"account": "091", "currency": "NZD", "in": D("0.00"), "out": D("11.77"), "balance": D("-11.77")}
    ]


def test_another_tax_than_xeros_own_is_refused(xero):
    fee = {"Quantity": 1, "UnitAmount": D("400.81"), "AccountCode": "400", "TaxType": "INPUT2"}
    refused = spend(xero, LineItems=[line(**fee, TaxAmount=D("52.23"))])
    assert refused.errors() == ["Tax amount 52.23 is incorrect for INPUT2 tax type, should be 52.28"]
    made = spend(xero, LineItems=[line(**fee, TaxAmount=D("52.28"))]).only("BankTransactions")
    assert (made["SubTotal"], made["TotalTax"], made["Total"]) == (D("348.53"), D("52.28"), D("400.81"))


def test_a_transaction_that_does_not_fit_is_refused(xero):
    assert spend(xero, BankAccount={"Code": "825"}).errors() == [NO_BANK]
    assert spend(xero, LineItems=[]).errors() == ["One or more line items must be specified"]
    assert spend(xero, Date="2009-09-30").status == 400
    unknown = {"BankTransactionID": NOBODY, "Reference": "x"}
    assert xero.post("BankTransactions", {"BankTransactions": [unknown]}).errors() == [UNKNOWN]


def test_a_transaction_is_edited_and_deleted_once_and_not_when_it_is_reconciled(xero):
    identity = spend(xero).only("BankTransactions")["BankTransactionID"]
    edited = xero.post(f"BankTransactions/{identity}", {"Reference": "po_2"}).only("BankTransactions")
    assert (edited["Reference"], edited["Total"]) == ("po_2", D("11.77"))
    gone = xero.post(f"BankTransactions/{identity}", {"Status": "DELETED"}).only("BankTransactions")
    assert gone["Status"] == "DELETED"
    assert xero.post(f"BankTransactions/{identity}", {"Status": "DELETED"}).errors() == [NOT_MODIFIABLE]
    (book,) = xero.control("GET", "ledger").json.values()
    assert book["bank_transactions"] == []
    matched = spend(xero, IsReconciled=True).only("BankTransactions")["BankTransactionID"]
    assert xero.post(f"BankTransactions/{matched}", {"Status": "DELETED"}).errors() == [NOT_MODIFIABLE]


def test_bank_transactions_need_their_own_scope():
    assert connected().get("BankTransactions").status == 401
