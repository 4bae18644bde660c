"""Money and credit on a document: the edits, voids and deletions that Xero still takes, and the way back."""

from decimal import Decimal

import pytest

from segxero.sandbox.objects.allocations import ALREADY_PAID, INVOICE_NOT_OPEN, OTHER_KIND, TOO_MUCH
from segxero.sandbox.objects.credit_notes import NOT_MODIFIABLE as NOTE_NOT_MODIFIABLE
from segxero.sandbox.objects.invoice_rules import NOT_MODIFIABLE, SETTLED, SETTLED_VOID
from segxero.sandbox.objects.payments import NOT_APPROVED, OTHER_CURRENCY, RECONCILED
from segxero.sandbox.objects.payments import TOO_MUCH as TOO_MUCH_PAID
from tests.support.xero.sandbox_client import connected, credit, line

D = Decimal
LOCK = "The document date cannot be before the period lock date, currently set at 30 November 2026."


@pytest.fixture
def xero():
    return connected()


def pay(xero, document, amount, **fields):
    name = "CreditNote" if "CreditNoteID" in document else "Invoice"
    payment = {
        name: {f"{name}ID": document[f"{name}ID"]},
        "Account": {"Code": "091"},
        "Date": "2026-11-22",
        "Amount": amount,
        **fields,
    }
    return xero.put("Payments", {"Payments": [payment]})


def credited(xero, **fields):
    return xero.put("CreditNotes", {"CreditNotes": [credit(**fields)]}).only("CreditNotes")


def allocate(xero, note, invoice, amount):
    allocation = {"Amount": amount, "Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Date": "2026-11-22"}
    return xero.put(f"CreditNotes/{note['CreditNoteID']}/Allocations", {"Allocations": [allocation]})


def read(xero, document):
    kind = "CreditNotes" if "CreditNoteID" in document else "Invoices"
    return xero.get(f"{kind}/{document[f'{kind[:-1]}ID']}").only(kind)


def change(xero, document, **fields):
    kind = "CreditNotes" if "CreditNoteID" in document else "Invoices"
    return xero.post(f"{kind}/{document[f'{kind[:-1]}ID']}", fields)


def test_a_paid_invoice_takes_another_reference_due_date_contact_text_account_and_option(xero):
    category = xero.put("TrackingCategories", {"Name": "Source"}).only("TrackingCategories")
    xero.put(f"TrackingCategories/{category['TrackingCategoryID']}/Options", {"Name": "Web"})
    invoice, ben = xero.invoice(), xero.contact(Name="Ben")
    pay(xero, invoice, 23)
    kept = {"LineItemID": invoice["LineItems"][0]["LineItemID"], "Quantity": 2, "UnitAmount": 10}
    new = {"Description": "Blue mug", "AccountCode": "260", "Tracking": [{"Name": "Source", "Option": "Web"}]}
    changed = change(
        xero,
        invoice,
        Reference="R-2",
        DueDate="2027-01-05",
        Contact={"ContactID": ben["ContactID"]},
        LineItems=[{**kept, **new}],
    ).only("Invoices")
    assert (changed["Reference"], changed["DueDateString"], changed["Contact"]["Name"]) == (
        *("R-2", "2027-01-05T00:00:00", "Ben"),
    )
    (after,) = changed["LineItems"]
    assert (after["Description"], after["AccountCode"], after["Tracking"][0]["Option"]) == ("Blue mug", "260", "Web")
    assert (changed["Total"], changed["AmountPaid"], changed["Status"]) == (D("23.00"), D("23.00"), "PAID")


@pytest.mark.parametrize("fields", [{"Quantity": 3}, {"TaxType": "NONE"}, {"TaxAmount": 2}, {"LineItemID": None}])
def test_a_paid_invoice_takes_no_other_amount_tax_or_line(xero, fields):
    invoice = xero.invoice()
    pay(xero, invoice, 5)
    new = line(LineItemID=invoice["LineItems"][0]["LineItemID"]) | fields
    assert change(xero, invoice, LineItems=[new]).errors() == [SETTLED]
    assert change(xero, invoice, Date="2026-11-19").errors() == [SETTLED]


