"""How much a refund credits, and on which lines (L7). Called by `documents` for each refund in order of time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from segxero.orders.books import Question
from segxero.orders.facts import Refund, Returned
from segxero.orders.left import Left, share_out
from segxero.orders.lines import ZERO, drop_empty, tell_place
from segxero.orders.sentences import spell_money
from segxero.orders.settings import OrderSettings
from segxero.xero.taxes.taxed import EXCLUSIVE, TaxedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The lines of a credit note: as the note shows them, and as they are taken from what is left."""

    shown: tuple[TaxedLine, ...]
    taken: tuple[TaxedLine, ...]
    total: Decimal


def credit_refund(refund: Refund, left: Left, settings: OrderSettings, number: str) -> Credit | Question:
    """Return what *refund* credits of what is *left* of order *number*, or the question that decides it."""
    stated = None if refund.amount is None else abs(refund.amount)
    if not refund.products:
        return _spread(left, left.total if stated is None else stated)
    goods = [_find_line(returned, left) for returned in refund.products]
    found = [line for line in goods if line is not None]
    if len(found) < len(goods):
        return _ask(refund, number, "names goods that the order does not have", "unknown_goods")
    is_whole = _is_whole(refund.products, found, left)
    if is_whole and stated in (None, left.total) and refund.shipping is None:
        return _spread(left, left.total)
    return _credit_goods(refund, found, left, settings, number, is_whole=is_whole)


def _credit_goods(
    refund: Refund, found: list[TaxedLine], left: Left, settings: OrderSettings, number: str, *, is_whole: bool
) -> Credit | Question:
    """Credit the goods that are *found*; an amount beside them agrees, or differs by parts that have a name."""
    stated = None if refund.amount is None else abs(refund.amount)
    readings = list(_read_goods(refund, found, left, settings))
    for lines in readings:
        if stated is None or left.gross(lines) == stated:
            return Credit(shown=lines, taken=lines, total=left.gross(lines))
    if is_whole and stated is not None and stated < left.gross(readings[0]) and _has_one_type(left):
        # The event repeats the order beside the amount: nothing tells which of the goods came back.
        return _spread(left, stated)
    made = spell_money(left.gross(readings[0]), refund.currency)
    given = spell_money(stated or ZERO, refund.currency)
    return _ask(refund, number, f"says that {given} was given back, and its goods make {made}", "refund_differs")


def _spread(left: Left, gross: Decimal) -> Credit:
    if gross > left.total:
        return Credit(shown=(), taken=(), total=gross)
    shown, taken = left.spread(gross)
    return Credit(shown=shown, taken=taken, total=gross)


def _ask(refund: Refund, number: str, problem: str, kind: str) -> Question:
    return Question(
        kind=kind,
        sentence=f"The refund of order {number} {problem}. Is the difference a fee, or a lower price for the goods?",
        amount=abs(refund.amount or ZERO),
        currency=refund.currency,
        data={"order": number, "refund": refund.message_id},
    )


def _find_line(returned: Returned, left: Left) -> TaxedLine | None:
    """Return the sold line that *returned* is of."""
    goods = [line for line in left.sold if line.kind in ("goods", "gift_card")]
    by_key = [line for line in goods if returned.key and line.key == returned.key]
    by_sku = [line for line in goods if returned.sku and returned.sku in (line.item_code, line.key.split("|")[0])]
    by_price = [line for line in by_sku if returned.price in (None, line.unit_amount)]
    by_text = [line for line in goods if returned.description and line.description == returned.description]
    return next((found[0] for found in (by_key, by_price, by_sku, by_text) if len(found) == 1), None)


def _is_whole(products: Iterable[Returned], found: list[TaxedLine], left: Left) -> bool:
    goods = {line.key for line in left.sold if line.kind in ("goods", "gift_card")}
    return {line.key for line in found} == goods and all(
        returned.quantity >= line.quantity for returned, line in zip(products, found, strict=True)
    )


def _has_one_type(left: Left) -> bool:
    return len({(line.account, line.tax_type) for line in left.lines}) == 1


