"""Documents: the base of invoices and credit notes, alike in how Xero creates, finds and changes them.

PUT creates a document and never overwrites; POST changes a document by its Xero id.
"""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from segxero import jsontext
from segxero.xero.api.refusals import Kind
from segxero.xero.api.request import Request
from segxero.xero.money.amounts import cents
from segxero.xero.money.lines import Lines
from segxero.xero.objects import by_hand
from segxero.xero.objects.booked import FROZEN, GONE, get_booked, get_made, has_same_content, is_gone, keep
from segxero.xero.objects.context import Context
from segxero.xero.objects.numbering import make_number, quote
from segxero.xero.objects.open_days import DatedObject, Day, read_day
from segxero.xero.objects.schemas import Text, text, word
from segxero.xero.objects.wanted import Batch, Prepared, Wanted

LONGEST_NUMBER = 255
APPROVED = "AUTHORISED"
REST = "rest"  # remembered: a digest of the payload that Xero has, without the contact
CLOSED = ("VOIDED", "DELETED")


class TrackingSchema(Schema):
    """A tracking option on a line."""

    Name = text(100)
    Option = text(100)


class LineItemSchema(Schema):
    """A line of a document."""

    Description = Text(validate=validate.Length(min=1, max=4000))
    Quantity = fields.Decimal(as_string=False)
    UnitAmount = fields.Decimal(as_string=False)
    ItemCode = text(30)
    AccountCode = text(10)
    TaxType = text(50)
    TaxAmount = fields.Decimal(as_string=False)
    DiscountRate = fields.Decimal(as_string=False)
    DiscountAmount = fields.Decimal(as_string=False)
    Tracking = fields.List(fields.Nested(TrackingSchema), validate=validate.Length(max=2))


class ContactReferenceSchema(Schema):
    """A contact on a document: its id and nothing else, because anything else is written to the contact."""

    ContactID = Text(required=True, validate=validate.Length(min=1))


class DocumentSchema(Schema):
    """The common fields of invoices and credit notes."""

    Status = word("DRAFT", "SUBMITTED", APPROVED)
    Contact = fields.Nested(ContactReferenceSchema, required=True)
    Date = Text(required=True)
    LineAmountTypes = word("Exclusive", "Inclusive", "NoTax")
    LineItems = fields.List(fields.Nested(LineItemSchema), required=True, validate=validate.Length(min=1))
    Reference = text(255)
    CurrencyCode = Text(validate=validate.Regexp(r"^[A-Z]{3}$", error="{input} is not a currency code"))
    CurrencyRate = fields.Decimal(as_string=False)
    BrandingThemeID = Text()