def test_an_overridden_tax_survives_another_account_on_a_paid_invoice(xero):
    invoice = xero.invoice(LineItems=[line(TaxAmount=D("2.99"))])
    pay(xero, invoice, D("22.99"))
    moved = {"LineItemID": invoice["LineItems"][0]["LineItemID"], "AccountCode": "260"}
    assert change(xero, invoice, LineItems=[moved]).only("Invoices")["TotalTax"] == D("2.99")


def test_another_account_and_a_paid_documents_due_date_do_not_move_the_time_of_change(xero):
    invoice = xero.invoice()
    xero.clock.now += 60
    moved = {"LineItemID": invoice["LineItems"][0]["LineItemID"], "AccountCode": "260"}
    assert change(xero, invoice, LineItems=[moved]).only("Invoices")["UpdatedDateUTC"] == invoice["UpdatedDateUTC"]
    due = change(xero, invoice, DueDate="2027-01-05").only("Invoices")["UpdatedDateUTC"]
    assert due != invoice["UpdatedDateUTC"]
    pay(xero, invoice, 5)
    paid = read(xero, invoice)["UpdatedDateUTC"]
    xero.clock.now += 60
    assert change(xero, invoice, DueDate="2027-02-05").only("Invoices")["UpdatedDateUTC"] == paid
    assert change(xero, invoice, Reference="new").only("Invoices")["UpdatedDateUTC"] != paid


def test_an_invoice_that_a_credit_note_has_paid_keeps_its_contact(xero):
    invoice, note, ben = xero.invoice(), credited(xero), xero.contact(Name="Ben")
    allocate(xero, note, invoice, 5)
    for document in (invoice, note):
        assert change(xero, document, Contact={"ContactID": ben["ContactID"]}).errors() == [SETTLED]
        assert read(xero, document)["Contact"]["Name"] == "Ann Able"
    assert change(xero, invoice, Contact={"ContactID": invoice["Contact"]["ContactID"]}).status == 200


def test_a_document_in_use_is_neither_voided_nor_deleted_until_all_is_taken_back(xero):
    invoice, note = xero.invoice(), credited(xero)
    payment = pay(xero, invoice, 5).only("Payments")
    allocate(xero, note, invoice, 5)
    assert change(xero, invoice, Status="VOIDED").errors() == [SETTLED_VOID]
    assert change(xero, note, Status="VOIDED").errors() == [SETTLED]
    assert change(xero, invoice, Status="DELETED").errors() == [NOT_MODIFIABLE]
    assert change(xero, note, Status="DELETED").errors() == [NOTE_NOT_MODIFIABLE]
    (allocation,) = read(xero, note)["Allocations"]
    xero.delete(f"CreditNotes/{note['CreditNoteID']}/Allocations/{allocation['AllocationID']}")
    assert change(xero, note, Status="VOIDED").only("CreditNotes")["Status"] == "VOIDED"
    xero.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
    assert change(xero, invoice, Status="VOIDED").only("Invoices")["Status"] == "VOIDED"


def test_voided_documents_take_no_money_and_no_credit(xero):
    invoice, note = xero.invoice(), credited(xero)
    change(xero, invoice, Status="VOIDED")
    assert pay(xero, invoice, 5).errors() == [NOT_APPROVED]
    assert allocate(xero, note, invoice, 5).errors() == [INVOICE_NOT_OPEN]
    change(xero, note, Status="VOIDED")
    assert pay(xero, note, 5).errors() == [NOT_APPROVED]


def test_the_second_road_of_a_refund_that_came_before_its_payment(xero):
    invoice, note = xero.invoice(), credited(xero, LineItems=[line(Quantity=1)])
    allocate(xero, note, invoice, D("11.50"))
    assert (read(xero, invoice)["AmountDue"], read(xero, note)["Status"]) == (D("11.50"), "PAID")
    (allocation,) = read(xero, note)["Allocations"]
    assert pay(xero, invoice, 23).errors() == [TOO_MUCH_PAID]
    gone = xero.delete(f"CreditNotes/{note['CreditNoteID']}/Allocations/{allocation['AllocationID']}")
    assert (gone.status, gone.json["IsDeleted"]) == (200, True)
    pay(xero, invoice, 23).only("Payments")
    assert pay(xero, note, D("11.51")).errors() == [TOO_MUCH_PAID]
    pay(xero, note, D("11.50")).only("Payments")
    done, back = read(xero, invoice), read(xero, note)
    assert (done["Status"], done["AmountCredited"], done["CreditNotes"]) == ("PAID", D("0.00"), [])
    assert (back["Status"], back["RemainingCredit"], back["Allocations"]) == ("PAID", D("0.00"), [])
    assert allocate(xero, credited(xero), invoice, 1).errors() == [ALREADY_PAID]


