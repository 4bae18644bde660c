"""Orders and set-ups for the tests of taxes: the shipped presets with the accounts of the rulebook's examples."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from segxero.xero.taxes.decision import decide
from segxero.xero.taxes.setup import TaxSetup
from segxero.xero.taxes.taxed import TaxedOrder

PRESETS = Path(__file__).parents[3] / "mappings" / "presets"
ACCOUNTS = {
    "default": "200",
    "discount": "205",
    "shipping": "260",
    "fees": "261",
    "surcharges": "262",
    "gift_wrap": "263",
    "gift_cards": "825",
    "tip": "828",
    "donation": "830",
    "duties": "831",
    "foreign_tax": "829",
    "sales_tax": "832",
    "marketplace_tax": "833",
    "rounding": "860",
    "refund": "200",
    "restocking_fee": "264",
}


def preset(country: str) -> dict[str, Any]:
    """Return a shipped preset; rates of the organisation's own have a code made of their row."""
    read = yaml.safe_load((PRESETS / f"{country.lower()}.yaml").read_text())
    read["tax_rows"] = {
        name: row.replace(" own", f" {name.split()[0].replace('-', '')}{row.split()[0].replace('.', '')}")
        for name, row in read["tax_rows"].items()
    }
    return read


def setup_of(country: str, *, rows: dict[str, str] | None = None, without: str = "", **settings: Any) -> TaxSetup:
    """Return the set-up of a country as it is shipped, with further *rows* and other *settings*."""
    read = preset(country)
    tables = {
        "accounts": {**ACCOUNTS},
        "tax_rows": {**read["tax_rows"], **(rows or {})},
        "tax_classes": settings.pop("tax_classes", {}),
    }
    if without:
        table, _, row = without.partition(".")
        del tables[table][row]
    return TaxSetup(country=country, tables=tables, **{**read["settings"], **settings})


def line(name: str, price: str, quantity: Any = 1, **fields: Any) -> dict[str, Any]:
    """Return a product as the mapping makes it; its sku is its name."""
    made = {"Description": name, "Sku": name, "Quantity": quantity, "UnitAmount": Decimal(price), "AccountCode": "200"}
    return {**made, **_amounts(fields)}


def order(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return the fields of an order of November 2026 that is sent home, unless *fields* say otherwise."""
    return {"LineItems": list(lines), "Date": "2026-11-03", "Reference": "1001", **_amounts(fields)}


def home(country: str) -> dict[str, Any]:
    return {"ShipTo": {"Country": country}}


def booked(fields: dict[str, Any], setup: TaxSetup) -> list[str]:
    """Return each line as `name amount type tax`, after a check of the sum."""
    return spelled(decide(fields, setup))


def spelled(taxed: TaxedOrder) -> list[str]:
    """Write each line as `name amount type tax account`, after a check of the sum."""
    assert sum(taxed.gross_of(one) for one in taxed.lines) == taxed.total
    for one in taxed.lines:
        assert one.amount == (one.quantity * one.unit_amount).quantize(Decimal("0.01"))
    return [f"{one.description} {one.amount} {one.tax_type} {one.tax:.2f} {one.account}" for one in taxed.lines]


def _amounts(fields: dict[str, Any]) -> dict[str, Any]:
    money = {"Tax", "Total", "Shipping", "Discount", "ShippingTax", "TaxAmount", "Tip", "Donation", "Duties"}
    money |= {"GiftCardAmount", "Surcharge", "GiftWrap", "CashRounding", "StoreCredit", "Deposit"}
    return {key: Decimal(value) if key in money and isinstance(value, str) else value for key, value in fields.items()}
