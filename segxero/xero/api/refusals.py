"""Refusals: which of Xero's sentences fall under a policy. This is the one table of their fragments.

Where the wording comes from stands beside each. Xero says "a text like" for some, so that a fragment is no longer than
what all sources have.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Element = Mapping[str, Any]


def _has_money(element: Element) -> bool:
    """Tell whether money is on the document that Xero shows beside its refusal."""
    return any(Decimal(str(element.get(name) or 0)) for name in ("AmountPaid", "AmountCredited"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A sentence of Xero, known by a *fragment* in lower case; *holds* says when it has this meaning."""

    policy: str
    fragment: str
    holds: Callable[[Element], bool] = lambda _element: True
    whole: bool = False  # it concerns every element of the call


REFUSALS = (
    # "The document date cannot be before the period lock date, currently set at ..." (Xero's developer pages)
    Refusal(policy="lock_date", fragment="lock date"),
    # "This document cannot be edited as it has a payment or credit note allocated to it." (Xero's page on invoices)
    Refusal(policy="paid_invoice", fragment="payment or credit note allocated"),
    # "... because it has payments or credit notes allocated to it." (the same page, for VOIDED)
    Refusal(policy="paid_invoice", fragment="payments or credit notes allocated"),
    # What a paid invoice is told as well as a voided one (recorded for a DELETED one).
    Refusal(policy="paid_invoice", fragment="not of valid status for modification", holds=_has_money),
    # "Organisation is not subscribed to currency EUR" (Expensify/App#73523)
    Refusal(policy="currency_off", fragment="not subscribed to currency"),
    # "You have reached the limit of invoices you can approve" (XeroAPI/xero-node#548)
    Refusal(policy="plan_limit", fragment="reached the limit of invoices", whole=True),
)


def policy_of(sentences: Sequence[str], element: Element) -> str:
    """Return the policy that all of *sentences* fall under; the first when there are several, '' when one has none."""
    found = [_found(sentence, element) for sentence in sentences]
    return found[0].policy if found and found[0] and all(found) else ""


def of_whole_call(sentences: Sequence[str]) -> str:
    """Return the policy of a refusal that concerns every element of its call; '' when it may be that of one."""
    name = policy_of(sentences, {})
    return name if any(one.policy == name and one.whole for one in REFUSALS) else ""


def _found(sentence: str, element: Element) -> Refusal | None:
    text = sentence.lower()
    return next((one for one in REFUSALS if one.fragment in text and one.holds(element)), None)
