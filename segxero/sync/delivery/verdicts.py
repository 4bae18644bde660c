"""Verdicts: the meaning of Xero's answer for each record of a call. Elements are matched by key, never by position.

A turn calls `judge_answer` after a write, `judge_lookup` after a look-up, and `judge_loss` or `judge_orphan` when the
answer of a write is lost. A lost call is looked up in Xero, but not while it may still be running there: Xero refuses
a record with a key of its own (a number, a name) the second time; a record without a key, a note, would be doubled, so
it waits longer.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from segxero.errors import PermanentError, XeroValidationError
from segxero.sync.contacts.index import digest
from segxero.sync.delivery import policies
from segxero.sync.delivery.policies import Case
from segxero.sync.records import results
from segxero.sync.records.letters import CORRECT_AND_DISCARD, write_letter
from segxero.sync.records.ready import Ready, Wait
from segxero.sync.records.record import Record
from segxero.sync.records.results import Result
from segxero.telemetry.causes import Obstacle
from segxero.xero.api.answers import ElementAnswer, judge_element
from segxero.xero.api.refusals import Kind
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS

Bury: TypeAlias = Callable[[Record, BaseException], Result]

MOST_ATTEMPTS = 8  # for a refusal of one element that may pass
PATIENCE_SECONDS = 6 * 3600  # longer than the 4 hours for which Segment sends again what it could not deliver
BACKOFF_SECONDS = 15
LONGEST_BACKOFF_SECONDS = 900
SURE_SECONDS = 10  # after the answer was given up
LONGEST_CALL_SECONDS = 30  # after the departure of a call whose process died
SURE_SECONDS_WITHOUT_KEY = 60
MOST_DEATHS = 5  # processes that may die over one record before a person looks at it


def judge_answer(
    answer: Mapping[str, Any], batch: Sequence[Ready], context: Context, bury: Bury, now: float
) -> list[Result]:
    """Return the result for each record of *batch*; *now* is in seconds of Redis' clock."""
    judged = []
    for ready in batch:
        element = _find_element(answer, ready, context)
        if element is None:
            judged.append(results.uncertain(ready.record, "Xero's answer does not name it"))
        else:
            judged.append(_judge(element, ready, context, bury, now))
    return judged


def judge_lookup(
    answer: Mapping[str, Any], asked: Sequence[Ready], context: Context, bury: Bury
) -> tuple[list[Result], list[Ready]]:
    """Return the results for the records that Xero has or refuses, and those of *asked* that it has not."""
    judged, missing = [], []
    for ready in asked:
        record = ready.record
        element = _find_element(answer, ready, context)
        refusal = record.row.refuse(answer, ready.wanted) if element is None else ""
        if element is not None:
            judged.append(_adopt(element, ready, context))
        elif refusal:
            judged.append(_refuse(refusal, answer, ready, context))
        elif record.taken:
            # Sending it again would be refused again: Xero said that the number exists.
            message = f"Xero says that {record.object} {record.key} exists, but does not show it; look there for it"
            judged.append(bury(record, PermanentError(message)))
        else:
            missing.append(ready)
    return judged, missing


def judge_loss(record: Record, reason: str) -> Result:
    """Return the result for *record*, whose answer is lost."""
    return results.uncertain(record, reason, SURE_SECONDS_WITHOUT_KEY if record.row.appends else SURE_SECONDS)


def judge_orphan(record: Record, age: int, bury: Bury) -> Result:
    """Return the result for *record*, whose flight left *age* seconds ago with a process that is gone."""
    deaths = record.deaths + 1
    # A record that kills its process would do so for ever, and hold up all behind it.
    if deaths >= MOST_DEATHS:
        return bury(record, PermanentError(f"{deaths} processes died while they sent this record"))
    ended = SURE_SECONDS_WITHOUT_KEY if record.row.appends else LONGEST_CALL_SECONDS
    return results.uncertain(record, "the process died while it was sent", max(ended - age, 0), deaths=deaths)


def _refuse(refusal: str, answer: Mapping[str, Any], ready: Ready, context: Context) -> Result:
    policy = ready.record.row.policy_of(answer, ready.wanted)
    if policy:
        return policies.decide(Case(policy=policy, ready=ready), context)
    return results.parked(ready.record, refusal, stuck=True)


def _find_element(answer: Mapping[str, Any], ready: Ready, context: Context) -> Mapping[str, Any] | None:
    row = ready.record.row
    return next(
        (found for found in row.elements(answer, ready.wanted) if row.is_same(found, ready.wanted, context)), None
    )


def _remember(element: Mapping[str, Any], ready: Ready) -> dict[str, str]:
    """Return the facts that the record keeps of an element that Xero has."""
    row = ready.record.row
    # The marks of a narrowed or moved document were for this call only.
    return {**row.remembers(element, ready.wanted), **ready.prepared.keeps, **dict.fromkeys(row.forgets, "")}


