"""Invoices: sales invoices (ACCREC), made from orders."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from segxero import jsontext
from segxero.errors import ParkedError
from segxero.xero.money.amounts import UNIT, cents
from segxero.xero.money.terms import find_due_day
from segxero.xero.objects.booked import BOOKED, get_booked, is_gone, keep
from segxero.xero.objects.contact_addresses import BILL_TO, write_bill_to
from segxero.xero.objects.contact_persons import name_person
from segxero.xero.objects.context import Context
from segxero.xero.objects.document import APPROVED, LONGEST_NUMBER, REST, Document, DocumentSchema, digest_rest
from segxero.xero.objects.items import put_codes
from segxero.xero.objects.numbering import make_number
from segxero.xero.objects.open_days import Day, read_day
from segxero.xero.objects.schemas import Text, check_payload, text, word
from segxero.xero.objects.taxed_lines import make_taxed_lines
from segxero.xero.objects.wanted import Prepared, Wanted

PAID = "paid"  # remembered: Xero has refused a change, because money is on the invoice
CHANGEABLE = ("Reference", "DueDate", "Url", "BrandingThemeID")  # on a paid invoice (Xero's page on invoices)
ORDER = ("Shipping", "Discount", "Tax", "Total", "Subtotal")
# What else an order may state of its parts and its tax (see xero/taxes/reader.py).
PARTS = (
    "Fees",
    "GiftWrap",
    "Surcharge",
    "Tip",
    "Donation",
    "Duties",
    "CashRounding",
    "ShippingTax",
    "ShippingTaxLines",
)
TAXES = ("TaxIncluded", "TaxRate", "TaxLines", "ShippingTax", "ShippingTaxLines", "OtherAmounts")
PLACES = ("ShipTo", "Collected", "CustomerTaxNumber")
TENDERS = ("GiftCardAmount", "StoreCredit", "Deposit")
NUMBER = "InvoiceNumber"


class InvoiceSchema(DocumentSchema):
    """A sales invoice."""

    Type = word("ACCREC")
    DueDate = Text(required=True)
    InvoiceNumber = text(255)
    Url = fields.Url()
    SentToContact = fields.Boolean()


class InvoiceReferenceSchema(Schema):
    """An invoice on a payment or an allocation: its id and nothing else."""

    InvoiceID = Text(required=True, validate=validate.Length(min=1))


class Invoices(Document):
    """The invoice of an order. Refunds and payments of the order are folded into it, so each knows the others."""

    name = "Invoice"
    queue = "invoices"
    noun = "order"
    books_money = True
    id_field = "InvoiceID"
    collection = "Invoices"
    kind = "ACCREC"
    number_field = NUMBER
    act = "ordered"
    plain = ("Type", "Status", "Reference", "Url", "BrandingThemeID", "CurrencyRate", "SentToContact")
    fields = frozenset(
        [
            *(*plain, *ORDER, *PARTS, *TAXES, *PLACES, *TENDERS),
            *("Date", "DueDate", "CurrencyCode", "LineItems", "Contact", "Tracking", "ItemCodes", "Items"),
        ]
    )
    schema = InvoiceSchema()
    slots: ClassVar[Mapping[str, str]] = {"Refunds": "Refund", "Payments": "Payment"}
    forgets = (*Document.forgets, PAID)
    is_told_to_segment = True
    names_sender = ("Contact",)
    page = "https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID={}"

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the invoice, checked to the cent.

        Raise ParkedError when a person or another record will bring the missing part, PermanentError when the order
        itself is wrong.
        """
        if (booked := get_booked(wanted)) is not None:
            return self.void(wanted, booked) if is_gone(booked) else self._prepare_booked(wanted, booked, context)
        if not self.has_order(wanted.fields):
            raise ParkedError(
                "only refunds or payments of this order have come; it waits for the order itself", stuck=False
            )
        made = make_taxed_lines({**wanted.fields, "LineItems": put_codes(wanted)}, context, wanted.key)
        day = self.find_day(wanted, context)
        payload = self.fill(wanted, made, day, _find_contact(wanted), _list_tracking(wanted))
        _put_debtor(payload, wanted, day, context)
        payload[context.order_id_in] = make_number(wanted, self.longest)
        currency = str(wanted.fields.get("CurrencyCode") or context.currency).strip().upper()
        if currency:
            payload["CurrencyCode"] = currency
        checked = check_payload(self.schema, payload, "invoice")
        return Prepared(payload=checked, total=made.total, keeps={**day.keeps, REST: digest_rest(checked)})

    def _prepare_booked(self, wanted: Wanted, booked: Mapping[str, Any], context: Context) -> Prepared:
        """Return the invoice with the content that its order computed."""
        payload, total, keeps = self.fill_booked(wanted, booked, context, _find_contact(wanted), _list_tracking(wanted))
        day = Day.of(read_day(booked["Date"], "Date", context.zone), wanted, context)
        _put_debtor(payload, wanted, day, context)
        payload[context.order_id_in] = make_number(wanted, self.longest)
        checked = check_payload(self.schema, payload, "invoice")
        return Prepared(payload=checked, total=total, keeps={**keeps, REST: digest_rest(checked)}, makes=keep(booked))

    def has_order(self, fields: Mapping[str, Any]) -> bool:
        """Tell whether the order itself has come, and not only its refunds or payments."""
        return BOOKED in fields or not fields.keys() <= self.slots.keys()

    def update(self, wanted: Wanted, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload of a change: of a paid invoice only the changeable fields."""
        if wanted.remembered.get(PAID) and not self.is_move(wanted, payload):
            return {"InvoiceID": wanted.xero_id, **{name: payload[name] for name in CHANGEABLE if name in payload}}
        return super().update(wanted, payload)

    def choose_number_field(self, context: Context) -> str:
        """Return InvoiceNumber or Reference, as the organisation's `order_id_in` says."""
        return context.order_id_in

    def ask_numbers(self, numbers: Sequence[str], context: Context) -> dict[str, str]:
        """Return the parameters to list the invoices; Xero's own filter by number cannot hold a comma."""
        if context.order_id_in == NUMBER and not any("," in number for number in numbers):
            return {"InvoiceNumbers": ",".join(numbers)}
        return super().ask_numbers(numbers, context)

    def takes_two(self, context: Context) -> bool:
        """Xero refuses a second invoice of the same number, but not of the same reference."""
        return context.order_id_in != NUMBER

    def narrow(self, wanted: Wanted) -> Mapping[str, str] | None:
        """Remember the payment of the invoice."""
        return {PAID: "1"}

    def counts_for_plan(self, prepared: Prepared) -> bool:
        """Xero's plan limits the approved invoices of a month."""
        return prepared.payload.get("Status") == APPROVED

    def faults(self, element: Mapping[str, Any], wanted: Wanted, prepared: Prepared) -> tuple[str, ...]:
        """Compare the sum. The lines of a paid invoice were not sent, so they are compared as well."""
        if wanted.remembered.get(PAID):
            return _compare_paid(element, prepared)
        return super().faults(element, wanted, prepared)

    def remembers(self, element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
        """Keep the ids of the lines and Xero's number, and the contact and tracking for its credit notes."""
        written = element.get("LineItems") or []
        contact = str(element.get("Contact", {}).get("ContactID") or "")
        first = [option for line in written[:1] for option in line.get("Tracking") or []]
        labels = [{"Name": option["Name"], "Option": option["Option"]} for option in first]
        number = element.get("InvoiceNumber")
        return {
            **super().remembers(element, wanted),
            **({"contact": contact} if contact else {}),
            **({"labels": jsontext.dumps(labels)} if written else {}),
            **({"number": str(number)} if number not in (None, "", wanted.key) else {}),
        }


def _list_tracking(wanted: Wanted) -> list[dict[str, str]]:
    return [
        {"Name": option.remembered["category"], "Option": option.remembered["name"]}
        for option in wanted.references.get("Tracking", ())
    ]


def _put_debtor(payload: dict[str, Any], wanted: Wanted, day: Day, context: Context) -> None:
    """Put the debtor into *payload*: the line of another billing address, the due day, the name of the buyer."""
    contact = wanted.references["Contact"][0]
    if line := write_bill_to(wanted.fields.get(BILL_TO) or {}, contact.fields.get("Addresses") or []):
        payload["LineItems"] = [{"Description": line}, *payload["LineItems"]]
    payload["DueDate"] = _find_due_day(wanted.fields, _read_terms(wanted), day, context).isoformat()
    if wanted.references.get("Buyer"):
        payload["Reference"] = _name_buyer(payload.get("Reference"), wanted)


def _find_contact(wanted: Wanted) -> str:
    contacts = wanted.references.get("Contact", ())
    if not contacts:
        raise ParkedError("the order names no customer; give it a userId, or a key in the mapping's depends_on")
    return contacts[0].xero_id


def _find_due_day(fields: Mapping[str, Any], terms: Mapping[str, Any], day: Day, context: Context) -> date:
    """Return when the invoice is due: by the terms of its contact, and not before its booking."""
    due = find_due_day(terms, day.own) or day.own + timedelta(days=context.due_days)
    if fields.get("DueDate"):
        due = read_day(fields["DueDate"], "DueDate", context.zone)
    elif _is_paid_at_checkout(fields, day, context):
        due = day.own
    return max(due, day.booked) if day.moved else due


def _read_terms(wanted: Wanted) -> Mapping[str, Any]:
    """Return the payment terms of the contact; {} when it has none."""
    (contact, *_) = wanted.references["Contact"]
    found = contact.fields.get("PaymentTerms")
    return found if isinstance(found, Mapping) else {}


def _is_paid_at_checkout(fields: Mapping[str, Any], day: Day, context: Context) -> bool:
    """Tell whether a payment of the order has come on its own day."""
    dates = [payment.get("Date") for payment in fields.get("Payments") or []]
    return any(read_day(found, "Date", context.zone) == day.own for found in dates if found)


def _name_buyer(reference: Any, wanted: Wanted) -> str:
    """Return the reference of a company's order with the buyer behind it: `1001 / Tui`."""
    buyers = (name_person(buyer.fields) for buyer in wanted.references.get("Buyer", ()))
    return " / ".join(filter(None, (str(reference or wanted.key), *buyers)))[:LONGEST_NUMBER]


def _compare_paid(element: Mapping[str, Any], prepared: Prepared) -> tuple[str, ...]:
    """Return a sentence when the order of a paid invoice has changed."""
    written = [_compared(line) for line in element.get("LineItems") or []]
    found = cents(Decimal(str(element.get("Total") or 0)))
    if written == list(map(_compared, prepared.payload["LineItems"])) and found == prepared.total:
        return ()
    has = f"so its lines stay as they were, with {found}"
    return (f"it is paid or credited, {has}; the order has changed and comes to {prepared.total}",)


def _compared(line: Mapping[str, Any]) -> tuple[str, Decimal, Decimal]:
    """Return the parts of a line returned unchanged by Xero."""
    numbers = (Decimal(str(line.get(name) or 0)).quantize(UNIT) for name in ("Quantity", "UnitAmount"))
    return str(line.get("Description") or ""), next(numbers), next(numbers)
