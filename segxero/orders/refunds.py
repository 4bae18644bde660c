"""Refunds told apart (L6): repeats count once, and a possible repeat waits. Called by `documents`."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from segxero.orders.books import BookFinding, Question
from segxero.orders.facts import Refund
from segxero.orders.sentences import spell_money

DOUBTFUL = timedelta(minutes=10)


def name_refund(refund: Refund) -> str:
    """Return the key of *refund*: its id, else the digest of its content and its second."""
    if refund.refund_id:
        return refund.refund_id
    stated = f"{_tell_content(refund)} {refund.at.replace(microsecond=0).isoformat()}"
    return hashlib.sha256(stated.encode()).hexdigest()[:8]


def tell_apart(refunds: Iterable[Refund], number: str) -> tuple[list[Refund], list[Question], list[BookFinding]]:
    """Return the different refunds of order *number*, and the doubtful refunds as questions."""
    kept: dict[str, Refund] = {}
    latest: dict[object, Refund] = {}
    questions, findings = [], []
    for refund in refunds:
        key = name_refund(refund)
        if key in kept:
            money = spell_money(refund.amount, refund.currency) if refund.amount is not None else "its rest"
            findings.append(
                BookFinding(kind="told_twice", sentence=f"The refund of {money} of order {number} came twice.")
            )
            continue
        content = _tell_content(refund)
        before = None if refund.refund_id else latest.get(content)
        latest[content] = refund
        if before is not None and refund.at - before.at <= DOUBTFUL:
            questions.append(_ask_repeat(refund, number))
            continue
        kept[key] = refund
    return list(kept.values()), questions, findings


def _tell_content(refund: Refund) -> str:
    return f"{refund.amount} {refund.products} {refund.shipping} {refund.restocking_fee} {refund.fee}"


def _ask_repeat(refund: Refund, number: str) -> Question:
    money = "all that is left" if refund.amount is None else spell_money(refund.amount, refund.currency)
    return Question(
        kind="told_twice",
        sentence=f"A refund of {money} of order {number} came twice within 10 minutes. Told twice, or two refunds?",
        amount=refund.amount or Decimal("0.00"),
        currency=refund.currency,
        data={"order": number, "refund": refund.message_id},
    )
