"""The wanted books of an order's record, and the records carrying them. Pure; called by the turn and by previews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segxero.orders.books import INVOICE, Question, WantedBooks, WantedDocument
from segxero.orders.order import fold_facts
from segxero.orders.receipts import is_paid_at_checkout
from segxero.orders.want import want_books
from segxero.sync.orders.laying import Laid, lay_out
from segxero.sync.orders.reading import FactReader
from segxero.sync.orders.settings import read_settings
from segxero.xero.objects.contact_addresses import BILL_TO
from segxero.xero.objects.context import Context
from segxero.xero.objects.orders import FACTS
from segxero.xero.objects.wanted import Linked
from segxero.xero.taxes.taxed import TaxedOrder

HEADER = ("Reference", "DueDate", "Url", "BrandingThemeID", "CurrencyRate", "SentToContact", BILL_TO)
DRAFTS = ("DRAFT", "SUBMITTED")
HANDED_ON = ("Contact", "Buyer", "Tracking")


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """The *books* of an order and the records that carry them."""

    books: WantedBooks
    laid: Sequence[Laid]

    @property
    def questions(self) -> Sequence[Question]:
        return self.books.questions


def compute(
    number: str,
    fields: Mapping[str, Any],
    context: Context,
    items: tuple[Linked, ...] = (),
    frozen: TaxedOrder | None = None,
    refers: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Computed:
    """Return what the facts in *fields* make of the order *number*; *refers* are the references of its record."""
    facts, unread = FactReader(number=number, context=context, items=items).read(fields)
    order, settings = fold_facts(number, facts), read_settings(context)
    books = want_books(order, settings, frozen)
    told = [each for each in fields.get(FACTS) or [] if each.get("Kind") == "version"]
    documents = [_put_header(each, told, refers or {}) for each in books.documents]
    if is_paid_at_checkout(order, settings):
        documents = [_set_due(each, number) for each in documents]
    base = context.tax_setup.base_currency
    # Money is named with its currency also where the event left it to the organisation (B9).
    asked = tuple(replace(each, currency=each.currency or base) for each in (*books.questions, *unread))
    books = replace(books, documents=tuple(documents), questions=asked)
    return Computed(books=books, laid=_put_status(lay_out(books), told))


def _put_header(
    document: WantedDocument, told: Sequence[Mapping[str, Any]], refers: Mapping[str, Sequence[Mapping[str, Any]]]
) -> WantedDocument:
    """Return *document* with the other fields of the version behind it; a cancellation has those of the first."""
    versions = sorted(told, key=lambda each: str(each.get("At")))
    version = next((each for each in versions if str(each.get("MessageId") or "") == document.source), None)
    chosen = version or next(iter(versions), {})
    header = {name: chosen[name] for name in HEADER if chosen.get(name) not in (None, "")}
    # A credit note has the contact and the tracking that its invoice has in Xero.
    handed = HANDED_ON if document.kind == INVOICE else ()
    keys = {name: [str(each["key"]) for each in refers[name]] for name in handed if refers.get(name)}
    return replace(document, header=header, refers=keys)


def _set_due(document: WantedDocument, number: str) -> WantedDocument:
    """Return *document*, an invoice paid at checkout, due on its own day unless its event says when (D9)."""
    if document.kind != INVOICE or document.number != number or "DueDate" in document.header:
        return document
    return replace(document, header={**document.header, "DueDate": document.day.isoformat()})


def _put_status(laid: Sequence[Laid], told: Sequence[Mapping[str, Any]]) -> Sequence[Laid]:
    """Make documents as drafts where the mapping says so; money and set-off then wait for a person's approval."""
    status = next((str(each["Status"]) for each in told if each.get("Status") in DRAFTS), "")
    if not status:
        return laid
    documents = [each for each in laid if "LineItems" in each.booked]
    return [replace(each, booked={**each.booked, "Status": status}) for each in documents]
