"""Tries mappings on events: verdicts on an event, sums over many events, and differences between two results.

The command `segxero mappings try` and the demo call this module.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.model import Draft, MappingSet
from segxero.mapping.values.paths import extend_pointer
from segxero.mapping.values.plain_text import plain_text
from segxero.mapping.values.undefined import UNDEFINED

NO_ORGANISATION = "no organisation in organisations.yaml takes its source"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a mapping to an event: drafts, the reason why it does not want the event, or the error."""

    mapping: str
    place: str
    reason: str = ""
    error: str = ""
    drafts: tuple[Draft, ...] = ()


def judge_event(mappings: MappingSet, event: Mapping[str, Any]) -> list[Verdict]:
    """Ask every mapping about *event*, in the order of the files. Raise nothing."""
    organisation = mappings.organisation_of(event)
    event = mappings.with_names(event)
    found = []
    for mapping in mappings.mappings:
        place = f"{mapping.file}:{mapping.line}"
        if reason := mapping.why_not(event, organisation or "") or ("" if organisation else NO_ORGANISATION):
            found.append(Verdict(mapping.name, place, reason))
            continue
        try:
            found.append(Verdict(mapping.name, place, drafts=tuple(mapping.drafts(event, organisation or ""))))
        except MappingError as error:
            found.append(Verdict(mapping.name, place, error=str(error)))
    return found


@dataclass(slots=True)
class Tally:
    """Sums over many events: how many each mapping wants and cannot use, and the events that nobody wants."""

    events: int = 0
    wanted: Counter[str] = field(default_factory=Counter)
    records: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    unwanted: Counter[str] = field(default_factory=Counter)

    def add(self, event: Mapping[str, Any], found: Iterable[Verdict]) -> None:
        """Count *event* and the verdicts on it."""
        self.events += 1
        asked = [verdict for verdict in found if not verdict.reason]
        if not asked:
            self.unwanted[" ".join(filter(None, map(plain_text, (event.get("type"), event.get("event")))))] += 1
        for verdict in asked:
            self.wanted[verdict.mapping] += 1
            if verdict.error:
                self.errors[verdict.mapping, verdict.error] += 1
                continue
            records = self.records.setdefault(verdict.mapping, set())
            records |= {(draft.object, draft.key) for draft in verdict.drafts}


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where two JSON values differ; UNDEFINED means that nothing is there."""

    path: str
    before: Any
    after: Any


def list_differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Compare two JSON values place by place, such as the payloads of today's and tomorrow's mappings."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            yield from list_differences(
                before.get(name, UNDEFINED), after.get(name, UNDEFINED), extend_pointer(path, name)
            )
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old, new = (values[index] if index < len(values) else UNDEFINED for values in (before, after))
            yield from list_differences(old, new, extend_pointer(path, index))
    # Python takes 1 and true for equal; Xero does not.
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        yield Difference(path, before, after)
