"""Answers: Xero's status codes and bodies become errors that say what happens next.

The client calls `read_answer` for each response, verdicts call `judge_element` for each element of a good response.
Xero's sentences stand in refusals.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from segxero import jsontext
from segxero.errors import (
    ENDPOINT,
    ORGANISATION,
    AuthenticationError,
    PermanentError,
    RetryableError,
    UncertainError,
    XeroValidationError,
)
from segxero.xero.api import refusals
from segxero.xero.api.budget import Limits

NO_ID = "00000000-0000-0000-0000-000000000000"
DEFAULT_PAUSES = {"concurrent": 1.0, "appminute": 10.0, "minute": 60.0, "day": 3600.0}
OFFLINE_SECONDS = 300.0  # Xero's advice for "The Organisation is offline"


class ExpiredTokenError(RetryableError):
    """Xero says the access token is no longer good; a fresh token may be."""


class NotThereError(PermanentError):
    """Xero knows nothing under this id."""


class UnreadableBodyError(PermanentError):
    """Xero could not read the whole body: halve it until the culprit is alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementAnswer:
    """Xero's word on an element: its id when it was written, else the sentences and kinds of its refusal."""

    xero_id: str = ""
    sentences: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()

    @property
    def written(self) -> bool:
        return bool(self.xero_id)


def read_limits(response: requests.Response) -> Limits:
    """Read what the headers of *response* say about the limits."""
    problem = response.headers.get("X-Rate-Limit-Problem", "").replace("-", "").lower()
    pause = _seconds(response.headers.get("Retry-After"))
    if response.status_code == requests.codes.too_many_requests:
        problem = problem or "minute"
        pause = pause or DEFAULT_PAUSES.get(problem, 60.0)
    elif response.status_code != requests.codes.unavailable:
        pause = 0.0
    return Limits(
        minute_left=_number(response.headers.get("X-MinLimit-Remaining")),
        day_left=_number(response.headers.get("X-DayLimit-Remaining")),
        problem=problem,
        pause_seconds=pause,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _seconds(text: str | None) -> float:
    return float(text) if text is not None and text.isdigit() else 0.0


def read_answer(response: requests.Response, *, writes: bool) -> dict[str, Any]:
    """Return the body of a good answer. Raise the error that says what happens next.

    A 5xx to a call that *writes* leaves its outcome unknown (UncertainError).
    """
    status = response.status_code
    if status in (requests.codes.ok, requests.codes.no_content):
        return _body(response, writes=writes)
    # Xero did nothing, so even a write may simply be sent again after the pause.
    if status == requests.codes.too_many_requests:
        told = read_limits(response)
        raise RetryableError(f"Xero's {told.problem} limit is used up", retry_after=told.pause_seconds)
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        raise _refused(response)
    if status == requests.codes.not_found:
        raise NotThereError("Xero does not know this id (404); it was deleted or belongs to another organisation")
    # An outage that Xero itself reports is certain; any other 5xx may hide a finished write.
    if status == requests.codes.unavailable and (known := _known_outage(response)):
        raise known
    if _is_open(status):
        kind = UncertainError if writes else RetryableError
        raise kind(f"Xero answered {status}; whether it wrote anything is unknown", down=ENDPOINT)
    raise _invalid(response)


def _is_open(status: int) -> bool:
    """Tell whether *status* says nothing about the call: a fault of Xero, or the word of a proxy on the way."""
    if status == requests.codes.not_implemented:
        return False
    is_fault = status >= requests.codes.server_error or status == requests.codes.request_timeout
    return bool(is_fault or status < requests.codes.bad_request)


def _known_outage(response: requests.Response) -> RetryableError | None:
    """Return the error for a 503 of Xero itself, which did nothing; None for a 503 of a gateway."""
    text = response.text.strip()[:100]
    pause = _seconds(response.headers.get("Retry-After"))
    if refusals.OFFLINE in text.lower():
        return RetryableError(f"Xero: {text}", retry_after=pause or OFFLINE_SECONDS, down=ORGANISATION)
    if pause or any(word in text.lower() for word in refusals.UNAVAILABLE):
        return RetryableError(f"Xero is not available: {text}", retry_after=pause, down=ORGANISATION)
    return None


def _body(response: requests.Response, *, writes: bool) -> dict[str, Any]:
    try:
        value = jsontext.loads(response.content) if response.content else {}
    except ValueError:
        kind = UncertainError if writes else RetryableError
        raise kind("Xero's answer is not JSON; it was cut off or a proxy answered", down=ENDPOINT) from None
    return value if isinstance(value, dict) else {"Items": value}


def _refused(response: requests.Response) -> Exception:
    text = response.text
    if response.status_code == requests.codes.unauthorized and any(word in text for word in refusals.STALE_TOKEN):
        return ExpiredTokenError("Xero's access token has expired")
    if response.status_code == requests.codes.unauthorized:
        return AuthenticationError("Xero refuses the call for lack of a scope; add the scope to the app and reconnect")
    return AuthenticationError("Xero no longer knows this connection (403); reconnect the organisation")


def _invalid(response: requests.Response) -> Exception:
    try:
        body = jsontext.loads(response.content)
    except ValueError:
        body = {}
    # A gateway between us and Xero may answer with a page or a bare text.
    if not isinstance(body, dict):
        body = {}
    kind = str(body.get("Type", ""))
    said = [sentence for element in body.get("Elements", []) for sentence in read_sentences(element)]
    message = "; ".join(said) or str(body.get("Message") or response.text[:200] or response.status_code)
    if kind == refusals.UNREADABLE:
        return UnreadableBodyError(f"Xero cannot read the body: {message}")
    # The first request with this key may have been written, so only a look-up can tell.
    if refusals.REUSED_KEY in message:
        return UncertainError(f"Xero knows this idempotency key for another request: {message}")
    return XeroValidationError(f"Xero refused the call: {message}", said or [message])


def read_sentences(element: Mapping[str, Any]) -> list[str]:
    """Return Xero's validation errors of *element*; some answers call them Description instead of Message."""
    return [
        str(error.get("Message") or error.get("Description") or error)
        for error in element.get("ValidationErrors") or []
        if isinstance(error, Mapping)
    ]


def judge_element(element: Mapping[str, Any], identifier: str) -> ElementAnswer:
    """Judge *element* by its status and errors, never by having an id: a refused element echoes the input."""
    said = read_sentences(element)
    # Xero marks a refusal in four ways, and not every endpoint uses all of them.
    failed = (
        element.get("StatusAttributeString") == "ERROR"
        or element.get("HasErrors")
        or element.get("HasValidationErrors")
        or said
        or identifier in ("", NO_ID)
    )
    warnings = [
        str(warning.get("Message") or warning.get("Description") or warning)
        for warning in element.get("Warnings") or []
        if isinstance(warning, Mapping)
    ]
    if failed:
        sentences = tuple(said or warnings or ["Xero refused it without a reason"])
        return ElementAnswer(sentences=sentences, kinds=refusals.find_kinds(said))
    # Other warnings are advice for the people in the organisation.
    return ElementAnswer(xero_id=identifier, sentences=tuple(filter(refusals.is_drop, warnings)))
