"""Reads an order's fields, as its record holds them, into lines, parts and sums. Pure.

Nothing is decided here; an unreadable field is refused with its name. Called by `case`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from segxero.errors import ParkedError, PermanentError
from segxero.mapping.values.plain_text import plain_text
from segxero.xero.taxes import kinds
from segxero.xero.taxes.accounts import find_account
from segxero.xero.taxes.numbers import LARGEST, read_amount, read_rates
from segxero.xero.taxes.rounding import find_quantum, round_money
from segxero.xero.taxes.setup import TaxSetup
from segxero.xero.taxes.stated import TENDERS, UNIT, ZERO, Stated, StatedLine, TaxLine, read_flag, read_list
from segxero.xero.taxes.waiting import CURRENCIES, NO_PRICE

LONGEST_DESCRIPTION = 4000
OF_TAX = ("TaxType", "ForceTaxType", "TaxAmount", "TaxRate", "TaxLines", "TaxClass", "TaxCode", "Taxable")
OF_LINES = ("LineId", "Description", "Quantity", "UnitAmount", "AccountCode", "ItemCode", "Sku", "Category", "Kind")
OF_PRICES = ("CurrencyCode", "Discount", "DiscountRate", "DiscountAmount", "GiftCard", "ChannelLiable")
PRODUCT_FIELDS = frozenset([*OF_TAX, *OF_LINES, *OF_PRICES])


def read_order(fields: Mapping[str, Any], setup: TaxSetup) -> Stated:
    """Read the fields of an order. Raise PermanentError or ParkedError for an unreadable field."""
    currency = find_currency(fields)
    quantum = find_quantum(currency or setup.base_currency)
    reader = Reader(setup=setup, quantum=quantum)
    products = read_list(fields.get("LineItems"), "products")
    lines = tuple(reader.read_product(number, product) for number, product in enumerate(products, start=1))
    tax_lines = reader.read_tax_lines(fields.get("TaxLines"))
    tax = reader.read_money(fields, "Tax")
    if tax is None and tax_lines and all(line.amount is not None for line in tax_lines):
        tax = sum((line.amount or ZERO for line in tax_lines), ZERO)
    rates = read_rates(fields.get("TaxRate"), "TaxRate")
    return Stated(
        lines=lines,
        parts=tuple(reader.read_parts(fields, len(lines))),
        discount=abs(reader.read_money(fields, "Discount") or ZERO),
        tax=tax,
        shipping_tax=reader.read_money(fields, "ShippingTax"),
        total=reader.read_money(fields, "Total"),
        tax_included=read_flag(fields.get("TaxIncluded")),
        # Two taxes of an order have no rate in common, so only a single one tells the rate of all lines (E5).
        rates=rates or (tax_lines[0].rates if len(tax_lines) == 1 else ()),
        tax_lines=tax_lines,
        tenders={name: abs(found) for name in TENDERS if (found := reader.read_money(fields, name))},
        unread=reader.read_unread(fields.get("OtherAmounts")),
        currency=currency,
    )


def find_currency(fields: Mapping[str, Any]) -> str:
    """Return the order's currency, or the common currency of its products (G24)."""
    stated = plain_text(fields.get("CurrencyCode")).strip().upper()
    products = [product for product in read_list(fields.get("LineItems"), "products") if isinstance(product, dict)]
    found = {plain_text(product.get("CurrencyCode")).strip().upper() for product in products} - {""}
    if stated or not found:
        return stated
    if len(found) > 1:
        listed = ", ".join(sorted(found))
        raise ParkedError(
            f"The products of the order are in different currencies ({listed}), and the order names none."
            " Send it with its currency.",
            kind=CURRENCIES,
            explanations=sorted(found),
        )
    return found.pop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads amounts to the smallest unit of the order's currency, and lines with the accounts of the organisation."""

    setup: TaxSetup
    quantum: Decimal

    def read_money(self, fields: Mapping[str, Any], name: str, of: str = "") -> Decimal | None:
        """Read an amount, rounded to the currency's smallest unit."""
        found = read_amount(fields.get(name), f"{name}{of}")
        return None if found is None else round_money(found, self.quantum)

    def read_product(self, number: int, product: Any) -> StatedLine:
        """Read a product. Raise ParkedError when it has no price."""
        if not isinstance(product, dict):
            raise PermanentError(f"product {number} is not an object; correct the event and replay it")
        of = f" of product {number}"
        price = read_amount(product.get("UnitAmount"), f"UnitAmount{of}")
        if price is None:
            raise ParkedError(f"product {number} has no price", kind=NO_PRICE)
        quantity = read_amount(product.get("Quantity"), f"Quantity{of}")
        quantity = Decimal(1) if quantity is None else quantity.quantize(UNIT).normalize() + ZERO
        unit_amount = price.quantize(UNIT).normalize() + ZERO
        amount = round_money(quantity * unit_amount, self.quantum)
        if abs(amount) > LARGEST:
            raise PermanentError(f"product {number} makes {amount}, more than Xero takes in a line")
        kind = self._find_kind(product)
        evidence = self._read_evidence(product, of)
        evidence["tax_class"] = evidence["tax_class"] or self._find_class(product)
        return StatedLine(
            number=number,
            kind=kind,
            line_id=plain_text(product.get("LineId")).strip(),
            description=str(product.get("Description") or f"Product {number}")[:LONGEST_DESCRIPTION],
            quantity=quantity,
            unit_amount=unit_amount,
            amount=amount,
            discount=self._read_discount(product, amount, of),
            account=self._find_account(kind, product),
            item_code=plain_text(product.get("ItemCode")).strip(),
            sku=plain_text(product.get("Sku") or product.get("ItemCode")).strip(),
            category=plain_text(product.get("Category")).strip(),
            supply=plain_text(product.get("Kind")).strip().lower(),
            others={name: value for name, value in product.items() if name not in PRODUCT_FIELDS},
            **evidence,
        )

    def read_parts(self, fields: Mapping[str, Any], before: int) -> list[StatedLine]:
        """Read the parts of the order besides its products (G11-G21)."""
        found: list[StatedLine] = []
        for kind in kinds.PARTS:
            for entry in self._entries(kind, fields):
                amount = self.read_money(entry, "Amount", f" of {kind.name}")
                if amount:
                    found.append(self._read_part(kind, entry, amount, before + len(found) + 1))
        return found

    def read_tax_lines(self, value: Any, of: str = "") -> tuple[TaxLine, ...]:
        """Read the itemised taxes of the event."""
        entries = [entry for entry in read_list(value, f"TaxLines{of}") if isinstance(entry, dict)]
        return tuple(
            TaxLine(
                title=plain_text(entry.get("Title") or entry.get("title")).strip(),
                amount=self.read_money(
                    {"Amount": _first(entry, "Amount", "price", "amount")}, "Amount", " of a tax line"
                ),
                rates=read_rates(_first(entry, "Rate", "rate"), "Rate of a tax line"),
                channel_liable=bool(read_flag(_first(entry, "ChannelLiable", "channel_liable"))),
            )
            for entry in entries
        )

    def read_unread(self, value: Any) -> dict[str, Decimal]:
        """Read the amounts of the event not yet part of the order; anything else there is left aside (T8)."""
        found = {}
        for name, text in (value or {}).items() if isinstance(value, dict) else ():
            try:
                amount = self.read_money({name: text}, name)
            except PermanentError:
                continue
            if amount:
                found[name] = amount
        return found

    def _read_part(self, kind: kinds.PartKind, entry: Mapping[str, Any], amount: Decimal, number: int) -> StatedLine:
        name = plain_text(entry.get("Name")).strip()
        evidence = self._read_evidence(entry, f" of {kind.name}")
        classes = self.setup.table("tax_classes")
        evidence["tax_class"] = evidence["tax_class"] or plain_text(classes.get(name) or classes.get(kind.name)).strip()
        return StatedLine(
            number=number,
            kind=kind.name,
            description=name or kind.title,
            unit_amount=amount,
            amount=amount,
            account=kind.find_account(name, self.setup.tables),
            **evidence,
        )

    def _entries(self, kind: kinds.PartKind, fields: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        if kind.is_list:
            return [entry for entry in read_list(fields.get(kind.field), kind.field) if isinstance(entry, dict)]
        entry = {"Amount": fields.get(kind.field)}
        if kind.tax_field:
            entry |= {"TaxAmount": fields.get(kind.tax_field), "TaxLines": fields.get(f"{kind.tax_field}Lines")}
        return [entry]

    def _read_evidence(self, entry: Mapping[str, Any], of: str) -> dict[str, Any]:
        tax_lines = self.read_tax_lines(entry.get("TaxLines"), of)
        tax = self.read_money(entry, "TaxAmount", of)
        if tax is None and tax_lines and all(line.amount is not None for line in tax_lines):
            tax = sum((line.amount or ZERO for line in tax_lines), ZERO)
        rates = read_rates(entry.get("TaxRate"), f"TaxRate{of}")
        if not rates and len(tax_lines) == 1:
            rates = tax_lines[0].rates
        if read_flag(entry.get("Taxable")) is False:
            rates = (ZERO,)
        return {
            "tax_type": plain_text(entry.get("TaxType")).strip(),
            "is_forced": read_flag(entry.get("ForceTaxType")) is True,
            "tax": tax,
            "rates": rates,
            "tax_class": plain_text(entry.get("TaxClass")).strip(),
            "channel_liable": any(line.channel_liable for line in tax_lines)
            or bool(read_flag(entry.get("ChannelLiable"))),
        }

    def _find_class(self, product: Mapping[str, Any]) -> str:
        """Return the class in the table `tax_classes` of the product's code, sku or category (E3)."""
        classes = self.setup.table("tax_classes")
        for name in ("TaxCode", "Sku", "ItemCode", "Category"):
            key = plain_text(product.get(name)).strip()
            if key and key in classes:
                return plain_text(classes[key]).strip()
        return ""

    def _find_kind(self, product: Mapping[str, Any]) -> str:
        is_card = read_flag(product.get("GiftCard")) or self._find_class(product) == "no_supply"
        # A single-purpose voucher is taxed when it is sold (T14), so it is goods.
        return kinds.GIFT_CARD if is_card and self.setup.gift_cards != "single_purpose" else kinds.GOODS

    def _find_account(self, kind: str, product: Mapping[str, Any]) -> str:
        if kind == kinds.GIFT_CARD:
            return kinds.find_gift_card_account(self.setup.tables)
        return find_account(product.get("AccountCode"), self.setup.tables)

    def _read_discount(self, product: Mapping[str, Any], amount: Decimal, of: str) -> Decimal:
        names = ("DiscountRate", "DiscountAmount", "Discount")
        read = {name: found for name in names if (found := read_amount(product.get(name), f"{name}{of}"))}
        if len(read) > 1:
            raise PermanentError(f"product{of.removeprefix(' of product')} has {' and '.join(read)}; send only one")
        if "DiscountRate" in read:
            return round_money(amount * read["DiscountRate"] / 100, self.quantum)
        return round_money(abs(next(iter(read.values()), ZERO)), self.quantum)


def _first(entry: Mapping[str, Any], *names: str) -> Any:
    return next((entry[name] for name in names if entry.get(name) not in (None, "")), None)
