"""The accounts of a run: every event in one disposition, every record as the reference has it, every limit kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.chaos.play import Outcome
from tests.chaos.reference import Books, books, fate
from tests.chaos.shop import Traffic, events_of
from tests.support.xero import books as bookkeeping

MOST_IN_FLIGHT, MOST_ELEMENTS = 5, 50
# A call that was on its way when Xero began to refuse is no breach: so long may it have been on its way.
ON_ITS_WAY = 2.0
REFUSED = 429
SHOWN = 5  # differences of one kind
AT_REST = {"delivered", "unchanged", "parked", "dead"}
HEADER = ("Contact", "Reference", "Status", "CurrencyCode", "LineAmountTypes", "SubTotal", "TotalTax", "Total")
LINE = ("Description", "Quantity", "UnitAmount", "AccountCode", "TaxType")


def faults_of(traffic: Traffic, outcome: Outcome) -> list[str]:
    """Return a sentence for everything that is not as it must be."""
    wanted = books(traffic.events)
    return [
        *_answers(traffic, outcome),
        *_events(wanted, outcome),
        *_compared("contact", wanted.contacts, bookkeeping.contacts(outcome.records)),
        *_compared("invoice", wanted.invoices, _invoices(outcome.records)),
        *_compared("label", wanted.labels, _labels(outcome.records)),
        *_twice(outcome.records),
        *_at_rest(outcome),
        *_limits(outcome),
    ]


def dispositions(traffic: Traffic, outcome: Outcome) -> Counter[str]:
    """Return how many of the events, each counted once, came to which end."""
    wanted = books(traffic.events)
    found: Counter[str] = Counter()
    for event in traffic.events:
        number = event.get("properties", {}).get("order_id")
        if fate(event) == "ignored":
            found["ignored"] += 1
        elif event["messageId"] in wanted.letters:
            found["dead letter"] += 1
        else:
            found["parked" if number in wanted.parked else "in a record"] += 1
    return found


def _answers(traffic: Traffic, outcome: Outcome) -> Iterator[str]:
    """Each body's last answer says of each of its events what becomes of it."""
    wrong = []
    for index, body in enumerate(traffic.bodies):
        said = outcome.answers[index]
        counted = {"accepted": said["accepted"], "ignored": said["ignored"], "rejected": len(said["rejected"])}
        expected = Counter(fate(event) for event in events_of(body))
        if counted != {name: expected[name] for name in counted}:
            wrong.append(f"body {index}: {counted} instead of {dict(expected)}")
    yield from _some("answers differ", wrong)
    # Segment does not come back after these.
    yield from _some("final refusals", [status for status in outcome.refusals if status.startswith("4")])


def _events(wanted: Books, outcome: Outcome) -> Iterator[str]:
    """What cannot be booked is a dead letter or parked, and nothing else is."""
    letters = {letter.key for letter in outcome.letters}
    parked = {parked.key for parked in outcome.standing.parked}
    yield from _some("events without their dead letter", sorted(wanted.letters - letters))
    strange = [letter for letter in outcome.letters if letter.key not in wanted.letters]
    yield from _some("dead letters for nothing", [f"{letter.key}: {letter.message}" for letter in strange])
    doubled = Counter(letter.key for letter in outcome.letters)
    yield from _some("dead letters twice", [f"{key} ({number})" for key, number in doubled.items() if number > 1])
    yield from _some("parked or not", sorted(parked ^ wanted.parked))


def _compared(kind: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    yield from _some(f"{kind}s are missing in Xero", sorted(wanted.keys() - found.keys()))
    yield from _some(f"{kind}s are in Xero that nobody wanted", sorted(found.keys() - wanted.keys()))
    differ = [
        f"{key}: {_difference(wanted[key], found[key])}" for key in wanted if wanted[key] != found.get(key, wanted[key])
    ]
    yield from _some(f"{kind}s differ", differ)


def _difference(wanted: Any, found: Any) -> str:
    if not isinstance(wanted, Mapping):
        return f"{found} instead of {wanted}"
    names = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    return ", ".join(f"{name} is {found.get(name)} instead of {wanted.get(name)}" for name in names)


def _invoices(records: Any) -> dict[str, Any]:
    """Return the invoices as the reference writes them."""
    holders = {contact["ContactID"]: contact.get("ContactNumber") for contact in records["Contacts"]}
    return {
        invoice["InvoiceNumber"]: {
            **{name: invoice.get(name) for name in HEADER},
            "Contact": holders[invoice["Contact"]["ContactID"]],
            "Date": invoice["DateString"][:10],
            "DueDate": invoice["DueDateString"][:10],
            "Lines": [tuple(line[name] for name in LINE) for line in invoice["LineItems"]],
            "Labels": bookkeeping.labels(invoice),
        }
        for invoice in records["Invoices"]
    }


def _labels(records: Any) -> dict[str, set[str]]:
    return {category: set(options) for category, options in bookkeeping.categories(records).items()}


def _twice(records: Any) -> Iterator[str]:
    for kind, number in (("Contacts", "ContactNumber"), ("Invoices", "InvoiceNumber")):
        counted = Counter(record.get(number, record.get("Name")) for record in records[kind])
        yield from _some(f"{kind} twice in Xero", [str(key) for key, times in counted.items() if times > 1])


def _at_rest(outcome: Outcome) -> Iterator[str]:
    moving = [f"{ref}: {name}" for ref, name in outcome.dispositions.items() if name not in AT_REST]
    yield from _some("records without an end", moving)
    yield from _some("events counted as waiting", [f"{name} {n}" for name, n in outcome.waiting.items() if n])


def _limits(outcome: Outcome) -> Iterator[str]:
    """Xero's own record of calls: nothing refused but by a planned fault, nothing during a Retry-After."""
    calls = [call for call in outcome.calls if call["tenant"]]
    yield from _some("too many in flight", [_call(c) for c in calls if c["in_flight"] > MOST_IN_FLIGHT])
    yield from _some("too many elements", [_call(c) for c in calls if c["elements"] > MOST_ELEMENTS])
    yield from _some("limits met", [f"{_call(c)} {c['limit']}" for c in calls if c["limit"] and not c["fault"]])
    during = [c for c in calls if c["during_retry_after"] and not _was_on_its_way(c, calls, outcome.thawed)]
    yield from _some("calls during a Retry-After", [_call(call) for call in during])


def _was_on_its_way(call: Any, calls: Sequence[Any], thawed: Sequence[float]) -> bool:
    """Tell whether *call* left before its sender could know of the refusal."""
    arrived = float(call["arrived"])
    refusals = [float(other["ended"]) for other in calls if other["status"] == REFUSED and other["ended"]]
    before = [moment for moment in refusals if moment <= arrived]
    return any(0 <= arrived - moment <= ON_ITS_WAY for moment in [*before[-1:], *thawed])


def _call(call: Any) -> str:
    return f"{call['number']} {call['method']} {call['path']}"


def _some(what: str, found: Iterable[Any]) -> Iterator[str]:
    """Say *what* with the first few of *found*, if there are any."""
    listed = list(found)
    if listed:
        more = f" … ({len(listed)} in all)" if len(listed) > SHOWN else ""
        yield f"{what}: {'; '.join(map(str, listed[:SHOWN]))}{more}"
