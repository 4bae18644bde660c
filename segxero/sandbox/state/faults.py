"""Faults to switch on: outages, lost answers, slow answers, limits and odd elements.

A person switches them on from the control page, a test by the control endpoint.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

OFFLINE_KINDS = ("organisation", "maintenance", "unavailable")
LIMIT_KINDS = ("concurrent", "minute", "day", "appminute")
NO_ID = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which calls a fault hits: every given text must be in the call's part; empty = any."""

    method: str = ""
    path: str = ""
    query: str = ""
    body: str = ""
    tenant: str = ""

    def hits(self, parts: Mapping[str, str]) -> bool:
        if self.method and self.method.upper() != parts["method"]:
            return False
        others = {"path": self.path, "query": self.query, "body": self.body, "tenant": self.tenant}
        return all(wanted.lower() in parts[name].lower() for name, wanted in others.items() if wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyElements:
    """The part of a fault that changes the elements of an answer, see `Fault`."""

    element: Mapping[str, Any] | None = None
    message: str = ""
    shuffle: bool = False
    zoneless_dates: bool = False
    unknown_enum: bool = False

    def hits_element(self, index: int, echo: str) -> bool:
        """Say whether this fault refuses the element at *index* whose text is *echo*."""
        if self.element is None:
            return False
        contains = self.element.get("contains", "")
        return index == self.element.get("index", index) and contains.lower() in echo.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(FaultyElements):
    """A fault; with *times* 0 it stays until it is removed. Delays are in seconds.

    - status: answer with it; before the work is done, or after it when *after_commit*.
    - delay / delay_after: sleep before / after the work. lost_answer: do the work, then drop the connection.
    - limit: answer 429 for that limit, with *retry_after* if given. offline: answer 503 with its text.
    - element: refuse the elements it matches ({"index": 0} or {"contains": "text"}) with *message*.
    - shuffle, zoneless_dates, unknown_enum: change a good answer. idempotency: "down" answers 500,
      "refuse_in_flight" answers 409 to a second call whose first is still running.
    """

    id: int = NO_ID
    times: int = 1
    match: Match = field(default_factory=Match)
    status: int = 0
    after_commit: bool = False
    delay: float = 0.0
    delay_after: float = 0.0
    lost_answer: bool = False
    limit: str = ""
    retry_after: int | None = None
    offline: str = ""
    idempotency: str = ""


NO_FAULT = Fault()
_NAMES = {item.name for item in fields(Fault)} - {"id"}
_MATCH_NAMES = {item.name for item in fields(Match)}
_KINDS: dict[str, type] = {item.name: type(item.default) for item in fields(Fault)} | {
    "element": dict,
    "retry_after": int,
}
_KIND_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", dict: "an object"}


class Faults:
    """The active faults, oldest first; a call takes the first fault that hits it."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._left: dict[int, int] = {}
        self._last = NO_ID

    def add(self, wanted: Mapping[str, Any]) -> Fault:
        """Switch a fault on. Raise ValueError with a sentence when the wish is no fault."""
        fault = read_fault(wanted, self._last + 1)
        self._last = fault.id
        self._faults[fault.id] = fault
        self._left[fault.id] = fault.times
        return fault

    def remove(self, fault_id: int) -> bool:
        self._left.pop(fault_id, None)
        return self._faults.pop(fault_id, None) is not None

    def clear(self) -> None:
        self._faults.clear()
        self._left.clear()

    def active(self) -> list[tuple[Fault, int]]:
        """Return the faults, each with the number of calls it will still hit (0 = all)."""
        return [(fault, self._left[fault.id]) for fault in self._faults.values()]

    def take(self, parts: Mapping[str, str]) -> Fault:
        """Return the fault for a call with these *parts* (method, path, query, body, tenant) and use it up once."""
        for fault in self._faults.values():
            if fault.match.hits(parts):
                # A fault without a count stays until somebody removes it.
                if fault.times:
                    self._left[fault.id] -= 1
                    if not self._left[fault.id]:
                        self.remove(fault.id)
                return fault
        return NO_FAULT


def read_fault(wanted: Mapping[str, Any], fault_id: int) -> Fault:
    """Build a fault from its JSON. Raise ValueError with a sentence when a name or word is unknown."""
    match = wanted.get("match", {})
    unknown = [name for name in wanted if name not in _NAMES]
    unknown += [f"match.{name}" for name in match if name not in _MATCH_NAMES]
    if unknown:
        raise ValueError(f"Unknown: {', '.join(unknown)}. Known are {', '.join(sorted(_NAMES))}.")
    if wanted.get("limit", LIMIT_KINDS[0]) not in LIMIT_KINDS:
        raise ValueError(f"limit must be one of {', '.join(LIMIT_KINDS)}.")
    if wanted.get("offline", OFFLINE_KINDS[0]) not in OFFLINE_KINDS:
        raise ValueError(f"offline must be one of {', '.join(OFFLINE_KINDS)}.")
    if wanted.get("idempotency", "down") not in {"down", "refuse_in_flight"}:
        raise ValueError("idempotency must be down or refuse_in_flight.")
    typed = {name: _typed(name, value) for name, value in wanted.items() if name != "match"}
    return Fault(**typed, id=fault_id, match=Match(**match))


def _typed(name: str, value: Any) -> Any:
    """Return *value* in the type of the field *name*. Raise ValueError with a sentence for a value of another type."""
    kind = _KINDS[name]
    # JSON does not tell 3 from 3.0, and both are delays.
    if kind is float and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{name} must be {_KIND_WORDS[kind]}.")
    return value