def _read_goods(
    refund: Refund, found: list[TaxedLine], left: Left, settings: OrderSettings
) -> Iterator[tuple[TaxedLine, ...]]:
    """Yield the lines that *refund* may mean: with its discount or without, its extras with tax on top or inside."""
    goods = tuple(
        _give_back(line, returned.quantity, left) for returned, line in zip(refund.products, found, strict=True)
    )
    discounts = _share_discounts(goods, left)
    for with_discount, on_top in product((True, False), (True, False)):
        extra = [
            *_give_shipping(refund, left, on_top=on_top),
            *_keep_fees(refund, goods, left, settings, on_top=on_top),
        ]
        yield drop_empty([*goods, *(discounts if with_discount else ()), *extra])


def _give_back(line: TaxedLine, quantity: Decimal, left: Left) -> TaxedLine:
    """Return *quantity* of the sold *line*; the last pieces take all that is left of it, to the cent."""
    for rest in left.lines:
        if tell_place(rest) == tell_place(line) and (rest.quantity, rest.unit_amount) == (quantity, line.unit_amount):
            return replace(rest, item_code="")
    return _cut(line, quantity / line.quantity)


def _cut(line: TaxedLine, part: Decimal) -> TaxedLine:
    """Return *part* of *line*, its tax in the same proportion."""
    quantity = line.quantity * part
    amount, tax = (share_out(value, [part, 1 - part], Decimal("0.01"))[0] for value in (line.amount, line.tax))
    return replace(line, quantity=quantity, unit_amount=line.unit_amount, amount=amount, tax=tax, item_code="")


def _share_discounts(goods: tuple[TaxedLine, ...], left: Left) -> list[TaxedLine]:
    """Return the part of each discount line that the *goods* of its tax type had."""
    shares = []
    for line in left.sold:
        if line.kind != "discount":
            continue
        bought = sum((each.amount for each in left.sold if each.kind == "goods" and _same_tax(each, line)), ZERO)
        back = sum((each.amount for each in goods if _same_tax(each, line)), ZERO)
        if bought and back:
            shares.append(_amount_to_line(_cut(line, back / bought)))
    return shares


def _same_tax(line: TaxedLine, other: TaxedLine) -> bool:
    return line.tax_type == other.tax_type


def _amount_to_line(line: TaxedLine) -> TaxedLine:
    return replace(line, quantity=Decimal(1), unit_amount=line.amount)


def _give_shipping(refund: Refund, left: Left, *, on_top: bool) -> list[TaxedLine]:
    sold = [line for line in left.sold if line.kind == "shipping"]
    if not refund.shipping or not sold:
        return []
    return [
        _price(line, part, left, on_top=on_top) for line, part in zip(sold, _split(refund.shipping, sold), strict=True)
    ]


def _split(value: Decimal, lines: list[TaxedLine]) -> list[Decimal]:
    return share_out(abs(value), [line.amount for line in lines], Decimal("0.01"))


def _keep_fees(
    refund: Refund, goods: tuple[TaxedLine, ...], left: Left, settings: OrderSettings, *, on_top: bool
) -> list[TaxedLine]:
    """Return the fees that are kept: negative lines, taxed as the dearest of the returned goods."""
    dearest = max(goods, key=lambda line: line.amount)
    named = {"restocking_fee": "Restocking fee", "fee": "Fee"}
    kept = []
    for name, description in named.items():
        if fee := getattr(refund, name):
            line = _price(dearest, -abs(fee), left, on_top=on_top)
            account = settings.fee_account or dearest.account
            kept.append(replace(line, key=name, kind="fee", description=description, account=account))
    return kept


def _price(line: TaxedLine, value: Decimal, left: Left, *, on_top: bool) -> TaxedLine:
    """Return a line over *value*, taxed like *line*, with the tax *on_top* of it or inside."""
    gross = line.amount + line.tax if left.amount_types == EXCLUSIVE else line.amount
    base = gross - line.tax if on_top else gross
    tax = (value * line.tax / base).quantize(Decimal("0.01"), "ROUND_HALF_UP") if base else ZERO
    whole = value + tax if on_top else value
    amount = whole - tax if left.amount_types == EXCLUSIVE else whole
    return replace(line, quantity=Decimal(1), unit_amount=amount, amount=amount, tax=tax, item_code="")