def _adopt(element: Mapping[str, Any], ready: Ready, context: Context) -> Result:
    row, record = ready.record.row, ready.record
    if row.is_written(element, ready.prepared):
        return _deliver(element, ready, ())
    if facts := row.find_act(element, ready.wanted):
        return results.frozen(ready, "a person changed it in Xero", facts)
    if not row.is_ours(element, ready.prepared):
        return policies.decide(Case(policy="number_taken", ready=ready, element=element), context)
    return results.pending_found(record, row.identify(element, ready.wanted), _remember(element, ready))


def _judge(element: Mapping[str, Any], ready: Ready, context: Context, bury: Bury, now: float) -> Result:
    record = ready.record
    verdict = judge_element(element, record.row.identify(element, ready.wanted))
    if verdict.written:
        return _deliver(element, ready, verdict.sentences)
    attempts = record.attempts + 1
    said = "; ".join(verdict.sentences)
    # The record may be found under another id; a record that is refused again and again needs a person.
    if Kind.ARCHIVED in verdict.kinds and attempts < MOST_ATTEMPTS:
        return _follow_archived(record, said)
    name_taken = Kind.NAME_TAKEN in verdict.kinds
    # Xero's sentences about a taken name speak of "unique" as well. A number that a look-up has not found is no news.
    if Kind.NUMBER_TAKEN in verdict.kinds and not name_taken and not record.taken:
        return results.pending_taken(record, said)
    # An optional field must not keep the record and all that depend on it out of Xero.
    if refused := record.row.find_refused(verdict.sentences, ready.prepared.payload):
        return results.pending(record, said, counts=True, remember=refused)
    is_firm = Kind.TRANSIENT not in verdict.kinds
    if is_firm and record.xero_id and record.row.is_move(ready.wanted, ready.prepared.payload):
        reason = f"it stays with its contact, which was joined to another one. Xero says: {said}"
        return results.unchanged_joined(record, reason, ready.digest)
    decided = policies.decide_refusal(ready, verdict.sentences, element, context)
    if not decided and (doubt := record.row.find_doubt(ready.wanted, verdict.kinds)):
        decided = results.pending(record, said, counts=True, remember=doubt)
    return decided or _retry_or_bury(ready, verdict, bury, now)


def _retry_or_bury(ready: Ready, verdict: ElementAnswer, bury: Bury, now: float) -> Result:
    record, attempts = ready.record, ready.record.attempts + 1
    said = "; ".join(verdict.sentences)
    may_pass = Kind.TRANSIENT in verdict.kinds
    name_taken = Kind.NAME_TAKEN in verdict.kinds
    # An error of Xero's own may last as long as an outage does; a taken name is ours to solve, at once or never.
    is_patient = may_pass and now - (record.failing_since or now) < PATIENCE_SECONDS
    if is_patient or (attempts < MOST_ATTEMPTS and (may_pass or name_taken)):
        delay = min(BACKOFF_SECONDS * 2 ** min(attempts - 1, 10), LONGEST_BACKOFF_SECONDS)
        return results.pending_later(record, said, now, delay, _find_obstacle(ready, name_taken=name_taken))
    return bury(record, XeroValidationError(f"Xero refused it: {said}", verdict.sentences))


def _find_obstacle(ready: Ready, *, name_taken: bool) -> Obstacle:
    """Return the facts of a refusal that may pass; a taken name is noted, so that the next attempt carries another."""
    names = ready.record.row.names(ready.wanted)
    if name_taken and names:
        return Obstacle(refusal=Kind.NAME_TAKEN, name=digest(ready.wanted.chosen_name or names[0]))
    return Obstacle(refusal=Kind.NAME_TAKEN if name_taken else Kind.TRANSIENT)


def _follow_archived(record: Record, said: str) -> Result:
    """Somebody archived a record, or merged it into another: look where it is now before anything is sent."""
    if record.row.archived_as:
        return results.pending_unlinked(record, said, {record.row.archived_as: record.xero_id})
    archived = tuple(
        Wait(object=entry["object"], key=entry["key"])
        for entries in record.references.values()
        for entry in entries
        if OBJECTS[entry["object"]].archived_as
    )
    return results.parked(
        record,
        said,
        obstacle=Obstacle(refusal=Kind.ARCHIVED),
        waits_for=archived,
        unlinks=archived,
        counts=True,
    )


def _deliver(element: Mapping[str, Any], ready: Ready, warnings: Sequence[str]) -> Result:
    """Xero has the record. A total that differs from the order's, or dropped data, is for a person to see."""
    record = ready.record
    faults = [*warnings, *ready.prepared.left_out, *record.row.faults(element, ready.wanted, ready.prepared)]
    message = "; ".join(faults)
    error = PermanentError(f"{record.object} {record.key} is in Xero, but: {message}")
    return results.delivered(
        ready,
        record.row.identify(element, ready.wanted),
        {**_remember(element, ready), **ready.prepared.makes},
        reason=message,
        letter=write_letter(record, error, (), CORRECT_AND_DISCARD) if faults else "",
    )
