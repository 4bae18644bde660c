"""Trying mappings on events: who wants one and why not, sums over many, and what a change of the files changes."""

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
    """What one mapping makes of one event: drafts, or the reason why it passes it by, or the error."""

    mapping: str
    place: str
    reason: str = ""
    error: str = ""
    drafts: tuple[Draft, ...] = ()


def verdicts(mappings: MappingSet, event: Mapping[str, Any]) -> list[Verdict]:
    """Ask every mapping about *event*, in the order of the files. Nothing is raised."""
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
    """Sums over many events: for each mapping how many it wants and cannot use, and what nobody wants."""

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
    """One place where two JSON values differ; UNDEFINED stands for nothing there."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Compare two JSON values, such as a payload of today's mappings and one of tomorrow's, place by place."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            yield from differences(before.get(name, UNDEFINED), after.get(name, UNDEFINED), extend_pointer(path, name))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old, new = (one[index] if index < len(one) else UNDEFINED for one in (before, after))
            yield from differences(old, new, extend_pointer(path, index))
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        yield Difference(path, before, after)
