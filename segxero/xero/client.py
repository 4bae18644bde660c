"""The Xero client: one call with budget, token, time-outs and JSON. It never retries and never sleeps."""

from typing import Any

import requests

from segxero import jsontext
from segxero.counts import Counts
from segxero.errors import RetryableError, UncertainError
from segxero.xero import answers
from segxero.xero.budget import Budget, Limits
from segxero.xero.row import Request
from segxero.xero.tokens import Access, Tokens

TIMEOUT = (5, 18)  # seconds to connect, to answer: together below Heroku's 30 s between SIGTERM and SIGKILL
API = "/api.xro/2.0"


class XeroClient:
    """Calls Xero, each organisation within its own budget.

    The app's 10,000 calls a minute over all of them are not counted ahead of time: they are 166 organisations at their
    full pace, and Xero's refusal makes the one that meets it wait.
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

    def call(self, organisation: str, request: Request, idempotency_key: str = "") -> dict[str, Any]:
        """Send *request* and return Xero's JSON.

        Raise BudgetError before anything is sent, UncertainError when the answer to a write is lost, and otherwise
        what `answers.read` says. A token that Xero calls expired is replaced once.
        """
        access = self._tokens.access(organisation)
        try:
            return self._once(organisation, request, idempotency_key, access)
        except answers.ExpiredTokenError:
            return self._once(organisation, request, idempotency_key, self._tokens.access(organisation, access.token))

    def _once(self, organisation: str, request: Request, idempotency_key: str, access: Access) -> dict[str, Any]:
        writes = request.method != "GET"
        headers = {**request.headers, **access.headers, "Accept": "application/json"}
        if writes:
            headers["Content-Type"] = "application/json" if request.content is None else "application/octet-stream"
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        body = request.content if request.body is None else jsontext.dumps(request.body).encode()
        lease = self._budget.acquire(organisation)
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
        except requests.RequestException as error:
            if not _was_sent(error):
                self._budget.observe(organisation, lease, Limits())
                raise RetryableError(f"Xero cannot be reached ({type(error).__name__})") from None
            # The call may still run at Xero: its lease is kept until it has certainly ended.
            self._counts.add("calls_lost")
            kind = UncertainError if writes else RetryableError
            raise kind(f"Xero's answer is lost ({type(error).__name__})") from None
        self._budget.observe(organisation, lease, answers.limits(response))
        self._counts.add(f"calls_{'write' if writes else 'read'}_{response.status_code}")
        return answers.read(response, writes=writes)


def _was_sent(error: requests.RequestException) -> bool:
    """Tell whether the call may have reached Xero: always, but when there was no connection to send it on."""
    if isinstance(error, requests.ConnectTimeout):
        return False
    return "NewConnectionError" not in repr(error) and "NameResolutionError" not in repr(error)
