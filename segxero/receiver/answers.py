"""What every answer has in common: JSON errors, security headers, a correlation id and one log line."""

import logging
import re
import time
import uuid
from http import HTTPStatus

import redis
from flask import Flask, Response, g, jsonify, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, HTTPException

ID_HEADER = "X-Request-Id"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ID = re.compile(r"[A-Za-z0-9._:/=+-]{1,128}")

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Give *app* the same manners on every path."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(HTTPException, _refuse)
    app.register_error_handler(ParseException, _broken)
    app.register_error_handler(redis.RedisError, _ask_again)
    app.register_error_handler(OSError, _ask_again)


def _begin() -> None:
    given = request.headers.get(ID_HEADER, "")
    g.request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
    g.started = time.perf_counter()


def _finish(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    answer.headers[ID_HEADER] = g.request_id
    facts = {
        "request_id": g.request_id,
        "endpoint": request.endpoint or "",
        "method": request.method,
        "status": answer.status_code,
        "milliseconds": round((time.perf_counter() - g.started) * 1000, 1),
        **g.get("facts", {}),
    }
    quiet = answer.status_code == HTTPStatus.OK and request.method != "POST"
    log.log(logging.DEBUG if quiet else logging.INFO, "request answered", extra=facts)
    return answer


def _refuse(error: HTTPException) -> Response:
    answer = jsonify(message=error.description)
    answer.status_code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    answer.headers.extend(header for header in error.get_headers() if header[0] in {"Allow", "WWW-Authenticate"})
    return answer


def _broken(error: Exception) -> Response:
    """Answer 400: gunicorn finds faults in a body's chunks only when they are read."""
    return _refuse(BadRequest("The chunks of the body are broken."))


def _ask_again(error: Exception) -> Response:
    """Answer 503: Segment sends the same events again for four hours."""
    log.warning("Redis cannot keep what came", extra={"request_id": g.request_id, "error": type(error).__name__})
    answer = jsonify(message="Redis does not answer; nothing is lost if this is sent again.")
    answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return answer
