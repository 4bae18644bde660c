"""Refunds: the lines of a credit note, made from a refund and its order, and checked to the cent.

Segment's own specification gives a refund only its order; amounts and products may come with it. The rules:

- A refund without amounts, or with the total of the invoice, credits the whole order.
- A refund with products credits these. Its total must agree with their sum after the order's tax and discount.
- A refund with a total alone becomes a single line.
- The tax is the order's, in proportion.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from segxero.errors import ParkedError, PermanentError
from segxero.xero.money import lines
from segxero.xero.money.amounts import CENT, ZERO, amount, cents
from segxero.xero.money.lines import Lines, Sums, line_amount
from segxero.xero.money.taxes import INHERITED, UNTAXED

FACTS = ("LineItems", "Shipping", "Discount", "Tax", "Total", "Description", "AccountCode")
OWN_DISCOUNT = ("DiscountRate", "DiscountAmount")
NOT_CREDITED = (*OWN_DISCOUNT, "ItemCode")
Tables = Mapping[str, Mapping[str, Any]]


def name_slot(key: str) -> str:
    """Name the place of the refund or payment *key* among those of its order."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldOrder:
    """The order as it was invoiced: its fields, the tables, and its *lines*."""

    fields: Mapping[str, Any]
    tables: Tables
    lines: Lines

    @classmethod
    def of(cls, fields: Mapping[str, Any], tables: Tables) -> "SoldOrder":
        return cls(fields=fields, tables=tables, lines=lines.make_lines(fields, tables))

    @property
    def taxed(self) -> Decimal:
        """The taxable share of the order's lines."""
        return sum((line_amount(item) for item in self.lines.sold if item["TaxType"] != self._untaxed), ZERO)

    @property
    def is_taxed_in_part(self) -> bool:
        return bool(self.lines.tax) and any(item["TaxType"] == self._untaxed for item in self.lines.sold)

    @property
    def tax_types(self) -> dict[str, Any]:
        """The rows of the tax table in use by the order: a refund is taxed like its order."""
        table = self.tables.get("tax_types", {})
        used = [item["TaxType"] for item in self.lines.items if item["TaxType"] != self._untaxed]
        rows = {rate: kind for rate, kind in table.items() if rate == UNTAXED or str(kind) in used}
        return {**rows, **({INHERITED: used[0]} if used else {})}

    @property
    def _untaxed(self) -> str:
        return str(self.tables.get("tax_types", {}).get(UNTAXED))

    def tax_of(self, net: Decimal, shipping: Decimal) -> Decimal:
        """Return the order's tax on *net*; *shipping* is untaxed where the order's was."""
        base = self.taxed
        taxed = net - shipping if self.is_taxed_in_part else net
        return cents(taxed * self.lines.tax / base) if base else ZERO

    def discounts_of(self, goods: Decimal, stated: Decimal | None, *, has_total: bool) -> list[Decimal]:
        """Return the possible discounts of the refunded *goods*. Raise ParkedError when the refund leaves it open."""
        whole = Sums.of(self.fields).discount
        if stated is not None or not whole:
            return [abs(cents(stated or ZERO))]
        if not has_total:
            raise ParkedError(
                f"the order had a discount of {whole}, and the refund of goods of {goods} does not say how much is"
                " given back; send it with its total"
            )
        bought = lines.make_product_lines(self.fields["LineItems"], self.tables)
        all_goods = sum((line_amount(item) for item in bought), ZERO)
        return [cents(whole * goods / all_goods) if all_goods else ZERO, ZERO]


def make_refund_lines(refund: Mapping[str, Any], order: SoldOrder) -> Lines:
    """Make the lines of a credit note for *refund*, as its record holds it.

    Raise ParkedError with the sums when they disagree or do not tell the tax.
    """
    stated = amount(refund.get("Total"), "Total")
    products = refund.get("LineItems") or []
    if not isinstance(products, list):
        raise PermanentError("products should be a list; correct the event and replay it")
    total = None if stated is None else abs(cents(stated))
    if total == ZERO:
        raise ParkedError("the refund comes to 0.00, so there is nothing to credit")
    # Segment's plain Order Refunded states no amounts: then the whole order is credited.
    if total == order.lines.total or (total is None and not products):
        return replace(order.lines, items=[_plain(item) for item in order.lines.items])
    if total is None or products:
        return _credit_products(products, refund, total, order)
    return _credit_amount(total, refund, order)


