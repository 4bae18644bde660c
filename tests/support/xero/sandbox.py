"""The sandbox in this process in place of XeroClient: what the core sends meets Xero's refusals, without a network."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from segxero.errors import UncertainError
from segxero.jsontext import dumps
from segxero.xero.api import answers
from segxero.xero.api.request import Request
from tests.support.xero.sandbox_client import Xero, connected


@dataclass(slots=True)
class SandboxXero:
    """Calls the sandbox; *losses* says of the next writes whether the answer is lost after the work is done.

    *refusals* are bodies with which the next writes are refused as a whole.
    """

    sandbox: Xero = field(default_factory=connected)
    calls: list[Request] = field(default_factory=list)
    losses: deque[bool] = field(default_factory=deque)
    refusals: deque[dict[str, Any]] = field(default_factory=deque)

    @property
    def writes(self) -> list[str]:
        """The paths of the calls that wrote, with their verbs."""
        return [f"{call.method} {call.path.split('/')[-1]}" for call in self.calls if call.method != "GET"]

    @property
    def books(self) -> Any:
        """Everything that is in the sandbox, as Xero shows it."""
        return self.sandbox.control("GET", "records").json

    def call(
        self,
        organisation: str,
        request: Request,
        idempotency_key: str = "",
        last_look: Callable[[], object] | None = None,
    ) -> dict[str, Any]:
        if last_look:
            last_look()
        self.calls.append(request)
        self.sandbox.clock.now += 0.01
        if request.method != "GET" and self.refusals:
            return answers.read_answer(_response(400, {}, dumps(self.refusals.popleft()).encode()), writes=True)
        path = request.path.strip("/") + (f"?{urlencode(request.params)}" if request.params else "")
        headers = dict(request.headers) | ({"Idempotency-Key": idempotency_key} if idempotency_key else {})
        reply = self.sandbox.call(request.method, path, request.body, **headers)
        if request.method != "GET" and self.losses and self.losses.popleft():
            raise UncertainError("the answer is lost")
        response = _response(reply.status, reply.headers, reply.response.get_data())
        return answers.read_answer(response, writes=request.method != "GET")


def _response(status: int, headers: Any, content: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    response._content = content
    return response
