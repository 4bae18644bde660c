"""Changes of an order after its invoice froze (L3, step 3), and the refunds telling the same thing (L9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum

NEAR = timedelta(hours=24)
NEARLY = Decimal("0.02")


class ChangeMatch(Enum):
    """The relation between a smaller total and the refunds near it."""

    NONE = "none"
    SAME = "same"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """A refund with its credited amount, as it looks at the time of a change."""

    key: str
    at_distance: timedelta
    is_since_before: bool
    amount: Decimal


def match_refunds(reduction: Decimal, refunds: Sequence[Credited]) -> tuple[ChangeMatch, frozenset[str]]:
    """Return whether *refunds* of the same 24 hours tell the *reduction* as well, and which of them."""
    near = [refund for refund in refunds if refund.at_distance <= NEAR]
    sets = {frozenset({refund.key}): refund.amount for refund in near}
    since = [refund for refund in near if refund.is_since_before]
    if since:
        sets[frozenset(refund.key for refund in since)] = sum((refund.amount for refund in since), Decimal("0.00"))
    exact = [keys for keys, amount in sets.items() if amount == reduction]
    if len(exact) == 1:
        return ChangeMatch.SAME, exact[0]
    if exact or any(abs(amount - reduction) <= NEARLY for amount in sets.values()):
        return ChangeMatch.DOUBTFUL, frozenset()
    return ChangeMatch.NONE, frozenset()
