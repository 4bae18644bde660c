"""Refusals: every sentence of Xero that segxero recognises, with its source. Nothing else in the code matches them.

Xero says "a text like" for some, so that a fragment is no longer than the part that all sources share. Sentences become
kinds here; verdicts and policies decide on the kinds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

Element = Mapping[str, Any]


class Kind(StrEnum):
    """Refusals that segxero solves by itself, whatever the policies say."""

    #: Another active contact has the name.
    NAME_TAKEN = "name_taken"
    #: A document of ours or of somebody else has the number.
    NUMBER_TAKEN = "number_taken"
    #: The contact is archived, or merged into another.
    ARCHIVED = "archived"
    #: A document takes no such payment: it is paid, void, or less of it is due.
    NOTHING_DUE = "nothing_due"
    #: The status of a document lets nobody change it; with money on it, the policy paid_invoice decides.
    CLOSED = "closed"
    #: A fault of Xero's own, which may pass.
    TRANSIENT = "transient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A sentence of Xero, known by a *fragment* in lower case; *kind* is a Kind or the policy that it falls under.

    *holds* tells whether it has this meaning for the element that Xero shows beside it.
    """

    kind: str
    fragment: str
    holds: Callable[[Element], bool] = lambda _element: True
    whole: bool = False  # it concerns every element of the call


def _has_money(element: Element) -> bool:
    """Tell whether money is on the document that Xero shows beside its refusal."""
    return any(Decimal(str(element.get(name) or 0)) for name in ("AmountPaid", "AmountCredited"))


POLICIES = (
    # "The document date cannot be before the period lock date, currently set at ..." (Xero's developer pages)
    Refusal(kind="lock_date", fragment="lock date"),
    # "This document cannot be edited as it has a payment or credit note allocated to it." (Xero's page on invoices)
    Refusal(kind="paid_invoice", fragment="payment or credit note allocated"),
    # "... because it has payments or credit notes allocated to it." (the same page, for VOIDED)
    Refusal(kind="paid_invoice", fragment="payments or credit notes allocated"),
    # Xero says the same of paid and voided invoices (recorded for a DELETED invoice).
    Refusal(kind="paid_invoice", fragment="not of valid status for modification", holds=_has_money),
    # "Organisation is not subscribed to currency EUR" (Expensify/App#73523)
    Refusal(kind="currency_off", fragment="not subscribed to currency"),
    # "You have reached the limit of invoices you can approve" (XeroAPI/xero-node#548)
    Refusal(kind="plan_limit", fragment="reached the limit of invoices", whole=True),
)
KINDS = (
    # "The contact name X is already assigned to another contact. The contact name must be unique across all active
    # contacts." (recorded answer, corrin/docketworks). It stands first: "must be unique" is part of it.
    Refusal(kind=Kind.NAME_TAKEN, fragment="already assigned to another contact"),
    # "Invoice # must be unique." (Xero's OpenAPI file, freakboy3742/pyxero#328)
    Refusal(kind=Kind.NUMBER_TAKEN, fragment="must be unique"),
    # "The specified contact details matched an archived contact. Archived contacts cannot currently be edited via the
    # API." (recorded answer, corrin/docketworks)
    Refusal(kind=Kind.ARCHIVED, fragment="matched an archived contact"),
    # "Payments can only be made against Authorised documents", "Payment amount exceeds the amount outstanding on this
    # document" (public trackers)
    Refusal(kind=Kind.NOTHING_DUE, fragment="payments can only be made against authorised"),
    Refusal(kind=Kind.NOTHING_DUE, fragment="exceeds the amount outstanding"),
    # The same of allocations: Xero's pages do not give the texts; these are the sandbox's, like those of payments.
    Refusal(kind=Kind.NOTHING_DUE, fragment="allocations can only be made against authorised"),
    Refusal(kind=Kind.NOTHING_DUE, fragment="trying to allocate to has already been paid"),
    Refusal(kind=Kind.NOTHING_DUE, fragment="amount is greater than amount outstanding"),
    # "Invoice not of valid status for modification" (recorded for a DELETED invoice)
    Refusal(kind=Kind.CLOSED, fragment="not of valid status for modification"),
    # "An error occurred in Xero. Check the API Status page ...": the text of a 500, seen in single elements too
    # (public trackers)
    Refusal(kind=Kind.TRANSIENT, fragment="an error occurred in xero"),
)

# Words of warnings by which Xero says that it dropped a part (the sample warning in Xero's OpenAPI file).
DROPPED = ("removed", "ignored", "not recognised", "not recognized")
# 503 "The Organisation is offline" (Xero's page on response codes)
OFFLINE = "organisation is offline"
# 503 "The Xero API is currently offline for maintenance", "... is temporarily unavailable" (the same page)
UNAVAILABLE = ("offline", "maintenance", "temporarily unavailable")
# The Detail of a 401 for a token that is no longer good (live answers in the tests of pyxero)
STALE_TOKEN = ("TokenExpired", "AuthenticationUnsuccessful")
# The Type of a 400 for a body that Xero cannot read (public trackers)
UNREADABLE = "PostDataInvalidException"
# 400 "Idempotency Key: ... is used with a different request." (Xero's page on idempotent requests)
REUSED_KEY = "Idempotency Key"


def find_kinds(sentences: Sequence[str]) -> frozenset[str]:
    """Return the kinds of *sentences* that segxero solves by itself; a sentence has the first that fits."""
    found = (_match(KINDS, sentence, {}) for sentence in sentences)
    return frozenset(refusal.kind for refusal in found if refusal)


def find_policy(sentences: Sequence[str], element: Element) -> str:
    """Return the policy shared by all of *sentences*; the first of several, '' when a sentence has none."""
    found = [_match(POLICIES, sentence, element) for sentence in sentences]
    return found[0].kind if found and found[0] and all(found) else ""


def find_call_policy(sentences: Sequence[str]) -> str:
    """Return the policy of a refusal of the whole call; '' when it may concern a single element."""
    name = find_policy(sentences, {})
    return name if any(refusal.kind == name and refusal.whole for refusal in POLICIES) else ""


def is_drop(warning: str) -> bool:
    """Tell whether Xero's *warning* says that a part was dropped."""
    return any(word in warning.lower() for word in DROPPED)


def _match(known: Sequence[Refusal], sentence: str, element: Element) -> Refusal | None:
    text = sentence.lower()
    return next((refusal for refusal in known if refusal.fragment in text and refusal.holds(element)), None)
