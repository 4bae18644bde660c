"""Policies at work: what becomes of a record that Xero refuses, or does not take now, in a case that a policy names.

A choice that does something is a function of ACTIONS. Every other record waits, with the policy's name, what a person
can do about it, and Xero's sentence; it is looked at again by itself (see holds.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeAlias

from segxero.errors import PermanentError
from segxero.mapping.policies import POLICIES
from segxero.sync.delivery.planning import Ready, letter
from segxero.sync.records.record import REMEMBERED, Record
from segxero.sync.waiting.outbox import Result
from segxero.xero.api.refusals import policy_of
from segxero.xero.api.request import Request
from segxero.xero.money.amounts import cents
from segxero.xero.objects.booked import FROZEN
from segxero.xero.objects.context import Context

MOST_REPAIRS = 3  # refusals of one record after which a choice that did not help gives way to waiting
SETTLED = "correct the record in Xero or the data at its source, then discard this letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A record in the case of a policy, and what Xero said and shows of it."""

    policy: str
    ready: Ready
    said: str = ""
    element: Mapping[str, Any] = field(default_factory=dict)

    @property
    def record(self) -> Record:
        return self.ready.record


Action: TypeAlias = Callable[[Case], Result | None]


def of_refusal(ready: Ready, sentences: Sequence[str], element: Mapping[str, Any], context: Context) -> Result | None:
    """Return what becomes of a record that Xero refused with *sentences*; None when no policy speaks of them."""
    policy = policy_of(sentences, element)
    if sentences and (facts := ready.record.row.freeze(ready.wanted, policy)) is not None:
        return _frozen(ready.record, facts, sentences[0])
    if not policy:
        return None
    return decided(Case(policy=policy, ready=ready, said=sentences[0], element=element), context)


def _frozen(record: Record, facts: Mapping[str, str], said: str) -> Result:
    """Leave the record as Xero has it; its order computes the rest of the books around it."""
    again = not any(name == FROZEN for name in facts)
    values = {REMEMBERED + name: text for name, text in facts.items()}
    return Result(record=record, disposition="pending" if again else "delivered", reason=said, set=values)


def decided(case: Case, context: Context) -> Result:
    """Return what the organisation's choice makes of *case*."""
    action = ACTIONS.get((case.policy, context.policies[case.policy]))
    result = action(case) if action and case.record.attempts < MOST_REPAIRS else None
    return result or _waits(case)


def _waits(case: Case) -> Result:
    says = f". Xero says: {case.said}" if case.said else ""
    return parked(case.record, _group(case), f"{POLICIES[case.policy].remedy} (policy {case.policy}){says}")


def parked(record: Record, group: str, reason: str) -> Result:
    """Let *record* wait for a person, or for the next look at its *group*.

    Of one whose number is taken Xero is asked before it is sent again.
    """
    number = {"taken": "", "uncertain": "1"} if record.taken and not record.xero_id else {}
    values = {"attempts": "", "failing_since": "", **number}
    return Result(record=record, disposition="parked", reason=reason, set=values, stuck=True, held=group)


def _group(case: Case) -> str:
    """Return what a repair frees: all of a policy, or of a policy and currency."""
    return of_currency(case.ready.prepared.payload) if case.policy == "currency_off" else case.policy


def of_currency(payload: Mapping[str, Any]) -> str:
    return f"currency_off {payload.get('CurrencyCode', '')}".strip()


def admitted(ready: Sequence[Ready], context: Context) -> tuple[list[Ready], list[Result]]:
    """Return which of the *ready* may be sent, and what becomes of the others: those of a shut group wait."""
    shut = {group: reason for group, reason in context.shut.items() if not _acts(group.partition(" ")[0], context)}
    places = [(item, next((group for group in _groups(item) if group in shut), "")) for item in ready]
    waiting = [parked(item.record, group, shut[group]) for item, group in places if group]
    return [item for item, group in places if not group], waiting


def _acts(policy: str, context: Context) -> bool:
    return (policy, context.policies[policy]) in ACTIONS


def _groups(ready: Ready) -> list[str]:
    """Return the groups whose case a new record would certainly be in, unless it is to find that out."""
    payload = ready.prepared.payload
    if ready.record.xero_id or ready.record.looks:
        return []
    return [of_currency(payload), *(["plan_limit"] if ready.record.row.counts_for_plan(ready.prepared) else [])]


def _again(case: Case, **values: str) -> Result:
    counted = {"attempts": str(case.record.attempts + 1), **values}
    return Result(record=case.record, disposition="pending", reason=case.said, set=counted)


def _remembering(facts: Mapping[str, str]) -> dict[str, str]:
    return {REMEMBERED + name: text for name, text in facts.items()}


def _moved(case: Case) -> Result | None:
    """Date a new document the first open day; one that Xero has stays as it is."""
    facts = case.record.row.move_date(case.ready.wanted)
    return None if facts is None else _again(case, **_remembering(facts))


def _kept(case: Case) -> Result:
    """Leave Xero as it is, and tell a person."""
    ready = case.ready
    has, wants = case.element.get("Total"), ready.prepared.total
    error = PermanentError(
        f"{case.record.object} {case.record.key} is paid or credited in Xero and stays as it is there, with {has};"
        f" the order has changed since and comes to {wants}"
    )
    return Result(
        record=case.record,
        disposition="unchanged",
        reason=str(error),
        set={"delivered": ready.digest, "attempts": "", "failing_since": ""},
        letter=letter(case.record, error, (), SETTLED),
    )


def _narrowed(case: Case) -> Result | None:
    """Send once more only what Xero lets change on a paid invoice; of other documents that is not known."""
    facts = case.record.row.narrow(case.ready.wanted)
    return None if facts is None else _again(case, **_remembering(facts))


def _suffixed(case: Case) -> Result | None:
    """Give a document the next number behind its own, unless the one that has it comes to the same and may be ours."""
    found, wanted = case.element.get("Total"), case.ready.prepared.total
    if found is None or wanted is None or cents(Decimal(str(found))) == wanted:
        return None
    return _copied(case)


def _copied(case: Case) -> Result | None:
    """Give the record the next number behind its key, and ask Xero for that one first."""
    facts = case.record.row.renumber(case.ready.wanted)
    if facts is None:
        return None
    values = {**_remembering(facts), "taken": "", "uncertain": "1", "attempts": ""}
    return Result(record=case.record, disposition="pending", reason=case.said, set=values)


def _added(case: Case) -> Result | None:
    """Let the currency be added in Xero before the record is sent again (Xero's API: PUT /Currencies)."""
    code = case.ready.prepared.payload.get("CurrencyCode")
    if not code:
        return None
    return replace(_again(case), repair=Request(method="PUT", path="/Currencies", body={"Code": code}))


ACTIONS: dict[tuple[str, str], Action] = {
    ("lock_date", "first_open_day"): _moved,
    ("paid_invoice", "keep"): _kept,
    ("paid_invoice", "allowed"): _narrowed,
    ("archived_contact", "new"): _copied,
    ("number_taken", "suffix"): _suffixed,
    ("currency_off", "add"): _added,
}
