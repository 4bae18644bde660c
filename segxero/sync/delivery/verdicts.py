"""Verdicts: what Xero's answer means for each record of a flight. Elements are matched by key, never by position."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from segxero.errors import PermanentError, XeroValidationError
from segxero.sync.delivery import policies
from segxero.sync.delivery.planning import Ready, letter
from segxero.sync.delivery.policies import SETTLED, Case
from segxero.sync.records.record import REMEMBERED, Record
from segxero.sync.waiting.outbox import Result, Wait
from segxero.xero.api import answers
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS

Bury: TypeAlias = Callable[[Record, BaseException], Result]

NAME_TAKEN = "already assigned to another contact"
NUMBER_TAKEN = "must be unique"
ARCHIVED = "matched an archived contact"
MOST_REMEMBERED = 20  # times of attempts, for the dead letter
MOST_ATTEMPTS = 8  # for a refusal of one element that may pass
PATIENCE_SECONDS = 6 * 3600  # longer than the 4 hours for which Segment sends again what it could not deliver
BACKOFF_SECONDS = 15
LONGEST_BACKOFF_SECONDS = 900


def of_answer(
    answer: Mapping[str, Any], batch: Sequence[Ready], context: Context, bury: Bury, now: float
) -> list[Result]:
    """Return what became of each record of *batch*; *now* is in seconds of Redis' clock."""
    results = []
    for ready in batch:
        element = _element(answer, ready, context)
        if element is None:
            reason = "Xero's answer does not name it"
            results.append(Result(record=ready.record, disposition="uncertain", reason=reason, set={"uncertain": "1"}))
        else:
            results.append(_result(element, ready, context, bury, now))
    return results


def of_lookup(
    answer: Mapping[str, Any], asked: Sequence[Ready], context: Context, bury: Bury
) -> tuple[list[Result], list[Ready]]:
    """Return what Xero has of the records *asked* for, and those that it has not."""
    results, missing = [], []
    for ready in asked:
        record = ready.record
        element = _element(answer, ready, context)
        refusal = record.row.refuse(answer, ready.wanted) if element is None else ""
        if element is not None:
            results.append(_adopted(element, ready, context))
        elif refusal:
            results.append(_refused(refusal, answer, ready, context))
        elif record.taken:
            message = f"Xero says that {record.object} {record.key} exists, but does not show it; look there for it"
            results.append(bury(record, PermanentError(message)))
        else:
            missing.append(ready)
    return results, missing


def _refused(refusal: str, answer: Mapping[str, Any], ready: Ready, context: Context) -> Result:
    policy = ready.record.row.policy_of(answer, ready.wanted)
    if policy:
        return policies.decided(Case(policy=policy, ready=ready), context)
    return Result(record=ready.record, disposition="parked", reason=refusal, stuck=True)


def _element(answer: Mapping[str, Any], ready: Ready, context: Context) -> Mapping[str, Any] | None:
    row = ready.record.row
    return next(
        (found for found in row.elements(answer, ready.wanted) if row.is_same(found, ready.wanted, context)), None
    )


def _held(element: Mapping[str, Any], ready: Ready) -> dict[str, str]:
    """Return what the record remembers of an element that Xero has."""
    row = ready.record.row
    return {
        **{REMEMBERED + name: text for name, text in row.remembers(element, ready.wanted).items()},
        **{REMEMBERED + name: text for name, text in ready.prepared.keeps.items()},
        **{REMEMBERED + name: "" for name in row.forgets},
        "xero_id": row.identify(element, ready.wanted),
        "attempts": "",
        "failing_since": "",
        "attempted": "",
        "deaths": "",
        "batch": "0",
        "uncertain": "",
        "taken": "",
        "seen": "",
    }


def _made(ready: Ready) -> dict[str, str]:
    """Return what the record remembers of the payload that Xero has now."""
    return {REMEMBERED + name: text for name, text in ready.prepared.makes.items()}


def _adopted(element: Mapping[str, Any], ready: Ready, context: Context) -> Result:
    row, record = ready.record.row, ready.record
    if row.is_written(element, ready.prepared):
        return _delivered(element, ready, ())
    if not row.is_ours(element, ready.prepared):
        return policies.decided(Case(policy="number_taken", ready=ready, element=element), context)
    return Result(record=record, disposition="pending", set=_held(element, ready))


def _result(element: Mapping[str, Any], ready: Ready, context: Context, bury: Bury, now: float) -> Result:
    record = ready.record
    verdict = answers.verdict(element, record.row.identify(element, ready.wanted))
    if verdict.written:
        return _delivered(element, ready, verdict.sentences)
    said = "; ".join(verdict.sentences)
    attempts = record.attempts + 1
    if ARCHIVED in said and attempts < MOST_ATTEMPTS:
        return _archived(record, said, attempts)
    name_taken = any(NAME_TAKEN in sentence for sentence in verdict.sentences)
    # Xero's sentence about a taken name says "must be unique" as well.
    if not name_taken and not record.taken and any(NUMBER_TAKEN in sentence for sentence in verdict.sentences):
        return Result(record=record, disposition="pending", reason=said, set={"taken": "1"})
    if (decided := policies.of_refusal(ready, verdict.sentences, element, context)) is not None:
        return decided
    since = record.failing_since or now
    # An error of Xero's own may last as long as an outage does; a taken name is ours to solve, at once or never.
    is_patient = verdict.transient and now - since < PATIENCE_SECONDS
    if is_patient or (attempts < MOST_ATTEMPTS and (verdict.transient or name_taken)):
        return _later(record, said, attempts, now)
    return bury(record, XeroValidationError(f"Xero refused it: {said}", verdict.sentences))


def _later(record: Record, said: str, attempts: int, now: float) -> Result:
    tried = [*record.attempted, now][-MOST_REMEMBERED:]
    return Result(
        record=record,
        disposition="pending",
        reason=said,
        set={
            "attempts": str(attempts),
            "failing_since": str(record.failing_since or now),
            "attempted": " ".join(map(str, tried)),
        },
        delay_seconds=min(BACKOFF_SECONDS * 2 ** min(attempts - 1, 10), LONGEST_BACKOFF_SECONDS),
    )


def _archived(record: Record, said: str, attempts: int) -> Result:
    """Somebody archived a record, or merged it into another: look where it is now before anything is sent."""
    archived = tuple(
        Wait(object=entry["object"], key=entry["key"])
        for entries in record.references.values()
        for entry in entries
        if OBJECTS[entry["object"]].archived_as
    )
    values = {"attempts": str(attempts)}
    if record.row.archived_as:
        moved = {
            REMEMBERED + record.row.archived_as: record.xero_id,
            "xero_id": "",
            "delivered": "",
            "seen": "",
            "taken": "1",
        }
        return Result(record=record, disposition="pending", reason=said, set={**values, **moved})
    return Result(record=record, disposition="parked", reason=said, set=values, waits=archived, unlinks=archived)


def _delivered(element: Mapping[str, Any], ready: Ready, warnings: Sequence[str]) -> Result:
    """Xero has the record. A total that differs from the order's, or dropped data, is for a person to see."""
    record = ready.record
    faults = [*warnings, *ready.prepared.left_out, *record.row.faults(element, ready.wanted, ready.prepared)]
    message = "; ".join(faults)
    error = PermanentError(f"{record.object} {record.key} is in Xero, but: {message}")
    return Result(
        record=record,
        disposition="pending" if ready.comes_again else "delivered",
        reason=message,
        set={**_held(element, ready), **_made(ready), "delivered": ready.digest},
        letter=letter(record, error, (), SETTLED) if faults else "",
        waits=ready.waits,
    )
