"""Keys of a shop: its prefix stands before its own keys, and an order's digest tells two orders of one number apart.

`make_operations` asks for each draft and each operation of an event.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from segxero import jsontext
from segxero.mapping.model import Draft, MappingSet
from segxero.mapping.shops import Shop
from segxero.sync.records.buyers import PEOPLE, Buyer
from segxero.xero.objects.orders import FACTS, SOURCE
from segxero.xero.objects.table import KEY_NAMES, OBJECTS

VERSION = '"version"'  # the kind of a fact that states the whole order


def put_in_shop(draft: Draft, shop: Shop, source: str) -> Draft:
    """Return *draft* with the shop's prefix before the keys that are the shop's own.

    The facts of an order name their *source*, because the order is booked with the settings of its shop.
    """
    references = tuple(replace(one, key=KEY_NAMES.prefix_of(shop, one.object) + one.key) for one in draft.references)
    fields = KEY_NAMES.prefix_fields(shop, draft.object, draft.fields)
    if FACTS in OBJECTS[draft.object].slots:
        fields[SOURCE] = source
    return replace(
        draft,
        key=KEY_NAMES.prefix_of(shop, draft.object) + draft.key,
        fields=fields,
        references=references,
    )


def find_people_prefix(mappings: MappingSet, event: Mapping[str, Any]) -> str:
    """Return the prefix of the contacts that *event* names; '' where shops share their contacts."""
    shop = mappings.shop_of(event)
    return KEY_NAMES.prefix_of(shop, PEOPLE) if shop else ""


def put_buyer_in_shop(buyer: Buyer, shop: Shop) -> Buyer:
    """Return *buyer* with the shop's prefix before the keys of contacts, where the shop keeps its contacts apart."""
    prefix = KEY_NAMES.prefix_of(shop, PEOPLE)
    if not prefix:
        return buyer
    return replace(
        buyer,
        key=prefix + buyer.key if buyer.key else "",
        company=prefix + buyer.company if buyer.company else "",
    )


def read_order(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the *fields* of an operation by name, as JSON; those of an order are inside its fact."""
    return {name.partition("].")[2] if name.startswith(f"{FACTS}[") else name: text for name, text in fields.items()}


def states_order(order: Mapping[str, str]) -> bool:
    """Tell whether *order* is a whole order: any source may add a payment, a refund or a cancellation to it."""
    return order.get("Kind", VERSION) == VERSION


def digest_order(order: Mapping[str, str], contact: str) -> str:
    """Return a digest of what makes two orders of one number the same; '' where no total is stated."""
    total = order.get("Total") or order.get("Amount") or "null"
    if jsontext.loads(total) in (None, ""):
        return ""
    amount = str(jsontext.loads(total))
    # A text that is no number stays a text; so does a number beyond all measure, which is refused where it is read.
    with suppress(ArithmeticError):
        amount = str(Decimal(amount).normalize())
    facts = [amount, order.get("CurrencyCode", ""), contact]
    return hashlib.sha256(jsontext.canonical(facts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
