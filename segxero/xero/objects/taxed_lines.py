"""The lines of an order that a mapping books directly, laid out as Xero takes them. Called by invoices and payments."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from segxero.xero.money.lines import Lines
from segxero.xero.objects.context import Context
from segxero.xero.taxes import kinds
from segxero.xero.taxes.decision import decide
from segxero.xero.taxes.rows import TABLE, read_rows
from segxero.xero.taxes.taxed import TaxedLine


def make_taxed_lines(fields: Mapping[str, Any], context: Context, number: str) -> Lines:
    """Return the lines of the order *number* with their taxes. Raise ParkedError where the tax cannot be told."""
    taxed = decide(fields, context.tax_setup, number)
    rounding = sum((line.amount for line in taxed.lines if line.kind == kinds.ROUNDING), Decimal(0))
    return Lines(
        items=[lay_line(line) for line in taxed.lines],
        amount_types=taxed.amount_types,
        total=taxed.total,
        tax=taxed.tax,
        rounding=rounding,
    )


def list_tax_types(context: Context, day: date) -> dict[str, Mapping[str, Any]]:
    """Return the tables with a tax type for each rate at home, by which a credit note mapped on its own is taxed."""
    setup = context.tax_setup
    home = read_rows(setup.table(TABLE), day).select(setup.country)
    sold = [row for row in home if not setup.sells or row.tax_class in setup.sells]
    types = {f"{row.rate.normalize():f}": row.tax_type for row in reversed([*sold, *home]) if row.rate is not None}
    return {**context.tables, "tax_types": types}


def lay_line(line: TaxedLine) -> dict[str, Any]:
    """Return a line as Xero takes it."""
    laid: dict[str, Any] = {
        **line.others,
        "Description": line.description,
        "Quantity": line.quantity,
        "UnitAmount": line.unit_amount,
        "AccountCode": line.account,
        "TaxType": line.tax_type,
    }
    if line.tax:
        laid["TaxAmount"] = line.tax
    # Xero's page on invoices says in one place that TaxAmount must not exceed UnitAmount.
    if abs(line.tax) > abs(line.unit_amount):
        laid |= {"Quantity": Decimal(1), "UnitAmount": line.amount}
    if line.item_code:
        laid["ItemCode"] = line.item_code
    return laid
