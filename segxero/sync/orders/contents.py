"""The content of a version of an order, with the tax of every line. Pure; called by `reading`."""

from collections.abc import Mapping
from typing import Any

from segxero.xero.objects.context import Context
from segxero.xero.objects.items import put_codes
from segxero.xero.objects.wanted import Linked, Wanted
from segxero.xero.taxes.decision import decide
from segxero.xero.taxes.taxed import TaxedOrder


def decide_content(told: Mapping[str, Any], context: Context, number: str, items: tuple[Linked, ...]) -> TaxedOrder:
    """Return the content stated by *told*. Raise ParkedError or PermanentError where it states too little."""
    wanted = Wanted(key=number, fields=told, references={"Items": items})
    return decide({**told, "LineItems": put_codes(wanted)}, context.tax_setup, number)