def list_credits(refunds: Iterable[Mapping[str, Any]], order: SoldOrder) -> Iterator[Decimal]:
    """Yield the credit of each of *refunds*; a parked refund credits nothing."""
    for refund in refunds:
        try:
            yield make_refund_lines(refund, order).total
        except (ParkedError, PermanentError):
            continue


def spell_sum(amounts: Sequence[Decimal]) -> str:
    """Write a sum out: 15.00 + 8.00 = 23.00."""
    parts = " + ".join(map(str, amounts))
    return parts if len(amounts) == 1 else f"{parts} = {sum(amounts)}"


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as a credit note may have it: without a discount of its own, and moving no stock."""
    kept = {name: value for name, value in item.items() if name not in NOT_CREDITED}
    if item.keys() & set(OWN_DISCOUNT):
        kept |= {"Quantity": Decimal(1), "UnitAmount": line_amount(item)}
    return kept


def _credit_amount(total: Decimal, refund: Mapping[str, Any], order: SoldOrder) -> Lines:
    # A total over taxed and untaxed goods does not tell their shares.
    if order.is_taxed_in_part:
        raise ParkedError(
            f"the refund of {total} states no products, and its order is taxed in part: its tax cannot be told;"
            " send it with products[]"
        )
    tax = cents(total * order.lines.tax / order.lines.total) if order.lines.tax else ZERO
    item = {
        "Description": str(refund.get("Description") or "Refund"),
        "Quantity": Decimal(1),
        "UnitAmount": total,
        "AccountCode": lines.find_account(refund.get("AccountCode"), order.tables),
    }
    lines.put_taxes([item], tax, None, order.tax_types, inclusive=True)
    return Lines(items=[item], amount_types="Inclusive", total=total, tax=tax)


def _credit_products(products: list[Any], refund: Mapping[str, Any], total: Decimal | None, order: SoldOrder) -> Lines:
    items = [_plain(item) for item in lines.make_product_lines(products, order.tables)]
    goods = sum((line_amount(item) for item in items), ZERO)
    sums = Sums.of(refund)
    stated = amount(refund.get("Discount"), "Discount")
    made = []
    # The shop may have given back the discount in proportion or not at all: the total tells.
    for discount in order.discounts_of(goods, stated, has_total=total is not None):
        net = goods - discount + sums.shipping
        tax = _tax(net, sums, total, order)
        if tax is not None:
            return _put_together(items, discount, sums.shipping, tax, order)
        made.append(str(net if order.lines.inclusive else net + order.tax_of(net, sums.shipping)))
    states = [f"{name} {value}" for name, value in (("total", total), ("tax", sums.tax)) if value is not None]
    raise ParkedError(
        f"the sums disagree: the refunded goods of {goods} make {' or '.join(made)} with the order's discount and tax;"
        f" the refund states {' and '.join(states)}"
    )


def _tax(net: Decimal, sums: Sums, total: Decimal | None, order: SoldOrder) -> Decimal | None:
    """Return the tax in or on *net*; None when the refund's own sums say otherwise.

    The order's tax is rounded, and so is a part of it: the sums of the refund may differ by a cent.
    """
    expected = order.tax_of(net, sums.shipping)
    if total is not None and (order.lines.inclusive or not order.lines.tax):
        tax = expected if net == total else None
    else:
        tax = expected if total is None else total - net
    if tax is None or abs(tax - expected) > CENT or abs((tax if sums.tax is None else sums.tax) - expected) > CENT:
        return None
    return tax


def _put_together(
    items: list[dict[str, Any]], discount: Decimal, shipping: Decimal, tax: Decimal, order: SoldOrder
) -> Lines:
    if discount:
        items.append(lines.make_extra_line("Discount", -discount, order.tables))
    place = len(items) if shipping else None
    if shipping:
        items.append(lines.make_extra_line("Shipping", shipping, order.tables))
    lines.put_taxes(items, tax, place, order.tax_types, inclusive=order.lines.inclusive)
    net = sum((line_amount(item) for item in items), ZERO)
    total = net if order.lines.inclusive else net + tax
    return Lines(items=items, amount_types=order.lines.amount_types, total=total, tax=tax)
