"""Policies at work: the outcome for a record that Xero refuses, or does not take now, in a case that a policy names.

A choice that acts is a function of ACTIONS. Every other record waits, with the policy's name, the remedy for a person,
and Xero's sentence; it is looked at again by itself (see waiting/retry_groups.py). Verdicts call `decide` and
`decide_refusal`, a turn calls `admit` before it sends.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from segxero.errors import PermanentError
from segxero.mapping.policies import POLICIES
from segxero.sync.records import results
from segxero.sync.records.letters import CORRECT_AND_DISCARD, write_letter
from segxero.sync.records.ready import Ready
from segxero.sync.records.record import Record
from segxero.sync.records.results import Result
from segxero.xero.api.refusals import find_policy
from segxero.xero.api.request import Request
from segxero.xero.money.amounts import cents
from segxero.xero.objects.context import Context

MOST_REPAIRS = 3  # refusals of one record after which a choice that did not help gives way to waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A record in the case of a policy, with Xero's sentence and the element that Xero shows of it."""

    policy: str
    ready: Ready
    said: str = ""
    element: Mapping[str, Any] = field(default_factory=dict)

    @property
    def record(self) -> Record:
        return self.ready.record


Action: TypeAlias = Callable[[Case], Result | None]


def decide_refusal(
    ready: Ready, sentences: Sequence[str], element: Mapping[str, Any], context: Context
) -> Result | None:
    """Return the result for a record that Xero refused with *sentences*; None when no policy covers them."""
    policy = find_policy(sentences, element)
    if sentences and (facts := ready.record.row.freeze(ready.wanted, policy)) is not None:
        return results.frozen(ready, sentences[0], facts)
    if not policy:
        return None
    return decide(Case(policy=policy, ready=ready, said=sentences[0], element=element), context)


def decide(case: Case, context: Context) -> Result:
    """Return the result that the organisation's choice makes of *case*."""
    action = ACTIONS.get((case.policy, context.policies[case.policy]))
    # A repair that did not help three times will not help the fourth time: then a person decides.
    result = action(case) if action and case.record.attempts < MOST_REPAIRS else None
    return result or _wait(case)


def _wait(case: Case) -> Result:
    says = f". Xero says: {case.said}" if case.said else ""
    reason = f"{POLICIES[case.policy].remedy} (policy {case.policy}){says}"
    return results.parked_in_group(case.record, _find_group(case), reason)


def _find_group(case: Case) -> str:
    """Return the group freed by the same repair: all of a policy, or of a policy and currency."""
    return name_currency_group(case.ready.prepared.payload) if case.policy == "currency_off" else case.policy


def name_currency_group(payload: Mapping[str, Any]) -> str:
    return f"currency_off {payload.get('CurrencyCode', '')}".strip()


def admit(ready: Sequence[Ready], context: Context) -> tuple[list[Ready], list[Result]]:
    """Return the *ready* records that may be sent, and the results for the others: those of a shut group wait."""
    # A group whose policy acts is never shut: its action is the way to open it.
    shut = {group: reason for group, reason in context.shut.items() if not _acts(group.partition(" ")[0], context)}
    places = [(item, next((group for group in _list_groups(item) if group in shut), "")) for item in ready]
    waiting = [results.parked_in_group(item.record, group, shut[group]) for item, group in places if group]
    return [item for item, group in places if not group], waiting


def _acts(policy: str, context: Context) -> bool:
    return (policy, context.policies[policy]) in ACTIONS


def _list_groups(ready: Ready) -> list[str]:
    """Return the groups whose case a new record would certainly be in."""
    payload = ready.prepared.payload
    # Xero knows the record already, or the record tries whether the group may go.
    if ready.record.xero_id or ready.record.looks:
        return []
    return [name_currency_group(payload), *(["plan_limit"] if ready.record.row.counts_for_plan(ready.prepared) else [])]


def _repeat(case: Case, remember: Mapping[str, str] = results.NOTHING, repair: Request | None = None) -> Result:
    return results.pending(case.record, case.said, counts=True, remember=remember, repair=repair)


def _move_date(case: Case) -> Result | None:
    """Date a new document the first open day; a document in Xero keeps its date."""
    facts = case.record.row.move_date(case.ready.wanted)
    return None if facts is None else _repeat(case, facts)


def _keep(case: Case) -> Result:
    """Leave Xero as it is, and tell a person."""
    ready = case.ready
    has, wants = case.element.get("Total"), ready.prepared.total
    error = PermanentError(
        f"{case.record.object} {case.record.key} is paid or credited in Xero and stays as it is there, with {has};"
        f" the order has changed since and comes to {wants}"
    )
    letter = write_letter(case.record, error, (), CORRECT_AND_DISCARD)
    return results.unchanged_on_purpose(ready, str(error), letter)


def _narrow(case: Case) -> Result | None:
    """Send once more only the fields that Xero lets change on a paid document; not every object knows them."""
    facts = case.record.row.narrow(case.ready.wanted)
    return None if facts is None else _repeat(case, facts)


def _add_suffix(case: Case) -> Result | None:
    """Give a document the next number behind its own, unless its holder comes to the same total and may be ours."""
    found, wanted = case.element.get("Total"), case.ready.prepared.total
    if found is None or wanted is None or cents(Decimal(str(found))) == wanted:
        return None
    return _copy(case)


def _copy(case: Case) -> Result | None:
    """Give the record the next number behind its key, and ask Xero for that number first."""
    facts = case.record.row.renumber(case.ready.wanted)
    return None if facts is None else results.pending_renumbered(case.record, case.said, facts)


def _add_currency(case: Case) -> Result | None:
    """Let the currency be added in Xero before the record is sent again (Xero's API: PUT /Currencies)."""
    code = case.ready.prepared.payload.get("CurrencyCode")
    if not code:
        return None
    return _repeat(case, repair=Request(method="PUT", path="/Currencies", body={"Code": code}))


ACTIONS: dict[tuple[str, str], Action] = {
    ("lock_date", "first_open_day"): _move_date,
    ("paid_invoice", "keep"): _keep,
    ("paid_invoice", "allowed"): _narrow,
    ("archived_contact", "new"): _copy,
    ("number_taken", "suffix"): _add_suffix,
    ("currency_off", "add"): _add_currency,
}
