"""Advice about events whose money nothing books: what a common name means, and which mapping books it.

The status, the rehearsal of an import and the watch show it beside the sum. It is pure.
"""

import re
from dataclasses import dataclass

from segxero.mapping.organisations import Organisation
from segxero.sync.folding.decision import Why
from segxero.sync.folding.unbooked import UnbookedSum


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A sentence about what to do; *needs_a_person* is False where nothing is to be done."""

    sentence: str
    needs_a_person: bool = True


NOT_YET = Advice(sentence="Nothing to do: the order is not placed yet.", needs_a_person=False)
ON_PURPOSE = Advice(sentence="Nothing to do: organisations.yaml names it under not_booked.", needs_a_person=False)
UNKNOWN = "If it is money, write a mapping for it; if not, add its name to not_booked in mappings/organisations.yaml."
SALE = "A sale: add its name to the trigger of order-completed in mappings/orders.yaml"
BY_NAME: tuple[tuple[tuple[str, ...], str | Advice], ...] = (
    (("checkout started", "checkout step viewed", "checkout step completed", "order abandoned"), NOT_YET),
    (
        ("pos order placed", "draft order completed"),
        "A sale at the till of Shopify: switch on pos-order in mappings/shopify.yaml.",
    ),
    (
        ("order processed", "charge failed", "charge max tries reached"),
        "From ReCharge: switch on the mappings in mappings/recharge.yaml.",
    ),
    (
        ("subscription renewed", "subscription started", "subscription upgraded", "invoice paid", "trial converted"),
        "Revenue of a subscription: switch on the mappings in mappings/saas.yaml.",
    ),
    (("order updated",), "A later version of an order: add its name to the trigger of order-completed."),
    (("order complete", "order placed", "order created", "purchase", "transaction completed"), f"{SALE}."),
    (
        ("order paid", "payment received", "payment succeeded", "payment completed", "charge succeeded"),
        "Money that came in: add its name to the trigger of order-paid in mappings/payments.yaml.",
    ),
    (
        ("refund", "refund created", "order refund", "order returned", "order partially refunded"),
        "Money that went back: add its name to the trigger of order-refunded in mappings/orders.yaml.",
    ),
)
_PLAIN = {re.sub(r"[^a-z]", "", name): advice for names, advice in BY_NAME for name in names}


def advise(one: UnbookedSum, organisation: Organisation | None) -> Advice:
    """Return the advice about the events of *one*; *organisation* is None for a source that belongs to none."""
    if organisation is not None and one.event in organisation.not_booked:
        return ON_PURPOSE
    known = _PLAIN.get(_letters(one.event))
    if isinstance(known, Advice):
        return known
    source = one.source or "(none)"
    if one.why == Why.NO_ORGANISATION:
        return Advice(sentence=f"Add the source {source} to an organisation in mappings/organisations.yaml.")
    if one.why == Why.SOURCE:
        return Advice(
            sentence=f"If {source} is yours, add it to booking_sources in mappings/organisations.yaml, "
            "then import the events again."
        )
    if known is None and (same := _find_respelling(one.event)):
        known = f"It looks like {same}: add this spelling to the trigger of its mapping."
    return Advice(sentence=known or UNKNOWN)


SPECIFIED = ("Order Completed", "Order Refunded", "Order Cancelled")
SPELLINGS = {re.sub(r"[^a-z]", "", name.lower()): name for name in SPECIFIED}


def _find_respelling(name: str) -> str:
    """Return the event of Segment's specification that *name* spells in another way, such as `order_completed`."""
    return SPELLINGS.get(_letters(name), "")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
