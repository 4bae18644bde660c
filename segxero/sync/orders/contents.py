"""The content of one version of an order, with the tax of every line. Pure; called by `reading`."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from segxero.xero.money import lines
from segxero.xero.money.amounts import cents, share
from segxero.xero.objects.context import Context
from segxero.xero.objects.items import put_codes
from segxero.xero.objects.wanted import Linked, Wanted
from segxero.xero.taxes.case import RETIRED
from segxero.xero.taxes.decision import decide
from segxero.xero.taxes.rows import TABLE
from segxero.xero.taxes.taxed import TaxedLine, TaxedOrder

DISCOUNT = "discount"
EXTRAS = ("shipping", DISCOUNT, "rounding")  # the lines that the older rule makes beside the products


def decide_content(told: Mapping[str, Any], context: Context, number: str, items: tuple[Linked, ...]) -> TaxedOrder:
    """Return the content that *told* states. Raise ParkedError or PermanentError where it cannot be told."""
    references = {"Items": items}
    fields = {**told, "LineItems": put_codes(Wanted(key=number, fields=told, references=references))}
    # A set-up that still has the older table keeps its rule until `segxero init` has written the newer one.
    if TABLE in context.tables and RETIRED not in context.tables:
        return decide(fields, context.tax_setup, number)
    return _convert(lines.make_lines(fields, context.tables))


def _convert(made: lines.Lines) -> TaxedOrder:
    """Turn lines that the table `tax_types` decided into the same form."""
    converted = [_convert_line(number, item) for number, item in enumerate(made.items, start=1)]
    discount = sum((-line.amount for line in converted if line.kind == DISCOUNT), Decimal("0.00"))
    goods = [line for line in converted if line.kind == "goods"]
    shares = iter(share(discount, [line.amount for line in goods]) if goods else ())
    return TaxedOrder(
        lines=tuple(replace(line, discount=next(shares)) if line.kind == "goods" else line for line in converted),
        amount_types=made.amount_types,
        total=made.total,
    )


def _convert_line(number: int, item: Mapping[str, Any]) -> TaxedLine:
    amount = lines.line_amount(item)
    is_plain = cents(item["Quantity"] * item["UnitAmount"]) == amount
    name = str(item["Description"]).lower()
    kind = name if name in EXTRAS else "goods"
    return TaxedLine(
        key=f"{item.get('ItemCode') or item['Description']}|{item['UnitAmount']}|{item['TaxType']}",
        kind=kind,
        description=str(item["Description"]),
        quantity=item["Quantity"] if is_plain else Decimal(1),
        unit_amount=item["UnitAmount"] if is_plain else amount,
        amount=amount,
        tax=item.get("TaxAmount", Decimal("0.00")),
        tax_type=str(item["TaxType"]),
        account=str(item["AccountCode"]),
        item_code=str(item.get("ItemCode") or ""),
        sku=str(item.get("Sku") or ""),
        number=number if kind == "goods" else 0,
    )
