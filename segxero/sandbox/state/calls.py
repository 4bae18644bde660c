"""The calls to the sandbox, each with the number of calls in flight at its arrival.

The gateway and the identity service record their calls here; the control page shows them.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEPT_CALLS = 50_000
ADVISED_ELEMENTS = 50
SECRET_HEADERS = frozenset({"authorization", "cookie"})


@dataclass(slots=True, kw_only=True)
class CallAsReceived:
    """An HTTP call as it came in.

    Header names are in lower case, *query* is text and *arguments* its parts. *content* holds the bytes of the body
    until the call is answered.
    """

    method: str
    path: str
    query: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def wants_json(self) -> bool:
        return "application/json" in self.headers.get("accept", "")


@dataclass(slots=True, kw_only=True)
class Call(CallAsReceived):
    """A call with the record of its answer; times are Unix seconds.

    *body* is the readable form of the content. *tenant* is empty outside the Accounting API. *limit* names the limit
    that refused the call, *fault* the fault that hit it, *ignored* the JSON paths of the body that Xero does not
    keep. *during_retry_after* is set while an earlier Retry-After still runs.
    """

    body: Any = None
    number: int = 0
    arrived: float = 0.0
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

    def list_parts(self) -> dict[str, str]:
        """Return the parts that the match of a fault looks at."""
        body = self.content.decode("utf-8", "replace")
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
        if compact:
            return brief
        headers = {name: value for name, value in self.headers.items() if name not in SECRET_HEADERS}
        return brief | {"headers": headers, "body": self.body, "ignored": self.ignored}


def count_elements(body: Any) -> int:
    """Return how many elements a body carries: those of its only list, or 1 for a bare object."""
    if not isinstance(body, dict):
        return 0
    # An envelope has its list and nothing else; a bare object counts as a single element.
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

    def begin(self, call: Call, tenant: str, body: Any, now: float) -> None:
        """Record that *call* has arrived at *tenant* with the readable *body*, and count it as in flight."""
        self._last += 1
        call.arrived, call.body, call.elements = now, body, count_elements(body)
        self._in_flight[tenant] += 1
        call.number, call.tenant, call.in_flight = self._last, tenant, self._in_flight[tenant]
        call.during_retry_after = bool(tenant) and call.arrived < self._retry_until.get(tenant, 0.0)
        self._calls.append(call)
        self._open.add(id(call))

    def end(self, call: Call, status: int, retry_after: str | None, now: float) -> None:
        """Record the answer of *call*; a call from before a reset is not known any more."""
        # A reset may come while a call is under way; the new count must not go below zero.
        if id(call) not in self._open:
            return
        self._open.remove(id(call))
        self._in_flight[call.tenant] -= 1
        call.status, call.ended = status, now
        # The record keeps 50,000 calls; the bytes of their bodies would be held twice.
        call.content = b""
        # Two limits can overlap; the later end holds.
        if retry_after is not None and call.tenant:
            until = now + float(retry_after)
            self._retry_until[call.tenant] = max(until, self._retry_until.get(call.tenant, 0.0))

    def list_since(self, number: int, last: int = KEPT_CALLS) -> list[Call]:
        """Return at most the *last* calls after *number*, oldest first."""
        return [call for call in list(self._calls)[-last:] if call.number > number]
