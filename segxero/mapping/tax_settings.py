"""The tax settings of an organisation in `organisations.yaml`. Read by `xero.taxes` and `segxero check`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ASK = "ask"
UNTAXED_DOMESTIC = (ASK, "zero_rated", "exempt")
TAX_MISSING = (ASK, "inside", "none")
SHIPPING_CLASS = ("follows", "standard", "untaxed")
GIFT_CARDS = ("multi_purpose", "single_purpose")
SOLD = ("standard", "reduced", "second_reduced", "third_reduced", "zero_rated", "exempt", "out_of_scope")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSettings:
    """Every setting has the value that is shipped; empty *sells* mean that nobody has said."""

    country: str = ""
    registered: bool = True
    sells: tuple[str, ...] = ()
    ships_abroad: bool = True
    untaxed_domestic: str = ASK
    tax_missing: str = ASK
    shipping_class: str = "follows"
    gift_cards: str = "multi_purpose"


def _is_country(value: Any) -> bool:
    return (
        isinstance(value, str) and len(value) == len("NZ") and value.isascii() and value.isalpha() and value.isupper()
    )


def _are_classes(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(name in SOLD for name in value)


def _choice(*choices: str) -> tuple[Callable[[Any], bool], str, Callable[[Any], Any]]:
    return (lambda value: value in choices, " or ".join(choices), str)


TAX_SETTINGS: dict[str, tuple[Callable[[Any], bool], str, Callable[[Any], Any]]] = {
    "country": (_is_country, "two capital letters such as NZ", str),
    "registered": (lambda value: isinstance(value, bool), "true or false", bool),
    "sells": (_are_classes, f"a list of the classes that the shop sells: {', '.join(SOLD)}", tuple),
    "ships_abroad": (lambda value: isinstance(value, bool), "true or false", bool),
    "untaxed_domestic": _choice(*UNTAXED_DOMESTIC),
    "tax_missing": _choice(*TAX_MISSING),
    "shipping_class": _choice(*SHIPPING_CLASS),
    "gift_cards": _choice(*GIFT_CARDS),
}
