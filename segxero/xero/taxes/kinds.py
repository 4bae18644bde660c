"""The parts of an order besides its products (rules G11-G21): their fields, accounts and classes. Data for `stated`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segxero.xero.taxes import rows
from segxero.xero.taxes.accounts import find_row

GOODS, SHIPPING, DISCOUNT, FEE, GIFT_CARD, TIP = "goods", "shipping", "discount", "fee", "gift_card", "tip"
DONATION, DUTIES, FOREIGN_TAX, ROUNDING = "donation", "duties", "foreign_tax", "rounding"
SURCHARGE, GIFT_WRAP, CASH_ROUNDING = "surcharge", "gift_wrap", "cash_rounding"
GIFT_CARDS = "gift_cards"  # the row of the accounts for the liability
NO_SUPPLIES = frozenset({GIFT_CARD, TIP, DONATION, DUTIES, CASH_ROUNDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartKind:
    """A kind of part: its field, the row of its account, and the class it has without evidence."""

    name: str
    field: str
    title: str
    row: str
    tax_field: str = ""
    is_list: bool = False
    tax_class: str = ""

    def find_account(self, entry: str, tables: Mapping[str, Mapping[str, Any]]) -> str:
        """Return the account; a fee's own name goes before the row of its kind."""
        if self.is_list and entry and entry in tables.get("accounts", {}):
            return find_row(entry, tables)
        return find_row(self.row, tables)


PARTS = (
    PartKind(name=SHIPPING, field="Shipping", title="Shipping", row="shipping", tax_field="ShippingTax"),
    PartKind(name=FEE, field="Fees", title="Fee", row="fees", is_list=True),
    PartKind(name=GIFT_WRAP, field="GiftWrap", title="Gift wrap", row="gift_wrap", tax_class=rows.STANDARD),
    PartKind(name=SURCHARGE, field="Surcharge", title="Payment surcharge", row="surcharges"),
    PartKind(name=TIP, field="Tip", title="Tip", row="tip", tax_class=rows.NO_SUPPLY),
    PartKind(name=DONATION, field="Donation", title="Donation", row="donation", tax_class=rows.NO_SUPPLY),
    PartKind(name=DUTIES, field="Duties", title="Duties", row="duties", tax_class=rows.NO_SUPPLY),
    PartKind(name=CASH_ROUNDING, field="CashRounding", title="Cash rounding", row="rounding", tax_class=rows.NO_SUPPLY),
)
BY_NAME = {part.name: part for part in PARTS}


def find_gift_card_account(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the liability account for sold gift cards (G1)."""
    return find_row(GIFT_CARDS, tables)
