"""Bank transactions: money spent and received without an invoice. Xero takes no tax but its own on their lines.

The sentence about the tax is from a caller's report (XeroAPI/xero-node#768); the others are stand-ins. A customer's
overpayment begins here and lives on as a document of its own. Prepayments and transfers are not made here.
"""

from collections.abc import Mapping
from typing import Any

from segxero.sandbox.objects import contact_fields
from segxero.sandbox.objects.batch import ZERO_ID, Batch, ElementRefusedError, Written
from segxero.sandbox.objects.invoice_fields import LINE, show_line, write_dates
from segxero.sandbox.objects.invoice_rules import check_locks
from segxero.sandbox.objects.invoice_writes import take_contact, take_lines
from segxero.sandbox.objects.lines import LineWork, add_up
from segxero.sandbox.objects.overpayments import open_overpayment
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.conditions import Field, read_property
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.demo_company import find_rate
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import BANK_TRANSACTIONS
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp
from segxero.sandbox.wire.model import Reader, currency, day, flag, identifier, ignore, many, number, shape, text, word

Element = Mapping[str, Any]
OVERPAYMENT = "RECEIVE-OVERPAYMENT"
OVERPAYMENT_STAYS = "Overpayments cannot be edited or deleted through the API."
NO_BANK = "Bank account must be specified, and it must be an active account of type BANK."
UNKNOWN = "An existing Bank Transaction with the specified BankTransactionID could not be found"
NOT_MODIFIABLE = "This Bank Transaction cannot be edited: it is deleted or reconciled."
DEBTORS = "610"
_READ_ONLY = (
    *("DateString", "HasAttachments", "OverpaymentID", "PrepaymentID", "StatusAttributeString", "SubTotal", "Total"),
    *("TotalTax", "UpdatedDateUTC", "ValidationErrors", "Warnings"),
)
_FIELDS: Mapping[str, Reader] = {
    "Type": word("BankTransactionType", "SPEND", "RECEIVE", OVERPAYMENT),
    "BankTransactionID": identifier,
    "Contact": contact_fields.CONTACT,
    "BankAccount": shape({"AccountID": identifier, "Code": text}),
    "LineItems": many(LINE),
    "LineAmountTypes": word("LineAmountTypes", "Exclusive", "Inclusive", "NoTax"),
    "Date": day,
    **dict.fromkeys(("Reference", "Url"), text),
    "CurrencyCode": currency,
    "CurrencyRate": number,
    "IsReconciled": flag,
    "Status": word("BankTransactionStatus", "AUTHORISED", "DELETED"),
    **dict.fromkeys(_READ_ONLY, ignore),
}
_TRANSACTION = shape(_FIELDS)
_FILTERS = {
    "banktransactionid": Field(kind="guid", get=lambda found: found["BankTransactionID"], index="id"),
    "reference": Field(kind="text", get=lambda found: found.get("Reference"), index="reference"),
    **{name.lower(): read_property(name) for name in ("Type", "Status")},
    "total": read_property("Total", "number"),
}
_NOT_KEPT = frozenset({"Contact", "LineItems", "BankTransactionID", "BankAccount"})


def list_transactions(request: Request) -> Answer:
    page = list_records(request, request.book.bank_transactions, _FILTERS, identity="BankTransactionID")
    return request.answer("BankTransactions", [_show(request, found) for found in page.records], page.pagination)


def get_transaction(request: Request) -> Answer:
    return request.answer("BankTransactions", [_show(request, _find(request))])


def create_transactions(request: Request) -> Answer:
    return CREATE.run(request, request.read_elements("BankTransactions", "BankTransaction", _FIELDS, _TRANSACTION))


def upsert_transactions(request: Request) -> Answer:
    return UPSERT.run(request, request.read_elements("BankTransactions", "BankTransaction", _FIELDS, _TRANSACTION))


def update_transaction(request: Request) -> Answer:
    """Answer POST on a single transaction: edit it, or delete it by its status."""
    identity = _find(request)["BankTransactionID"]
    element = request.read_elements("BankTransactions", "BankTransaction", _FIELDS, _TRANSACTION)[0]
    return UPSERT.run(request, [{**element, "BankTransactionID": identity}], can_ask_each=False)


def _create(request: Request, element: Element) -> Written:
    account = _find_bank(request, element)
    code = account.get("CurrencyCode", request.book.base_currency)
    blank = {
        "Type": element.get("Type", ""),
        "BankTransactionID": request.book.new_id(),
        "AccountID": account["AccountID"],
        "Date": request.book.today(request.now),
        "LineAmountTypes": "Inclusive",
        "Status": "AUTHORISED",
        "CurrencyCode": code,
        "CurrencyRate": find_rate(code, request.book.base_currency),
        "IsReconciled": False,
        "HasAttachments": False,
        "LineItems": [],
    }
    return _store(request, blank, element)


