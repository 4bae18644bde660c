"""The ledger of a book: the sums of its sales, credits and money, for tests that compare books to the cent.

The control endpoint `/sandbox/ledger` shows it. Xero has no such endpoint: its Journals are for premium apps.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects.invoice_fields import calculate_due
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.table import Record

BOOKED = frozenset({"AUTHORISED", "PAID"})
OVERPAYMENT = "RECEIVE-OVERPAYMENT"
SIGNS = {"ACCREC": 1, "ACCRECCREDIT": -1}
OWED = frozenset({*SIGNS, OVERPAYMENT})
ZERO = Decimal("0.00")
_LINE_KEYS = ("account", "tax_type", "month", "currency", "debtor")


def read_ledger(book: Book) -> dict[str, Any]:
    """Return the sums of the approved sales documents of *book* and of the money on them.

    - lines: net and tax by account, tax type, month, currency and debtor; credit notes count negative.
    - money: by account and currency, in on invoices and out on credit notes. allocations: by currency.
    - bank_transactions: by bank account and currency, received in and spent out.
    - debtors: open sums by debtor and currency. receivables: by currency, with the sums that they come from.
    """
    documents = [document for document in (*book.invoices, *book.credit_notes) if _is_booked(document)]
    owed = [*documents, *book.overpayments]
    return {
        "lines": _sum_lines(book, documents),
        "money": _sum_money(book),
        "bank_transactions": _sum_bank_transactions(book),
        "allocations": _sum_allocations(book),
        "debtors": _sum_debtors(book, owed),
        "receivables": _sum_receivables(book, owed),
    }


def _is_booked(document: Record) -> bool:
    return document["Type"] in SIGNS and document["Status"] in BOOKED


def _name_debtor(book: Book, document: Record) -> str:
    contact = book.contacts.get(document["ContactID"]) or {}
    return str(contact.get("ContactNumber") or contact.get("Name", ""))


def _sum_lines(book: Book, documents: list[Record]) -> list[dict[str, Any]]:
    sums: dict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for document in documents:
        sign, month = SIGNS[document["Type"]], f"{document['Date']:%Y-%m}"
        debtor = _name_debtor(book, document)
        for line in document["LineItems"]:
            amount, tax = line.get("LineAmount", ZERO), line.get("TaxAmount", ZERO)
            net = amount - tax if document["LineAmountTypes"] == "Inclusive" else amount
            key = (line.get("AccountCode", ""), line.get("TaxType", ""), month, document["CurrencyCode"], debtor)
            sums[key][0] += sign * net
            sums[key][1] += sign * tax
    # An invoice and its full credit note leave nothing, as if neither had been written.
    return [
        {**dict(zip(_LINE_KEYS, key, strict=True)), "net": net, "tax": tax}
        for key, (net, tax) in sorted(sums.items())
        if net or tax
    ]


def _find_document(book: Book, payment: Record) -> Record | None:
    tables = {"InvoiceID": book.invoices, "CreditNoteID": book.credit_notes, "OverpaymentID": book.overpayments}
    return next((table.get(payment[name]) for name, table in tables.items() if name in payment), None)


def _list_money(book: Book) -> Iterator[tuple[str, str, str, Decimal]]:
    """Yield account, currency, "in" or "out" and amount of each payment on a sales document."""
    for payment in book.payments:
        document = _find_document(book, payment)
        if document is None or document["Type"] not in OWED or payment["Status"] == "DELETED":
            continue
        is_receipt = "InvoiceID" in payment
        account = book.accounts.get(payment["AccountID"]) or {}
        code, currency = str(account.get("Code", "")), str(document["CurrencyCode"])
        yield code, currency, "in" if is_receipt else "out", payment["Amount"]


def _sum_money(book: Book) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: {"in": ZERO, "out": ZERO})
    for account, currency, way, amount in _list_money(book):
        sums[account, currency][way] += amount
    return _balance(sums)


def _sum_bank_transactions(book: Book) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: {"in": ZERO, "out": ZERO})
    for transaction in book.bank_transactions:
        if transaction["Status"] != "DELETED":
            account = book.accounts.get(transaction["AccountID"]) or {}
            way = "out" if transaction["Type"] == "SPEND" else "in"
            sums[str(account.get("Code", "")), transaction["CurrencyCode"]][way] += transaction["Total"]
    return _balance(sums)


def _balance(sums: dict[tuple[str, str], dict[str, Decimal]]) -> list[dict[str, Any]]:
    return [
        {"account": account, "currency": currency, **sides, "balance": sides["in"] - sides["out"]}
        for (account, currency), sides in sorted(sums.items())
    ]


def _sum_allocations(book: Book) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for credit in (*book.credit_notes, *book.overpayments):
        for allocation in credit["Allocations"] if credit["Type"] in OWED else ():
            sums[credit["CurrencyCode"]] += allocation["Amount"]
    return dict(sums)


def _read_open(document: Record) -> Decimal:
    """Return the sum that the debtor still owes for *document*; an open credit is owed to the debtor."""
    return calculate_due(document) if document["Type"] == "ACCREC" else -document["RemainingCredit"]


def _sum_debtors(book: Book, documents: list[Record]) -> dict[str, dict[str, Decimal]]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for document in documents:
        sums[_name_debtor(book, document)][document["CurrencyCode"]] += _read_open(document)
    found = {debtor: {code: left for code, left in row.items() if left} for debtor, row in sorted(sums.items())}
    return {debtor: row for debtor, row in found.items() if row}


def _sum_receivables(book: Book, documents: list[Record]) -> dict[str, dict[str, Any]]:
    """Return the open sums by currency beside their parts: sales less credits and receipts, and repayments on top."""
    names = ("invoiced", "credited", "received", "repaid", "overpaid", "open")
    columns = {"ACCREC": "invoiced", "ACCRECCREDIT": "credited", OVERPAYMENT: "overpaid"}
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(names, ZERO))
    for document in documents:
        row = sums[document["CurrencyCode"]]
        row[columns[document["Type"]]] += document["Total"]
        row["open"] += _read_open(document)
    for _, currency, way, amount in _list_money(book):
        sums[currency]["received" if way == "in" else "repaid"] += amount
    return {
        currency: {
            **row,
            "difference": row["invoiced"]
            - row["credited"]
            - row["received"]
            + row["repaid"]
            - row["overpaid"]
            - row["open"],
        }
        for currency, row in sorted(sums.items())
    }
