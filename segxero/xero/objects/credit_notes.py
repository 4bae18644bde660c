"""Credit notes (ACCRECCREDIT): the part of an invoice taken back by a refund.

A credit note and its allocation to the invoice are two records and two calls: Xero has no call for both.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, validate

from segxero import jsontext
from segxero.errors import ParkedError
from segxero.xero.money import refunds
from segxero.xero.money.amounts import cents
from segxero.xero.objects.booked import get_booked, is_gone, keep
from segxero.xero.objects.companions import Brought, Implied, Target
from segxero.xero.objects.context import Context
from segxero.xero.objects.document import Document, DocumentSchema
from segxero.xero.objects.numbering import make_number
from segxero.xero.objects.references import check_currency, find_invoice, imply_invoice, read_order
from segxero.xero.objects.schemas import Text, check_payload, text, word
from segxero.xero.objects.taxed_lines import list_tax_types
from segxero.xero.objects.wanted import Linked, Prepared, Wanted
from segxero.xero.taxes.case import find_day


class CreditNoteSchema(DocumentSchema):
    """A credit note for a sales invoice."""

    Type = word("ACCRECCREDIT")
    CreditNoteNumber = text(255)


class CreditNoteReferenceSchema(Schema):
    """A credit note on a payment: its id and nothing else."""

    CreditNoteID = Text(required=True, validate=validate.Length(min=1))


class CreditNotes(Document):
    """The credit note of a refund."""

    name = "CreditNote"
    queue = "credit_notes"
    noun = "refund"
    books_money = True
    order_field = "Order"
    id_field = "CreditNoteID"
    collection = "CreditNotes"
    kind = "ACCRECCREDIT"
    number_field = "CreditNoteNumber"
    act = "refunded"
    plain = ("Status", "Reference", "BrandingThemeID", "CurrencyRate")
    fields = frozenset([*plain, *refunds.FACTS, "Date", "CurrencyCode", "Order", "Allocate"])
    schema = CreditNoteSchema()
    is_told_to_segment = True
    names_sender = ("Contact", "Invoice")

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the credit note, checked to the cent against its invoice and its other refunds.

        Raise ParkedError with the sums when they disagree.
        """
        if (booked := get_booked(wanted)) is not None:
            return self.void(wanted, booked) if is_gone(booked) else self._prepare_booked(wanted, booked, context)
        invoice = find_invoice(wanted.references)
        sold_on = find_day(invoice.fields.get("Date"), context.time_zone)
        order = refunds.SoldOrder.of(invoice.fields, list_tax_types(context, sold_on))
        made = refunds.make_refund_lines(wanted.fields, order)
        if not wanted.xero_id:
            _check_sum(invoice, order)
        tracking = jsontext.loads(invoice.remembered.get("labels") or "[]")
        day = self.find_day(wanted, context)
        payload = self.fill(wanted, made, day, invoice.remembered.get("contact", ""), tracking)
        payload["CreditNoteNumber"] = make_number(wanted, self.longest)
        currency = check_currency(wanted.fields, invoice, context, "refund")
        if currency:
            payload["CurrencyCode"] = currency
        return Prepared(payload=check_payload(self.schema, payload, "credit note"), total=made.total, keeps=day.keeps)

    def _prepare_booked(self, wanted: Wanted, booked: Mapping[str, Any], context: Context) -> Prepared:
        """Return the credit note with the content that its order computed, to the contact of its invoice."""
        invoices, contacts = wanted.references.get("Invoice", ()), wanted.references.get("Contact", ())
        contact = invoices[0].remembered.get("contact", "") if invoices else ""
        contact = contact or (contacts[0].xero_id if contacts else "")
        tracking = jsontext.loads((invoices[0].remembered.get("labels") if invoices else "") or "[]")
        payload, total, keeps = self.fill_booked(wanted, booked, context, contact, tracking)
        payload["CreditNoteNumber"] = make_number(wanted, self.longest)
        return Prepared(
            payload=check_payload(self.schema, payload, "credit note"), total=total, keeps=keeps, makes=keep(booked)
        )

    def remembers(self, element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
        """Keep the ids of the lines, and the total to allocate."""
        total = element.get("Total")
        kept = super().remembers(element, wanted)
        return kept if total is None else {**kept, "total": str(cents(Decimal(str(total))))}

    def implied(self, key: str, fields: Mapping[str, Any]) -> Implied | None:
        """Return the invoice, which keeps the facts of its refunds, so each refund knows the others."""
        facts = {name: fields[name] for name in refunds.FACTS if name in fields}
        return imply_invoice(fields, "Refunds", {"Refund": refunds.name_slot(key), "Key": key, **facts})

    def brings(self, key: str, fields: Mapping[str, Any]) -> Brought | None:
        """Return the allocation to the invoice, unless the mapping leaves the credit open."""
        order = read_order(fields)
        if not order or fields.get("Allocate") is not True:
            return None
        references = {"CreditNote": Target("CreditNote", key), "Invoice": Target("Invoice", order)}
        return Brought(object="Allocation", key=key, references=references)


def _check_sum(invoice: Linked, order: refunds.SoldOrder) -> None:
    """Raise ParkedError when the refunds of the order come to more than its invoice."""
    credited = list(refunds.list_credits(invoice.fields.get("Refunds", []), order))
    if sum(credited) > order.lines.total:
        raise ParkedError(
            f"the refunds of the order come to {refunds.spell_sum(credited)}, and its invoice is {order.lines.total};"
            " correct the one that is wrong, or credit it in Xero"
        )