def test_a_deleted_repayment_opens_its_credit_note_again(xero):
    note = credited(xero)
    payment = pay(xero, note, 23).only("Payments")
    assert read(xero, note)["Status"] == "PAID"
    xero.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"}).only("Payments")
    opened = read(xero, note)
    assert (opened["Status"], opened["RemainingCredit"], opened["Payments"]) == ("AUTHORISED", D("23.00"), [])


def test_a_person_reconciles_a_payment_and_takes_it_back(xero):
    payment = pay(xero, xero.invoice(), 5).only("Payments")["PaymentID"]
    assert xero.control("POST", "payments", {"payments": [{"PaymentID": payment}]}).json == [payment]
    assert xero.get(f"Payments/{payment}").only("Payments")["IsReconciled"] is True
    assert xero.post(f"Payments/{payment}", {"Status": "DELETED"}).errors() == [RECONCILED]
    xero.control("POST", "payments", {"payments": [{"PaymentID": payment, "IsReconciled": False}]})
    assert xero.post(f"Payments/{payment}", {"Status": "DELETED"}).only("Payments")["Status"] == "DELETED"
    assert xero.control("POST", "payments", {"payments": [{"PaymentID": "none"}]}).status == 400


def test_a_locked_period_keeps_its_payments_and_allocations(xero):
    invoice, note = xero.invoice(), credited(xero)
    payment = pay(xero, invoice, 5).only("Payments")["PaymentID"]
    allocate(xero, note, invoice, 5)
    (allocation,) = read(xero, note)["Allocations"]
    xero.control("POST", "settings", {"period_lock_date": "2026-11-30"})
    assert xero.post(f"Payments/{payment}", {"Status": "DELETED"}).errors() == [LOCK]
    refused = xero.delete(f"CreditNotes/{note['CreditNoteID']}/Allocations/{allocation['AllocationID']}")
    assert (refused.status, refused.errors()) == (400, [LOCK])
    assert allocate(xero, note, invoice, 5).errors() == [LOCK]
    assert (read(xero, invoice)["AmountPaid"], read(xero, invoice)["AmountCredited"]) == (D("5.00"), D("5.00"))


def test_an_allocation_needs_rests_on_both_sides_and_documents_of_one_kind(xero):
    invoice, note = xero.invoice(), credited(xero)
    pay(xero, invoice, 20)
    assert allocate(xero, note, invoice, D("3.01")).errors() == [TOO_MUCH]
    bought = xero.invoice(Type="ACCPAY", LineItems=[line(AccountCode="400")])
    assert allocate(xero, note, bought, 1).errors() == [OTHER_KIND]


def test_a_payment_goes_to_an_account_in_its_currency_or_the_base_currency(xero):
    pounds, dollars = xero.invoice(CurrencyCode="GBP"), xero.invoice(CurrencyCode="USD")
    assert pay(xero, pounds, 5, Account={"Code": "092"}).errors() == [OTHER_CURRENCY]
    assert pay(xero, dollars, 5, Account={"Code": "092"}).status == 200
    assert pay(xero, pounds, 5).status == 200


def test_gift_cards_pay_an_invoice_and_take_a_repayment(xero):
    invoice, note = xero.invoice(), credited(xero)
    assert pay(xero, invoice, 5, Account={"Code": "825"}).only("Payments")["Account"]["Name"] == "Gift Cards"
    assert pay(xero, note, 5, Account={"Code": "826"}).only("Payments")["PaymentType"] == "ARCREDITPAYMENT"
