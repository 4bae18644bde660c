"""Orders: the facts of an order, from which the queue `orders` computes its invoice, credit notes and payments.

An order is no object of Xero. It is listed among them because mappings and records name it the same way.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NoReturn

from marshmallow import fields

from segxero.xero.api.request import Request
from segxero.xero.money.refunds import name_slot
from segxero.xero.objects.context import Context
from segxero.xero.objects.document import LineItemSchema
from segxero.xero.objects.invoices import Invoices, InvoiceSchema
from segxero.xero.objects.schemas import Text
from segxero.xero.objects.wanted import Batch, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject

FACTS, FACT = "Facts", "Fact"
SOURCE = "Source"  # of a fact: the Segment source that tells it, where it belongs to a shop
# Fields of the fact itself, of its taxes, of refunds, and of money.
OF_FACTS = ("Fact", "Received", "Date")
OF_TAXES = (
    *("TaxLines", "TaxRate", "TaxIncluded", "ShippingTax", "ShippingTaxLines", "OtherAmounts", "ShipTo", "Collected"),
    *("CustomerTaxNumber", "Fees", "GiftWrap", "Surcharge", "Tip", "Donation", "Duties", "CashRounding"),
)
OF_REFUNDS = ("RefundId", "Amount", "Products", "RestockingFee", "Fee")
OF_MONEY = (
    *("PaymentId", "PaymentMethod", "PaymentStatus", "Payments", "BankAmount", "PaymentCurrency"),
    *("GiftCardAmount", "StoreCredit", "Deposit"),
)


class ProductSchema(LineItemSchema):
    """A product of an order, with the evidence for its tax."""

    LineId = Text()
    Sku = Text()
    Category = Text()
    Kind = Text()
    CurrencyCode = Text()
    TaxClass = Text()
    TaxCode = Text()
    TaxRate = Text()
    Taxable = Text()
    TaxLines = fields.Raw()
    ForceTaxType = Text()
    ChannelLiable = Text()
    GiftCard = Text()
    Discount = fields.Decimal(as_string=False)


class OrderSchema(InvoiceSchema):
    """An order: its invoice, with products that tell more than a line does."""

    LineItems = fields.List(fields.Nested(ProductSchema))


class Orders(XeroObject):
    """An order as its facts make it. Every event adds one fact, so neither order nor repetition matters."""

    name = "Order"
    queue = "orders"
    noun = "order"
    books_money = True
    scope = "accounting.invoices"
    id_field = ""
    collection = ""
    fields = Invoices.fields | frozenset([*OF_FACTS, *OF_TAXES, *OF_REFUNDS, *OF_MONEY])
    schema = OrderSchema()
    slots: ClassVar[Mapping[str, str]] = {FACTS: FACT}
    calls_xero = False
    has_debtor = True

    def place_fact(self, fields: Mapping[str, Any], message_id: str, at: str) -> dict[str, Any]:
        """Put the fields of an event into a slot of their own: its message and the kind of the fact name it."""
        kind = str(fields.get(FACT) or "version")
        slot = name_slot(f"{message_id} {kind}")
        told = {name: value for name, value in fields.items() if name != FACT}
        return {FACTS: [{FACT: slot, "Kind": kind, "At": at, "MessageId": message_id, **told}]}

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return nothing: other records carry an order to Xero."""
        return Prepared(payload={}, needless=True)

    def write(self, batch: Batch) -> Request:
        """Refuse, because no call of Xero writes an order."""
        _refuse()

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Refuse, because no call of Xero finds an order."""
        _refuse()

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Tell that no element of Xero is an order."""
        return False


def _refuse() -> NoReturn:
    raise NotImplementedError("an order is written by the records that it computes")
