"""Orders as records hold them, and the tables that go with them."""

from decimal import Decimal
from typing import Any

from segxero.mapping.tax_settings import TaxSettings

TAX = TaxSettings(country="NZ", sells=("standard", "exempt"), ships_abroad=False, tax_missing="none")
TABLES: dict[str, dict[str, Any]] = {
    "accounts": {"default": "200", "shipping": "260", "discount": "290"},
    "tax_types": {"0": "NONE", "10": "OUTPUT", "15": "OUTPUT2", "inherited": "TAXMIXED"},
    "tax_rows": {
        "NZ standard": "15 OUTPUT2",
        "NZ exempt": "0 NONE",
        "NZ export": "0 ZERORATED",
        "NZ no_supply": "0 NONE",
    },
}


def tables(*, without: str = "", **tax_types: str) -> dict[str, dict[str, Any]]:
    """Return TABLES, with the tax types given instead of its own, or without the row `table.row`."""
    changed = {name: dict(rows) for name, rows in TABLES.items()}
    if tax_types:
        changed["tax_types"] = {name.removeprefix("rate_"): value for name, value in tax_types.items()}
    table, _, row = without.partition(".")
    if table:
        del changed[table][row]
    return changed


def product(price: Any, quantity: Any = 1, **fields: Any) -> dict[str, Any]:
    """Return a product line as the mapping makes it."""
    return {"Description": "Mug", "Quantity": quantity, "UnitAmount": price, "AccountCode": "200", **fields}


def order(*products: dict[str, Any], **sums: Any) -> dict[str, Any]:
    """Return the fields of an order; sums as text become Decimal, None is kept."""
    read = {name: Decimal(value) if isinstance(value, str) else value for name, value in sums.items()}
    return {"LineItems": list(products), **read}
