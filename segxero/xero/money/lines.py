"""The lines of an invoice: products, discount and shipping of an order, checked against its sums to the cent.

`xero.objects.invoices` makes them; `refunds` and the payments compare with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from segxero.errors import ParkedError, PermanentError
from segxero.xero.money import taxes
from segxero.xero.money.amounts import CENT, LARGEST, UNIT, ZERO, amount, cents

LONGEST_DESCRIPTION = 4000
ROUNDING = "rounding"  # the row of the accounts for a line of a cent or two
MOST_ROUNDED = 2 * CENT
DISCOUNTS = ("DiscountRate", "DiscountAmount")
MISSING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The sums of the order, rounded to cents; None where it states none."""

    shipping: Decimal
    discount: Decimal
    tax: Decimal | None
    total: Decimal | None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Sums":
        stated = {name: amount(fields.get(name), name) for name in ("Shipping", "Discount", "Tax", "Total")}
        rounded = {name: None if value is None else cents(value) for name, value in stated.items()}
        return cls(
            shipping=rounded["Shipping"] or ZERO,
            discount=abs(rounded["Discount"] or ZERO),
            tax=rounded["Tax"],
            total=rounded["Total"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Xero's LineItems and LineAmountTypes, and the total with the *tax* in it.

    *rounding* is the difference between the order's total and its parts; it is the last line where it is not zero.
    """

    items: list[dict[str, Any]]
    amount_types: str
    total: Decimal
    tax: Decimal = ZERO
    rounding: Decimal = ZERO

    @property
    def inclusive(self) -> bool:
        return self.amount_types == "Inclusive"

    @property
    def sold(self) -> list[dict[str, Any]]:
        """The lines known to the customer: all but the rounding."""
        return self.items[:-1] if self.rounding else self.items


def make_lines(fields: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> Lines:
    """Make the lines of an order. Raise ParkedError with the sums when they disagree or the tax cannot be told."""
    sums = Sums.of(fields)
    products = fields.get("LineItems") or []
    if not isinstance(products, list):
        raise PermanentError("products should be a list; correct the event and replay it")
    items = make_product_lines(products, tables)
    if not items:
        raise ParkedError("the order has no products, so there is nothing to invoice; send it with products[]")
    goods = sum((line_amount(item) for item in items), ZERO)
    balance = _check(goods, sums, rounds=ROUNDING in tables.get("accounts", {}))
    if sums.discount:
        items.append(make_extra_line("Discount", -sums.discount, tables))
    shipping = None
    if sums.shipping:
        shipping = len(items)
        items.append(make_extra_line("Shipping", sums.shipping, tables))
    tax_types = tables.get("tax_types", {})
    put_taxes(items, sums.tax or ZERO, shipping, tax_types, inclusive=balance.inclusive)
    # The rounding goes last and untaxed, so that refunds and taxes ignore it.
    if balance.rounding:
        items.append({**make_extra_line("Rounding", balance.rounding, tables), "TaxType": taxes.untaxed(tax_types)})
    return Lines(
        items=items,
        amount_types="Inclusive" if balance.inclusive else "Exclusive",
        total=balance.total,
        tax=sums.tax or ZERO,
        rounding=balance.rounding,
    )


def make_product_lines(products: list[Any], tables: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Make a line for each product, without its tax. Raise ParkedError or PermanentError for a wrong product."""
    return [_product(number, product, tables) for number, product in enumerate(products, start=1)]


def put_taxes(
    items: list[dict[str, Any]], tax: Decimal, shipping: int | None, table: Mapping[str, Any], *, inclusive: bool
) -> None:
    """Write the *tax* into its lines; *shipping* is the index of the shipping line."""
    amounts = [line_amount(item) for item in items]
    line_taxes = taxes.tell(tax, amounts, shipping, table, inclusive=inclusive)
    for item, line_tax in zip(items, line_taxes, strict=True):
        item["TaxType"] = line_tax.tax_type
        if line_tax.amount is not None and not (line_tax.follows and abs(line_tax.amount) > abs(item["UnitAmount"])):
            # Xero's page on invoices says: TaxAmount must not exceed UnitAmount.
            item["TaxAmount"] = line_tax.amount


def line_amount(item: Mapping[str, Any]) -> Decimal:
    """Return the amount of a line as Xero rounds it: quantity times unit amount, less the line's own discount."""
    full = item["Quantity"] * item["UnitAmount"]
    less = full * item.get("DiscountRate", ZERO) / 100 + item.get("DiscountAmount", ZERO)
    return cents(full - less)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Balance:
    """The total, the difference to its parts, and whether prices contain the tax."""

    inclusive: bool
    total: Decimal
    rounding: Decimal = ZERO


def _check(goods: Decimal, sums: Sums, *, rounds: bool) -> _Balance:
    """Find how the parts make the total; with *rounds* they may miss it by a cent or two."""
    net = goods - sums.discount + sums.shipping
    tax = sums.tax or ZERO
    if sums.total is None:
        # Without a total nothing tells whether the prices contain the tax.
        if sums.tax is None:
            raise ParkedError(f"the order states neither total nor tax, only parts of {net}: its tax cannot be told")
        return _Balance(inclusive=False, total=net + tax)
    # A shop may send prices with the tax inside or on top; the total tells them apart.
    ways = [(False, sums.total - net - tax), *([(True, sums.total - net)] if tax else [])]
    inclusive, off = min(ways, key=lambda way: abs(way[1]))
    if not off or (rounds and abs(off) <= MOST_ROUNDED):
        return _Balance(inclusive=inclusive, total=sums.total, rounding=off)
    hint = "" if abs(off) > MOST_ROUNDED else "; the policy cent_off can round it"
    made = f"{net}" if not tax else f"{net + tax} with the tax of {tax} on top and {net} with it inside"
    raise ParkedError(
        f"the sums disagree: goods {goods} - discount {sums.discount} + shipping {sums.shipping} make {made};"
        f" the order's total is {sums.total}{hint}"
    )


def _product(number: int, product: Any, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    if not isinstance(product, dict):
        raise PermanentError(f"product {number} is not an object; correct the event and replay it")
    price = amount(product.get("UnitAmount"), f"UnitAmount of product {number}")
    if price is None:
        raise ParkedError(f"product {number} has no price")
    quantity = amount(product.get("Quantity"), f"Quantity of product {number}")
    item = {
        **{name: value for name, value in product.items() if name not in DISCOUNTS},
        "Description": str(product.get("Description") or f"Product {number}")[:LONGEST_DESCRIPTION],
        "Quantity": Decimal(1) if quantity is None else quantity.quantize(UNIT).normalize() + ZERO,
        "UnitAmount": price.quantize(UNIT).normalize() + ZERO,
        "AccountCode": find_account(product.get("AccountCode"), tables),
    }
    item |= _discounts(number, product)
    if abs(line_amount(item)) > LARGEST:
        raise PermanentError(f"product {number} makes {line_amount(item)}, more than Xero takes in a line")
    return item


def _discounts(number: int, product: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return the line's own discount. Raise PermanentError for two: Xero takes a rate or an amount."""
    read = {name: amount(product.get(name), f"{name} of product {number}") for name in DISCOUNTS if name in product}
    given = {name: value for name, value in read.items() if value}
    if len(given) > 1:
        raise PermanentError(f"product {number} has {' and '.join(given)}; Xero takes one of them")
    return given


def make_extra_line(kind: str, value: Decimal, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Make the line for shipping or a discount, without its tax."""
    marker = {"@lookup": {"table": "accounts", "key": kind.lower()}}
    return {
        "Description": kind,
        "Quantity": Decimal(1),
        "UnitAmount": value,
        "AccountCode": find_account(marker, tables),
    }


def find_account(value: Any, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return an account code; a look-up without result at the time of the event is tried with today's table."""
    missing: dict[tuple[str, str], str] = {}
    while isinstance(value, dict) and "@lookup" in value:
        wanted = value["@lookup"]
        table, key = wanted["table"], str(wanted["key"])
        missing[table, key] = f"tables/{table}.yaml has no row {key!r}"
        value = tables.get(table, {}).get(key, wanted.get("default", MISSING))
    if value is MISSING:
        raise ParkedError(f"{' and '.join(missing.values())}; add it with an account code", lacks=tuple(missing))
    if value in (None, ""):
        raise ParkedError("a line has no account code; add one to the mapping or to tables/accounts.yaml")
    return str(value)
