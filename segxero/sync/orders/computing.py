"""The wanted books of an order's record, and the records carrying them. Pure; called by the turn and by previews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segxero.orders.books import Question, WantedBooks
from segxero.orders.order import fold_facts
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
    """The *books* of an order and the records carrying them; *headers* are the other fields of its documents."""

    books: WantedBooks
    laid: Sequence[Laid]
    headers: Mapping[str, Mapping[str, Any]]  # messageId -> fields

    @property
    def questions(self) -> Sequence[Question]:
        return self.books.questions

    def get_header(self, source: str) -> Mapping[str, Any]:
        """Return the other fields of the document of *source*; a cancellation has those of the first version."""
        return self.headers.get(source) or next(iter(self.headers.values()), {})


def compute(
    number: str,
    fields: Mapping[str, Any],
    context: Context,
    items: tuple[Linked, ...] = (),
    frozen: TaxedOrder | None = None,
) -> Computed:
    """Return the books of the order *number*, computed from the facts in *fields*."""
    facts, unread = FactReader(number=number, context=context, items=items).read(fields)
    books = want_books(fold_facts(number, facts), read_settings(context), frozen)
    told = [each for each in fields.get(FACTS) or [] if each.get("Kind") == "version"]
    headers = {
        str(each.get("MessageId") or ""): {name: each[name] for name in HEADER if each.get(name) not in (None, "")}
        for each in sorted(told, key=lambda each: str(each.get("At")))
    }
    base = context.tax_setup.base_currency
    # Money is named with its currency also where the event left it to the organisation (B9).
    asked = (replace(each, currency=each.currency or base) for each in (*books.questions, *unread))
    books = replace(books, questions=tuple(asked))
    return Computed(books=books, laid=_put_status(lay_out(books), told), headers=headers)


def _put_status(laid: Sequence[Laid], told: Sequence[Mapping[str, Any]]) -> Sequence[Laid]:
    """Make documents as drafts where the mapping says so; money and set-off then wait for a person's approval."""
    status = next((str(each["Status"]) for each in told if each.get("Status") in DRAFTS), "")
    if not status:
        return laid
    documents = [each for each in laid if "LineItems" in each.booked]
    return [replace(each, booked={**each.booked, "Status": status}) for each in documents]