class Document(DatedObject):
    """An invoice or a credit note."""

    #: Xero's Type of the document.
    kind: ClassVar[str]
    #: Key of the document's number.
    number_field: ClassVar[str]
    #: Fields sent to Xero as the mapping sets them.
    plain: ClassVar[tuple[str, ...]]
    #: The customer's act on the document's own date, such as `ordered`.
    act: ClassVar[str]

    scope = "accounting.invoices"
    has_debtor = True
    longest = LONGEST_NUMBER
    forgets = (*DatedObject.forgets, by_hand.READS)

    def void(self, wanted: Wanted, booked: Mapping[str, Any]) -> Prepared:
        """Return the payload to void the document; there is nothing to do where Xero has none."""
        needless = not wanted.xero_id or get_made(wanted.remembered).get("Status") in GONE
        return Prepared(payload={"Status": "VOIDED"}, needless=needless, makes=keep(booked))

    def freeze(self, wanted: Wanted, policy: str) -> Mapping[str, str] | None:
        """A document with money on it, or of a locked period, stays as Xero has it (L5)."""
        booked = get_booked(wanted)
        if booked is None or not wanted.xero_id or policy not in ("paid_invoice", "lock_date"):
            return None
        made, narrowed = get_made(wanted.remembered), self.narrow(wanted)
        if not is_gone(booked) and made == dict(booked):
            return narrowed
        # A document with the same lines is sent with the fields that Xero takes, unless it refused those as well.
        is_refused = narrowed is None or narrowed.items() <= wanted.remembered.items()
        return {FROZEN: policy} if is_refused or not has_same_content(made, booked) else narrowed

    def find_doubt(self, wanted: Wanted, kinds: frozenset[str]) -> Mapping[str, str]:
        """A document that Xero does not let anybody change may have been voided by a person (L15)."""
        is_booked = get_booked(wanted) is not None and bool(wanted.xero_id)
        return by_hand.DOUBT if is_booked and Kind.CLOSED in kinds and not wanted.remembered.get(by_hand.READS) else {}

    def must_look(self, wanted: Wanted) -> bool:
        """Read a document that Xero refuses to change, once."""
        return wanted.remembered.get(by_hand.READS) == by_hand.OPEN

    def find_act(self, element: Mapping[str, Any], wanted: Wanted) -> Mapping[str, str]:
        """A document that a person voided or deleted stays so; its order is told."""
        if not self.must_look(wanted):
            return {}
        is_taken_out = element.get("Status") in CLOSED
        # Anything else is sent once more, and a second refusal is final.
        return {by_hand.READS: by_hand.DONE, **({FROZEN: by_hand.TAKEN_OUT} if is_taken_out else {})}

    def write(self, batch: Batch) -> Request:
        """Create documents by PUT, or change existing documents by POST."""
        is_new = not batch[0][0].xero_id
        return Request(
            method="PUT" if is_new else "POST",
            path=f"/{self.collection}",
            params={"summarizeErrors": "false", "unitdp": "4"},
            body={self.collection: [payload if is_new else self.update(wanted, payload) for wanted, payload in batch]},
        )

    def update(self, wanted: Wanted, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload of a change. It names the lines by their ids: a line without id would be added."""
        if payload.get("Status") in GONE:
            return {self.id_field: wanted.xero_id, "Status": payload["Status"]}
        if self.is_move(wanted, payload):
            return {self.id_field: wanted.xero_id, "Contact": payload["Contact"]}
        body = {name: value for name, value in payload.items() if name != self.number_field}
        return {self.id_field: wanted.xero_id, **body, "LineItems": _name_lines(wanted, payload["LineItems"])}

    def is_move(self, wanted: Wanted, payload: Mapping[str, Any]) -> bool:
        """Tell whether only the contact has changed: Xero moves a paid invoice too, if nothing else is sent."""
        is_same = wanted.remembered.get(REST) == digest_rest(payload)
        return is_same and wanted.remembered.get("contact", "").lower() != payload["Contact"]["ContactID"].lower()

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Find documents by their numbers."""
        asked = self.ask_numbers([make_number(wanted, LONGEST_NUMBER) for wanted in batch], context)
        params = {**asked, "page": "1", "pageSize": "100", "unitdp": "4"}
        return Request(method="GET", path=f"/{self.collection}", params=params)

    def ask_numbers(self, numbers: Sequence[str], context: Context) -> dict[str, str]:
        """Return the parameters to list the documents of these *numbers*."""
        field = self.choose_number_field(context)
        return {"where": " OR ".join(f"{field}=={quote(number)}" for number in numbers)}

    def choose_number_field(self, context: Context) -> str:
        """Return the field with our number."""
        return self.number_field

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare ids once known, else type and number."""
        if wanted.xero_id:
            return str(element.get(self.id_field, "")).lower() == wanted.xero_id.lower()
        number = element.get(self.choose_number_field(context))
        # An invoice of a supplier may have the same number.
        return element.get("Type", self.kind) == self.kind and number == make_number(wanted, LONGEST_NUMBER)

    def is_ours(self, element: Mapping[str, Any], prepared: Prepared) -> bool:
        """A document with our number is ours when it has the same contact."""
        if prepared.payload.get("Status") in GONE:
            return True
        found = str(element.get("Contact", {}).get("ContactID", ""))
        return found.lower() == str(prepared.payload["Contact"]["ContactID"]).lower()

    def is_written(self, element: Mapping[str, Any], prepared: Prepared) -> bool:
        """Compare contact, currency, number of lines and sum."""
        payload = prepared.payload
        if payload.get("Status") in GONE:
            return element.get("Status") in CLOSED
        found = element.get("Total")
        return (
            self.is_ours(element, prepared)
            and element.get("CurrencyCode", "") == payload.get("CurrencyCode", element.get("CurrencyCode", ""))
            and len(element.get("LineItems", [])) == len(payload["LineItems"])
            and found is not None
            and cents(Decimal(str(found))) == prepared.total
            and element.get("Status") not in CLOSED
        )

    def is_held(self, seen: Mapping[str, Any], prepared: Prepared) -> bool:
        """Compare as `is_written` does. A document voided by a person stays void."""
        if seen.get("Status") in CLOSED:
            return True
        return prepared.payload.get("Status") not in CLOSED and self.is_written(seen, prepared)

    def remembers(self, element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
        """Keep the ids of the lines: an update without them would replace the lines by new lines."""
        ids = [str(line["LineItemID"]) for line in element.get("LineItems") or [] if line.get("LineItemID")]
        return {"lines": jsontext.dumps(ids)} if ids else {}

    def fill_booked(
        self, wanted: Wanted, booked: Mapping[str, Any], context: Context, contact_id: str, tracking: Sequence[Any]
    ) -> tuple[dict[str, Any], Decimal, dict[str, str]]:
        """Return the payload of computed content, its total, and the facts to keep."""
        day = Day.of(read_day(booked["Date"], "Date", context.zone), wanted, context)
        made = Lines(
            items=[dict(item) for item in booked["LineItems"]],
            amount_types=str(booked["LineAmountTypes"]),
            total=cents(Decimal(str(booked["Total"]))),
        )
        payload = self.fill(wanted, made, day, contact_id, tracking)
        currency = str(booked.get("CurrencyCode") or context.currency)
        payload |= {"Status": booked["Status"], **({"CurrencyCode": currency} if currency else {})}
        return payload, made.total, day.keeps

    def fill(
        self, wanted: Wanted, made: Lines, day: Day, contact_id: str, tracking: Sequence[Mapping[str, str]]
    ) -> dict[str, Any]:
        """Return the common part of every document's payload."""
        given = {name: wanted.fields[name] for name in self.plain if wanted.fields.get(name) not in (None, "")}
        items = day.state_own(made.items, self.act)
        return {
            "Type": self.kind,
            "Status": APPROVED,
            **given,
            "Contact": {"ContactID": contact_id},
            "Date": day.booked.isoformat(),
            "LineAmountTypes": made.amount_types,
            "LineItems": [{**item, "Tracking": list(tracking)} if tracking else item for item in items],
        }


def digest_rest(payload: Mapping[str, Any]) -> str:
    """Return a digest of *payload* without its contact."""
    rest = {name: value for name, value in payload.items() if name != "Contact"}
    return hashlib.sha256(jsontext.canonical(rest).encode()).hexdigest()[:20]


def _name_lines(wanted: Wanted, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return *items* with their ids in Xero; Xero deletes a line whose id is left out."""
    known = jsontext.loads(wanted.remembered.get("lines", "[]"))
    ids: list[str | None] = [*known, *[None] * len(items)]
    return [
        {"LineItemID": line_id, **item} if line_id else dict(item) for item, line_id in zip(items, ids, strict=False)
    ]
