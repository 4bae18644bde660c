"""The settings of orders, from the tables and policies of an organisation or shop. Pure; called by `orders`."""

from collections.abc import Mapping
from typing import Any

from segxero.orders.settings import (
    AT_CHECKOUT,
    GIFT_CARD,
    LATER,
    MONEY,
    NEVER,
    STORE_CREDIT,
    WHEN_TOLD,
    OrderSettings,
    PaymentMethod,
)
from segxero.sync.orders.reading import VERSION
from segxero.xero.objects.context import Context
from segxero.xero.objects.orders import FACTS, SOURCE

METHODS, REFUNDABLE = "payment_methods", "refundable"
POLICIES = ("change_window", "void_window", "updated_totals", "overpaid", "refund_pays_back", "zero_orders")


def choose_context(context: Context, fields: Mapping[str, Any]) -> Context:
    """Return the context of the shop of an order with these *fields*."""
    # Another source may tell a payment or a refund, so the versions decide.
    facts = sorted(
        (each for each in fields.get(FACTS) or [] if each.get(SOURCE)),
        key=lambda each: (each.get("Kind") != VERSION, str(each.get("At"))),
    )
    return context.enter_shop(str(facts[0][SOURCE])) if facts else context


def read_settings(context: Context) -> OrderSettings:
    """Return the settings of the organisation behind *context*."""
    chosen: dict[str, Any] = {name: context.policies[name] for name in POLICIES if name in context.policies}
    accounts = context.tables.get("accounts", {})
    # The older row `payments` is still the account of money without a method.
    rows = {**({"": accounts["payments"]} if "payments" in accounts else {}), **context.tables.get(METHODS, {})}
    return OrderSettings(
        time_zone=context.time_zone,
        currency=context.currency,
        methods={str(name).strip().lower(): read_method(row) for name, row in rows.items()},
        fee_account=str(accounts.get("restocking_fee") or ""),
        **chosen,
    )


def read_method(row: Any) -> PaymentMethod:
    """Read a row such as `091 money at_checkout refundable`: an account, then words in any order (P2)."""
    account, *rest = list_words(row)
    return PaymentMethod(
        account=account,
        counts_as=_find(rest, (MONEY, GIFT_CARD, STORE_CREDIT, LATER), MONEY),
        paid=_find(rest, (AT_CHECKOUT, WHEN_TOLD, NEVER), WHEN_TOLD),
        refundable=REFUNDABLE in rest,
    )


def list_words(row: Any) -> list[str]:
    """Return the account of a row, "" where it has none, and its words."""
    words = [str(word) for word in row.values()] if isinstance(row, Mapping) else str(row or "").split()
    return words or [""]


def _find(words: list[str], choices: tuple[str, ...], otherwise: str) -> str:
    return next((word for word in words if word in choices), otherwise)
