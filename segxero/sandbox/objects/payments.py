"""Payments: they are created and deleted, and never changed. Xero takes the same payment twice while money is due."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects.batch import ZERO_ID, Batch, ElementRefusedError, Written, write_messages
from segxero.sandbox.objects.invoice_fields import calculate_due, round_money
from segxero.sandbox.objects.invoice_rules import check_locks
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.objects.settlement import settle_credit, settle_invoice
from segxero.sandbox.query.conditions import Field, read_property
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import PAYMENTS
from segxero.sandbox.state.table import Record, Table
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp, stamp_day
from segxero.sandbox.wire.model import Reader, day, flag, identifier, ignore, number, shape, text, word
from segxero.sandbox.wire.refusals import validation

Element = Mapping[str, Any]
TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"
NOT_APPROVED = "Payments can only be made against Authorised documents"
NO_ACCOUNT = "Account could not be found"
# These sentences are stand-ins.
NO_DOCUMENT = "Exactly one document must be specified for a payment, and it must exist."
TAKES_NO_PAYMENTS = "The account does not take payments."
RECONCILED = "A reconciled payment cannot be deleted."
OTHER_CURRENCY = "The account must be in the currency of the document or in the base currency."
_KINDS = {
    "ACCREC": "ACCRECPAYMENT",
    "ACCPAY": "ACCPAYPAYMENT",
    "ACCRECCREDIT": "ARCREDITPAYMENT",
    "ACCPAYCREDIT": "APCREDITPAYMENT",
    "RECEIVE-OVERPAYMENT": "AROVERPAYMENTPAYMENT",
}
_READ_ONLY = (
    *("BatchPayment", "BatchPaymentID", "HasAccount", "HasValidationErrors", "PaymentID", "PaymentType"),
    *("StatusAttributeString", "UpdatedDateUTC", "UpdatedDateUTCString", "ValidationErrors", "Warnings"),
)
_FIELDS: Mapping[str, Reader] = {
    "Invoice": shape({"InvoiceID": identifier, "InvoiceNumber": text}),
    "CreditNote": shape({"CreditNoteID": identifier, "CreditNoteNumber": text}),
    "Overpayment": shape({"OverpaymentID": identifier}),
    "Account": shape({"AccountID": identifier, "Code": text}),
    "Date": day,
    "Amount": number,
    "BankAmount": number,
    "CurrencyRate": number,
    "IsReconciled": flag,
    "Reference": text,
    "Status": word("PaymentStatus", "AUTHORISED", "DELETED"),
    **dict.fromkeys(_READ_ONLY, ignore),
}
_PAYMENT = shape(_FIELDS)
_FILTERS: dict[str, Field] = {
    "paymentid": Field(kind="guid", get=lambda payment: payment["PaymentID"], index="id"),
    "invoice.invoiceid": Field(kind="guid", get=lambda payment: payment.get("InvoiceID")),
    "reference": Field(kind="text", get=lambda payment: payment.get("Reference"), index="reference"),
    "date": Field(kind="moment", get=lambda payment: datetime.combine(payment["Date"], time(), UTC)),
    "amount": read_property("Amount", "number"),
    **{name.lower(): read_property(name) for name in ("PaymentType", "Status")},
}


def list_payments(request: Request) -> Answer:
    page = list_records(request, request.book.payments, _FILTERS, identity="PaymentID")
    return request.answer("Payments", [show(request.book, payment) for payment in page.records], page.pagination)


def get_payment(request: Request) -> Answer:
    return request.answer("Payments", [show(request.book, _found(request))])


def create_payments(request: Request) -> Answer:
    return CREATE.run(request, request.read_elements("Payments", "Payment", _FIELDS, _PAYMENT))


def create_payment(request: Request) -> Answer:
    """Answer POST: the specification has it for a single payment."""
    elements = request.read_elements("Payments", "Payment", _FIELDS, _PAYMENT)
    return CREATE.run(request, elements[:1], can_ask_each=False)


def delete_payment(request: Request) -> Answer:
    """Answer POST on a payment: its status may become DELETED, and nothing else may change."""
    payment = _found(request)
    element = request.read_elements("Payments", "Payment", _FIELDS, _PAYMENT)[0]
    if faults := list(_deletion_faults(request, payment, element)):
        return validation([{**show(request.book, payment), "ValidationErrors": write_messages(faults[:1])}])
    _apply(request, payment, -payment["Amount"])
    deleted = {**payment, "Status": "DELETED", "UpdatedDateUTC": request.now}
    request.book.payments.put(payment["PaymentID"], deleted)
    return request.answer("Payments", [show(request.book, deleted)])


def _deletion_faults(request: Request, payment: Record, element: Element) -> Iterator[str]:
    if payment["IsReconciled"]:
        yield RECONCILED
    if element != {"Status": "DELETED"} or payment["Status"] == "DELETED":
        yield NOT_APPROVED
    yield from check_locks(request.book, payment["Date"])


def _create(request: Request, element: Element) -> Written:
    name, document = _document(request, element)
    account = _account(request, element.get("Account", {}))
    due = calculate_due(document) if name == "Invoice" else document["RemainingCredit"]
    amount = round_money(element.get("Amount", due))
    date = element.get("Date", request.book.today(request.now))
    faults = check_locks(request.book, date)
    if document["Status"] != "AUTHORISED":
        faults.append(NOT_APPROVED)
    # Xero keeps no overpayment made by a payment; that takes a bank transaction.
    elif amount <= 0 or amount > due:
        faults.append(TOO_MUCH)
    if account.get("CurrencyCode", document["CurrencyCode"]) not in {
        document["CurrencyCode"],
        request.book.base_currency,
    }:
        faults.append(OTHER_CURRENCY)
    if faults:
        raise ElementRefusedError(*faults)
    payment = {
        "PaymentID": request.book.new_id(),
        f"{name}ID": document[f"{name}ID"],
        "AccountID": account["AccountID"],
        "Date": date,
        "Amount": amount,
        "BankAmount": element.get("BankAmount", amount),
        "CurrencyRate": element.get("CurrencyRate", document["CurrencyRate"]),
        "Reference": element.get("Reference", ""),
        "IsReconciled": element.get("IsReconciled", False),
        "PaymentType": _KINDS[document["Type"]],
        "Status": "AUTHORISED",
        "UpdatedDateUTC": request.now,
    }
    request.book.payments.put(payment["PaymentID"], payment)
    _apply(request, payment, amount)
    return Written(body=show(request.book, payment))


def _list_tables(book: Book) -> dict[str, Table]:
    return {"Invoice": book.invoices, "CreditNote": book.credit_notes, "Overpayment": book.overpayments}


def _document(request: Request, element: Element) -> tuple[str, Record]:
    tables = _list_tables(request.book)
    named = [name for name in tables if element.get(name)]
    # A payment belongs to a single document; Xero finds it only among documents of that kind.
    if len(named) != 1:
        raise ElementRefusedError(NO_DOCUMENT)
    name, sent = named[0], element[named[0]]
    found = tables[name].get(sent.get(f"{name}ID", ""))
    if found is None and sent.get(f"{name}Number"):
        found = tables[name].find("number", sent[f"{name}Number"])
    if found is None:
        raise ElementRefusedError(NO_DOCUMENT)
    return name, found


def _account(request: Request, sent: Mapping[str, str]) -> Record:
    accounts = request.book.accounts
    account = accounts.get(sent.get("AccountID", "")) or accounts.find("code", sent.get("Code", ""))
    if account is None or account["Status"] != "ACTIVE":
        raise ElementRefusedError(NO_ACCOUNT)
    # Liability accounts such as gift cards take payments once a person has enabled them.
    if account["Type"] != "BANK" and not account["EnablePaymentsToAccount"]:
        raise ElementRefusedError(TAKES_NO_PAYMENTS)
    return account


def _apply(request: Request, payment: Record, amount: Decimal) -> None:
    """Let the document of *payment* show it, or not any more when *amount* is negative."""
    brief = {
        "PaymentID": payment["PaymentID"],
        "Date": stamp_day(payment["Date"]),
        "Amount": payment["Amount"],
        "Reference": payment["Reference"],
        "CurrencyRate": payment["CurrencyRate"],
        "HasAccount": False,
        "HasValidationErrors": False,
    }
    tables = _list_tables(request.book)
    name = next(name for name in tables if f"{name}ID" in payment)
    document = tables[name].get(payment[f"{name}ID"])
    if document is None:
        return
    others = [entry for entry in document.get("Payments", ()) if entry["PaymentID"] != payment["PaymentID"]]
    entries = [*others, brief] if amount > 0 else others
    if name == "Invoice":
        settle_invoice(request, document, "Payments", amount, entries)
    else:
        settle_credit(request, document, amount, Payments=entries)


def show(book: Book, payment: Record) -> dict[str, Any]:
    """Return a payment as it goes over the wire, with its document and account in brief."""
    hidden = {"InvoiceID", "CreditNoteID", "OverpaymentID", "AccountID"}
    account = book.accounts.get(payment["AccountID"]) or {}
    return {
        **{name: value for name, value in payment.items() if name not in hidden and value != ""},
        "Date": stamp_day(payment["Date"]),
        "UpdatedDateUTC": stamp(payment["UpdatedDateUTC"]),
        "HasAccount": True,
        "Account": {name: account.get(name, "") for name in ("AccountID", "Code", "Name")},
        **_brief(book, payment),
        "HasValidationErrors": False,
    }


def _brief(book: Book, payment: Record) -> dict[str, Any]:
    if "OverpaymentID" in payment:
        return {"Overpayment": {"OverpaymentID": payment["OverpaymentID"]}}
    if "CreditNoteID" in payment:
        note = book.credit_notes.get(payment["CreditNoteID"]) or {}
        return {"CreditNote": {name: note.get(name, "") for name in ("CreditNoteID", "CreditNoteNumber", "Type")}}
    invoice = book.invoices.get(payment["InvoiceID"])
    if invoice is None:
        return {}
    sums = {"AmountDue": calculate_due(invoice), "AmountPaid": invoice["AmountPaid"]}
    return {"Invoice": {name: invoice.get(name, "") for name in ("InvoiceID", "InvoiceNumber", "Type")} | sums}


def _echo(request: Request, element: Element) -> dict[str, Any]:
    """Show a refused element: the input with the amount due of its invoice, as in Xero's own sample."""
    dates = {"Date": stamp_day(element["Date"])} if "Date" in element else {}
    invoice = request.book.invoices.get(element.get("Invoice", {}).get("InvoiceID", ""))
    due = {"Invoice": {**element["Invoice"], "AmountDue": calculate_due(invoice)}} if invoice else {}
    return {**element, **dates, **due, "PaymentID": ZERO_ID}


def _found(request: Request) -> Record:
    return request.find("payment", request.book.payments)


CREATE = Batch(collection="Payments", flag="HasValidationErrors", write=_create, echo=_echo)
ROUTES = allow(
    PAYMENTS,
    Route("GET", "/Payments", list_payments),
    Route("PUT", "/Payments", create_payments),
    Route("POST", "/Payments", create_payment),
    Route("GET", "/Payments/<payment>", get_payment),
    Route("POST", "/Payments/<payment>", delete_payment),
)