def _upsert(request: Request, element: Element) -> Written:
    if "BankTransactionID" not in element:
        return _create(request, element)
    old = request.book.bank_transactions.get(element["BankTransactionID"])
    if old is None:
        raise ElementRefusedError(UNKNOWN)
    # A reconciled transaction is matched with a line of the bank; a person must take that back first.
    if old["Status"] == "DELETED" or old["IsReconciled"]:
        raise ElementRefusedError(NOT_MODIFIABLE)
    # Only a person can take an overpayment back, in Xero's own pages.
    if old["Type"] == OVERPAYMENT:
        raise ElementRefusedError(OVERPAYMENT_STAYS)
    if locked := check_locks(request.book, old["Date"]):
        raise ElementRefusedError(*locked)
    if element.get("Status") == "DELETED":
        gone = {**old, "Status": "DELETED", "UpdatedDateUTC": request.now}
        request.book.bank_transactions.put(old["BankTransactionID"], gone)
        return Written(body=_show(request, gone))
    return _store(request, old, {**element, "Type": old["Type"]})


def _store(request: Request, old: Record, element: Element) -> Written:
    new = {**old, **{name: value for name, value in element.items() if name not in _NOT_KEPT}}
    if new["Type"] == OVERPAYMENT:
        # Its money is owed to the customer, so it stands on the debtors' account and carries no tax.
        new["LineAmountTypes"] = "NoTax"
        lines = [line for line in element.get("LineItems", ()) if line.get("LineAmount") or line.get("UnitAmount")]
        element = {**element, "LineItems": [{**line, "AccountCode": DEBTORS} for line in lines]}
    work = LineWork(request=request, kind=new["Type"], types=new["LineAmountTypes"], complete=True, own_tax=False)
    work.takes_debtors = new["Type"] == OVERPAYMENT
    new["LineItems"] = take_lines(work, old, element)
    sums = add_up(new["LineItems"], new["LineAmountTypes"])
    faults = work.faults + check_locks(request.book, new["Date"])
    if not new["LineItems"]:
        faults.append("One or more line items must be specified")
    if not new["Type"]:
        faults.append("Type must be SPEND, RECEIVE or RECEIVE-OVERPAYMENT.")
    if faults:
        raise ElementRefusedError(*faults)
    contact = take_contact(work, old, element)
    new |= {**sums, "ContactID": contact["ContactID"], "UpdatedDateUTC": request.now}
    if new["Type"] == OVERPAYMENT:
        new["OverpaymentID"] = open_overpayment(request, new)
    request.book.bank_transactions.put(new["BankTransactionID"], new)
    return Written(body=_show(request, new), warnings=work.warnings)


def _find_bank(request: Request, element: Element) -> Record:
    sent, accounts = element.get("BankAccount", {}), request.book.accounts
    account = accounts.get(sent.get("AccountID", "")) or accounts.find("code", sent.get("Code", ""))
    if account is None or account["Type"] != "BANK" or account["Status"] != "ACTIVE":
        raise ElementRefusedError(NO_BANK)
    return account


def _find(request: Request) -> Record:
    return request.find("transaction", request.book.bank_transactions)


def _show(request: Request, found: Record) -> dict[str, Any]:
    hidden = {"ContactID", "AccountID", "LineItems"}
    account = request.book.accounts.get(found["AccountID"]) or {}
    body = {name: value for name, value in found.items() if name not in hidden and value != ""}
    return write_dates(
        {
            **body,
            "BankAccount": {name: account.get(name, "") for name in ("AccountID", "Code", "Name")},
            "Contact": contact_fields.show_brief(request.book.contacts.get(found["ContactID"]) or {}),
            "LineItems": [show_line(line, request.unit_places) for line in found["LineItems"]],
            "UpdatedDateUTC": stamp(found["UpdatedDateUTC"]),
        }
    )


def _echo(request: Request, element: Element) -> dict[str, Any]:
    return write_dates({**element, "BankTransactionID": element.get("BankTransactionID", ZERO_ID)})


CREATE = Batch(collection="BankTransactions", flag="HasErrors", write=_create, echo=_echo)
UPSERT = Batch(collection="BankTransactions", flag="HasErrors", write=_upsert, echo=_echo)
ROUTES = allow(
    BANK_TRANSACTIONS,
    Route("GET", "/BankTransactions", list_transactions),
    Route("PUT", "/BankTransactions", create_transactions),
    Route("POST", "/BankTransactions", upsert_transactions),
    Route("GET", "/BankTransactions/<transaction>", get_transaction),
    Route("POST", "/BankTransactions/<transaction>", update_transaction),
)
