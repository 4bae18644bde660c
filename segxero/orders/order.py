"""An order, folded from its facts. Any order, repetition and split of the facts folds into the same order (L1)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from segxero.orders.books import BookFinding
from segxero.orders.facts import Cancellation, Fact, HandAct, Refund, Repayment, StatedFact, Tender, Version

Some = TypeVar("Some", bound=StatedFact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The facts of the order *number*, each kind in order of event time."""

    number: str
    versions: tuple[Version, ...] = ()
    cancelled_at: datetime | None = None
    refunds: tuple[Refund, ...] = ()
    tenders: tuple[Tender, ...] = ()
    repayments: tuple[Repayment, ...] = ()
    by_hand: tuple[HandAct, ...] = ()
    findings: tuple[BookFinding, ...] = ()

    @property
    def currency(self) -> str:
        return self.versions[0].currency if self.versions else ""


def fold_facts(number: str, facts: Iterable[Fact]) -> Order:
    """Fold *facts* into the order *number*."""
    unique = {(type(fact), fact.message_id, _tell_part(fact)): fact for fact in sorted(facts, key=lambda f: f.moment)}
    told = list(unique.values())
    versions, findings = _fold_versions(_pick(told, Version))
    cancellations = _pick(told, Cancellation)
    return Order(
        number=number,
        versions=versions,
        cancelled_at=cancellations[0].at if cancellations else None,
        refunds=_correct_refunds(_pick(told, Refund)),
        tenders=tuple(_pick(told, Tender)),
        repayments=_join_repayments(_pick(told, Repayment)),
        by_hand=tuple(_pick(told, HandAct)),
        findings=findings,
    )


def _tell_part(fact: Fact) -> str:
    """Name the part of its event behind *fact*: an event may tell several tenders."""
    match fact:
        case Tender():
            return f"{fact.tender_id} {fact.method} {fact.amount}"
        case Repayment():
            return f"{fact.repayment_id} {fact.method} {fact.amount}"
        case Refund():
            return fact.refund_id
        case HandAct():
            return f"{fact.act} {fact.document} {fact.xero_id}"
        case _:
            return ""


def _pick(facts: Iterable[Fact], kind: type[Some]) -> list[Some]:
    return sorted((fact for fact in facts if isinstance(fact, kind)), key=lambda fact: fact.moment)


def _fold_versions(versions: list[Version]) -> tuple[tuple[Version, ...], tuple[BookFinding, ...]]:
    """Of versions with the same event time, keep the last arrival."""
    by_time: dict[datetime, Version] = {}
    findings = []
    for version in versions:
        other = by_time.get(version.at)
        if other is not None and other.content != version.content:
            sentence = f"Two versions have the time {version.at.isoformat()}; the later arrival holds."
            findings.append(
                BookFinding(kind="two_versions", sentence=sentence, amount=version.total, currency=version.currency)
            )
        by_time[version.at] = version
    return tuple(by_time[at] for at in sorted(by_time)), tuple(findings)


def _correct_refunds(refunds: list[Refund]) -> tuple[Refund, ...]:
    """Give each refund with an id its newest content, at the time when it was told first (L6)."""
    corrected: dict[str, Refund] = {}
    unnamed = []
    for refund in refunds:
        if not refund.refund_id:
            unnamed.append(refund)
            continue
        first = corrected.get(refund.refund_id, refund)
        corrected[refund.refund_id] = replace(
            refund,
            at=first.at,
            received_at=first.received_at,
            message_id=first.message_id,
            number=first.number or refund.number,
        )
    return tuple(sorted([*corrected.values(), *unnamed], key=lambda refund: refund.moment))


def _join_repayments(repayments: list[Repayment]) -> tuple[Repayment, ...]:
    """Keep each repayment once: by its id, else by method, amount and second."""
    joined: dict[object, Repayment] = {}
    for told in repayments:
        seconds = told.at.replace(microsecond=0)
        joined.setdefault(told.repayment_id or (told.refund_id, told.method, told.amount, seconds), told)
    return tuple(joined.values())
