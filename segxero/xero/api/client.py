"""The Xero client: a call with budget, token, time-outs and JSON. It never retries and never sleeps."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import redis
import requests

from segxero import jsontext
from segxero.errors import ENDPOINT, ORGANISATION, RetryableError, UncertainError
from segxero.telemetry.figures import CALLS, Counts
from segxero.xero.access.tokens import Access, Tokens
from segxero.xero.api import answers
from segxero.xero.api.budget import Budget, Limits
from segxero.xero.api.request import Request

log = logging.getLogger(__name__)

TIMEOUT = (5, 18)  # seconds to connect, to answer: together below Heroku's 30 s between SIGTERM and SIGKILL
API = "/api.xro/2.0"
LOST, UNREACHABLE = "lost", "unreachable"
CORRELATION, LONGEST_CORRELATION = "Xero-Correlation-Id", 64


@dataclass(frozen=True, slots=True)
class _Call:
    """A call, from its beginning on our clock."""

    organisation: str
    request: Request
    idempotency_key: str
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class _Body:
    """A body that calls *last_look* after the headers are sent, to check that it may still be sent.

    A process may stand still at any moment and go on much later. Xero ignores a call without its body.
    """

    content: bytes
    last_look: Callable[[], object]

    def __len__(self) -> int:
        return len(self.content)

    def __iter__(self) -> Iterator[bytes]:
        self.last_look()
        yield self.content


class XeroClient:
    """Calls Xero, each organisation within its own budget.

    The app's limit of 10,000 calls a minute over all organisations is not counted: 166 organisations at full pace reach
    it, and Xero's refusal then makes an organisation wait.
    """

    def __init__(
        self,
        api_url: str,
        tokens: Tokens,
        budget: Budget,
        counts: Counts,
        *,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._base = api_url + API
        self._tokens = tokens
        self._budget = budget
        self._counts = counts
        self._timeout = timeout
        self._session = requests.Session()

    def call(
        self,
        organisation: str,
        request: Request,
        idempotency_key: str = "",
        last_look: Callable[[], object] | None = None,
    ) -> dict[str, Any]:
        """Send *request* and return Xero's JSON. An error of *last_look*, right before a body is sent, stops the call.

        Raise BudgetError before anything is sent, UncertainError when the answer to a write is lost, and the errors of
        `answers.read_answer` otherwise. An expired token is replaced once.
        """
        headers = {**request.headers, "Accept": "application/json"}
        if request.method != "GET":
            headers["Content-Type"] = "application/json" if request.content is None else "application/octet-stream"
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        body = request.content if request.body is None else jsontext.dumps(request.body).encode()
        content = _Body(body, last_look) if body and last_look else body
        access = self._access(organisation)
        try:
            return self._once(organisation, request, {**headers, **access.headers}, content)
        except answers.ExpiredTokenError:
            fresh = self._access(organisation, stale=access.token)
            return self._once(organisation, request, {**headers, **fresh.headers}, content)

    def _access(self, organisation: str, stale: str = "") -> Access:
        try:
            return self._tokens.access(organisation, stale)
        except RetryableError as error:
            error.down = ORGANISATION
            raise

    def _once(
        self, organisation: str, request: Request, headers: dict[str, str], body: bytes | _Body | None
    ) -> dict[str, Any]:
        writes = request.method != "GET"
        lease = self._budget.acquire(organisation)
        call = _Call(organisation, request, headers.get("Idempotency-Key", ""))
        try:
            response = self._session.request(
                request.method,
                self._base + request.path,
                params=dict(request.params),
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except redis.RedisError:
            self._budget.observe(organisation, lease, Limits())
            raise
        except requests.RequestException as error:
            if not _was_sent(error):
                self._budget.observe(organisation, lease, Limits())
                self._note(call, UNREACHABLE)
                raise RetryableError(f"Xero cannot be reached ({type(error).__name__})", down=ORGANISATION) from None
            # The call may still run at Xero: its lease is kept until it has certainly ended.
            self._note(call, LOST)
            kind = UncertainError if writes else RetryableError
            raise kind(f"Xero's answer is lost ({type(error).__name__})", down=ENDPOINT) from None
        self._budget.observe(organisation, lease, answers.read_limits(response))
        self._note(call, str(response.status_code), response.headers.get(CORRELATION, ""))
        return answers.read_answer(response, writes=writes)

    def _note(self, call: "_Call", status: str, correlation: str = "") -> None:
        """Count the call and log it: ids only, and of the path only its endpoint."""
        self._counts.add(CALLS, call.organisation, "read" if call.request.method == "GET" else "write", status)
        facts = {
            "organisation": call.organisation,
            "method": call.request.method,
            "endpoint": call.request.path.split("/")[1],
            "status": status,
            "seconds": round(time.monotonic() - call.began, 3),
            "flight": call.idempotency_key.rpartition("-")[2],
            "xero_correlation_id": correlation[:LONGEST_CORRELATION],
        }
        log.info("xero_called", extra=facts)


def _was_sent(error: requests.RequestException) -> bool:
    """Tell whether the call may have reached Xero: always, unless no connection was made."""
    if isinstance(error, requests.ConnectTimeout):
        return False
    return "NewConnectionError" not in repr(error) and "NameResolutionError" not in repr(error)
