"""The ledger of the control endpoint: sums of lines, money, debtors and receivables."""

from decimal import Decimal

from tests.support.xero.sandbox_client import connected, credit, line

D = Decimal


def ledger(xero):
    (found,) = xero.control("GET", "ledger").json.values()
    return found


def pay(xero, document, amount, account):
    name = "CreditNote" if "CreditNoteID" in document else "Invoice"
    body = {name: {f"{name}ID": document[f"{name}ID"]}, "Account": {"Code": account}, "Amount": amount}
    return xero.put("Payments", {"Payments": [body]}).only("Payments")


def test_the_ledger_sums_lines_money_debtors_and_receivables():
    xero = connected()
    contact = {"ContactNumber": "u1", "Name": "Ann Able"}
    xero.contact(**contact)
    inclusive = {"LineAmountTypes": "Inclusive", "LineItems": [line(Quantity=1, UnitAmount=D("115.00"))]}
    invoice = xero.invoice(**inclusive, Contact={"ContactNumber": "u1"})
    note = xero.put(
        "CreditNotes",
        {"CreditNotes": [credit(Date="2026-12-02", LineItems=[line(Quantity=3)], Contact={"ContactNumber": "u1"})]},
    ).only("CreditNotes")
    pay(xero, invoice, D("100.00"), "091")
    pay(xero, note, D("14.50"), "826")
    allocation = {"Amount": D("10.00"), "Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Date": "2026-12-02"}
    xero.put(f"CreditNotes/{note['CreditNoteID']}/Allocations", {"Allocations": [allocation]})
    row = {"account": "200", "tax_type": "OUTPUT2", "currency": "NZD", "debtor": "u1"}
    assert ledger(xero) == {
        "lines": [
            {**row, "month": "2026-11", "net": D("100.00"), "tax": D("15.00")},
            {**row, "month": "2026-12", "net": D("-30.00"), "tax": D("-4.50")},
        ],
        "money": [
            {"account": "091", "currency": "NZD", "in": D("100.00"), "out": D("0.00"), "balance": D("100.00")},
            {"account": "826", "currency": "NZD", "in": D("0.00"), "out": D("14.50"), "balance": D("-14.50")},
        ],
        "bank_transactions": [],
        "allocations": {"NZD": D("10.00")},
        "debtors": {"u1": {"NZD": D("-5.00")}},
        "receivables": {
            "NZD": {
                "invoiced": D("115.00"),
                "credited": D("34.50"),
                "received": D("100.00"),
                "repaid": D("14.50"),
                "overpaid": D("0.00"),
                "open": D("-5.00"),
                "difference": D("0.00"),
            }
        },
    }


def test_drafts_voids_and_deleted_payments_are_not_in_the_ledger():
    xero = connected()
    xero.invoice(Status="DRAFT")
    voided = xero.invoice()
    payment = pay(xero, voided, 5, "090")
    xero.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
    xero.post(f"Invoices/{voided['InvoiceID']}", {"Status": "VOIDED"})
    found = ledger(xero)
    assert (found["lines"], found["money"], found["debtors"], found["receivables"]) == ([], [], {}, {})


def test_an_invoice_and_its_full_credit_leave_no_line_and_no_debtor():
    xero = connected()
    invoice = xero.invoice(CurrencyCode="USD")
    note = xero.put("CreditNotes", {"CreditNotes": [credit(CurrencyCode="USD")]}).only("CreditNotes")
    allocation = {"Amount": 23, "Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Date": "2026-11-22"}
    xero.put(f"CreditNotes/{note['CreditNoteID']}/Allocations", {"Allocations": [allocation]})
    found = ledger(xero)
    assert (found["lines"], found["debtors"], found["allocations"]) == ([], {}, {"USD": D("23.00")})
    assert (found["receivables"]["USD"]["open"], found["receivables"]["USD"]["difference"]) == (D("0.00"), D("0.00"))


def test_one_organisation_of_several_can_be_asked_for():
    xero = connected(organisations=("One", "Two"))
    assert list(xero.control("GET", "ledger?organisation=Two").json) == ["Two"]
    assert list(xero.control("GET", "ledger").json) == ["One", "Two"]
