"""Every call that reached the sandbox, and how many were in flight when it came."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEPT_CALLS = 50_000
ADVISED_ELEMENTS = 50
SECRET_HEADERS = frozenset({"authorization", "cookie"})


@dataclass(slots=True, kw_only=True)
class Call:
    """One recorded call; times are Unix seconds, *tenant* is empty outside the Accounting API.

    *limit* is the limit that refused it, *during_retry_after* that a Retry-After was still running,
    *ignored* the JSON paths of its body that Xero does not keep, *fault* the id of the fault that hit it.
    """

    number: int
    arrived: float
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Any = None
    tenant: str = ""
    ended: float | None = None
    status: int | None = None
    in_flight: int = 0
    elements: int = 0
    limit: str = ""
    during_retry_after: bool = False
    replayed: bool = False
    fault: int = 0
    ignored: list[str] = field(default_factory=list)

    def parts(self, body: str) -> dict[str, str]:
        """Return what a fault's match looks at."""
        return {"method": self.method, "path": self.path, "query": self.query, "body": body, "tenant": self.tenant}

    def as_json(self, *, compact: bool) -> dict[str, Any]:
        brief = {
            "number": self.number,
            "arrived": self.arrived,
            "ended": self.ended,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "tenant": self.tenant,
            "status": self.status,
            "in_flight": self.in_flight,
            "elements": self.elements,
            "limit": self.limit,
            "during_retry_after": self.during_retry_after,
            "replayed": self.replayed,
            "fault": self.fault,
            "more_than_advised": self.elements > ADVISED_ELEMENTS,
        }
        return brief if compact else brief | {"headers": self.headers, "body": self.body, "ignored": self.ignored}


def count_elements(body: Any) -> int:
    """Return how many elements a body carries: those of its only list, or 1 for a bare object."""
    if not isinstance(body, dict):
        return 0
    if len(body) == 1:
        only = next(iter(body.values()))
        if isinstance(only, list):
            return len(only)
    return 1


class Calls:
    """The record of calls and the real count of those in flight per organisation."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self._in_flight: Counter[str] = Counter()
        self._open: set[int] = set()
        self._retry_until: dict[str, float] = {}
        self._last = 0

    def begin(self, call: Call, tenant: str) -> None:
        """Take *call* in as one more in flight of *tenant*."""
        self._last += 1
        self._in_flight[tenant] += 1
        call.number, call.tenant, call.in_flight = self._last, tenant, self._in_flight[tenant]
        call.during_retry_after = bool(tenant) and call.arrived < self._retry_until.get(tenant, 0.0)
        self._calls.append(call)
        self._open.add(id(call))

    def end(self, call: Call, status: int, retry_after: str | None, now: float) -> None:
        """Take *call* out of those in flight; one that began before a reset is not among them."""
        if id(call) not in self._open:
            return
        self._open.remove(id(call))
        self._in_flight[call.tenant] -= 1
        call.status, call.ended = status, now
        if retry_after is not None and call.tenant:
            until = now + float(retry_after)
            self._retry_until[call.tenant] = max(until, self._retry_until.get(call.tenant, 0.0))

    def since(self, number: int, last: int = KEPT_CALLS) -> list[Call]:
        """Return the calls after *number*, oldest first, and of these the *last* only."""
        return [call for call in list(self._calls)[-last:] if call.number > number]
