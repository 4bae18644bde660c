"""Refusals of a whole request, in Xero's shapes."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from segxero.sandbox.wire.answers import TEXT, Answer

XERO_ERROR = (
    "An error occurred in Xero. Check the API Status page http://status.developer.xero.com for current service status."
)
MAINTENANCE = "The Xero API is currently offline for maintenance"
UNAVAILABLE = "The Xero API is temporarily unavailable"
ORGANISATION_OFFLINE = "The Organisation is offline"


class RefusalError(Exception):
    """The whole request is refused with *answer*; nothing of it was processed."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def api_exception(number: int, kind: str, message: str, **more: Any) -> Answer:
    return Answer(status=400, data={"ErrorNumber": number, "Type": kind, "Message": message, **more})


def validation(elements: Sequence[Mapping[str, Any]]) -> Answer:
    """Refuse *elements*; each carries its own ValidationErrors."""
    return api_exception(
        10, "ValidationException", "A validation exception occurred", Elements=[dict(element) for element in elements]
    )


def invalid_data(message: str) -> RefusalError:
    """Return the refusal of a body with a wrong type or an unknown enum word."""
    return RefusalError(api_exception(14, "PostDataInvalidException", message))


def invalid_query(message: str) -> RefusalError:
    return RefusalError(api_exception(16, "QueryParseException", message))


def no_data(kind: str) -> RefusalError:
    """Return the refusal of an empty or wrong envelope. The number 17 is not established by any recording."""
    return RefusalError(
        api_exception(
            17,
            "NoDataProcessedException",
            "No data has been processed for this endpoint. "
            f"This endpoint is expecting {kind} data to be specified in the request body.",
        )
    )


def key_refused(message: str) -> RefusalError:
    return RefusalError(api_exception(10, "ValidationException", message, Elements=[]))


def not_found() -> RefusalError:
    """Return the refusal of an unknown id: the recorded 404 had an empty HTML body."""
    return RefusalError(Answer(status=404))


def problem(status: int, title: str, detail: str, **headers: str) -> RefusalError:
    """Return a refusal in the shape of Xero's gateway, used for 401 and 403."""
    data: dict[str, Any] = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid.uuid4()),
        "Extensions": {},
    }
    return RefusalError(Answer(status=status, data=data, headers=headers))


def token_expired(expired_at: float) -> RefusalError:
    moment = datetime.fromtimestamp(expired_at, UTC).strftime("%m/%d/%Y %H:%M:%S")
    return problem(401, "Unauthorized", f"TokenExpired: token expired at {moment}")


def unknown_token() -> RefusalError:
    return problem(401, "Unauthorized", "AuthenticationUnsuccessful")


def scope_missing() -> RefusalError:
    """Return the 401 of a missing scope; the misspelling is Xero's own."""
    challenge = {"WWW-Authenticate": 'Bearer error="insufficent_scope", error_description="scope is missing"'}
    return problem(401, "Unauthorized", "AuthorizationUnsuccessful", **challenge)


def forbidden() -> RefusalError:
    return problem(403, "Forbidden", "AuthenticationUnsuccessful")


def server_error(status: int = 500) -> Answer:
    data = {"Title": "An error occurred", "Detail": XERO_ERROR, "Status": status, "Instance": str(uuid.uuid4())}
    return Answer(status=status, data=data)


def outage(text: str, status: int = 503) -> Answer:
    return Answer(status=status, text=text, content_type=TEXT)


def not_implemented() -> RefusalError:
    data = {
        "ErrorNumber": 20,
        "Type": "ApiMethodNotImplementedException",
        "Message": "The Api Method is not implemented",
    }
    return RefusalError(Answer(status=501, data=data))


def unsupported_media_type(content_type: str) -> RefusalError:
    data = {
        "ErrorNumber": 15,
        "Type": "UnsupportedMediaTypeException",
        "Message": f"The content type '{content_type}' is not supported; the sandbox reads application/json.",
    }
    return RefusalError(Answer(status=415, data=data))


def too_large() -> RefusalError:
    """Return the 413 in the shape that answered an attachment of 14 MB (XeroAPI/Xero-Java#349)."""
    return problem(413, "RequestEntityTooLarge", "PayloadTooLarge")


def bad_condition() -> RefusalError:
    return RefusalError(Answer(status=412, text="Precondition Failed"))


def limited(kind: str, retry_after: int | None) -> RefusalError:
    """Return the 429 as recorded: no body, no content type, Retry-After only for minute and day."""
    # Xero gives no Retry-After for the concurrent limit and the app's minute.
    headers = {"X-Rate-Limit-Problem": kind}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return RefusalError(Answer(status=429, content_type="", headers=headers))
