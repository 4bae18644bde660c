"""Shared by all answers of the receiver: JSON errors, security headers, a correlation id and one log line."""

import logging
import re
import time
import uuid
from http import HTTPStatus

import redis
from flask import Flask, Response, g, jsonify, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, HTTPException

from segxero.operators.headers import security_headers
from segxero.operators.pages import KEPT
from segxero.settings import Settings

ID_HEADER = "X-Request-Id"
# Chromium applies form-action to redirects after a form too, and the redirect to Xero's consent page is one.
CONTENT = "default-src 'none'; style-src 'self'; form-action 'self' {login}; base-uri 'none'; frame-ancestors 'none'"
_ID = re.compile(r"[A-Za-z0-9._:/=+-]{1,128}")

log = logging.getLogger(__name__)


def install(app: Flask, settings: Settings) -> None:
    """Install error handlers and headers for every path of *app*."""
    content = CONTENT.format(login=settings.xero_login_url)
    app.before_request(_begin)
    app.after_request(lambda answer: _finish(_add_headers(answer, content)))
    app.register_error_handler(HTTPException, _refuse)
    app.register_error_handler(ParseException, _refuse_broken_chunks)
    app.register_error_handler(redis.RedisError, _ask_again)
    app.register_error_handler(OSError, _ask_again)


def _begin() -> None:
    # The id goes into logs, so only harmless characters are accepted.
    given = request.headers.get(ID_HEADER, "")
    g.request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
    g.started = time.perf_counter()


def _add_headers(answer: Response, content: str) -> Response:
    answer.headers.update(security_headers(is_secure=request.is_secure))
    answer.headers["Content-Security-Policy"] = content
    return answer


def _finish(answer: Response) -> Response:
    answer.headers[ID_HEADER] = g.request_id
    facts = {
        "request_id": g.request_id,
        "endpoint": request.endpoint or "",
        "method": request.method,
        "status": answer.status_code,
        "milliseconds": round((time.perf_counter() - g.started) * 1000, 1),
        **g.get("facts", {}),
    }
    # Health checks come every few seconds and would fill the log.
    quiet = answer.status_code == HTTPStatus.OK and request.method != "POST"
    log.log(logging.DEBUG if quiet else logging.INFO, "request answered", extra=facts)
    return answer


def _refuse(error: HTTPException) -> Response:
    answer = jsonify(message=error.description)
    answer.status_code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    answer.headers.extend(header for header in error.get_headers() if header[0] in KEPT)
    return answer


def _refuse_broken_chunks(error: Exception) -> Response:
    """Answer 400: gunicorn finds broken chunks only while the body is read."""
    return _refuse(BadRequest("The chunks of the body are broken."))


def _ask_again(error: Exception) -> Response:
    """Answer 503, so that Segment retries the events for four hours."""
    log.warning("Redis cannot store the events", extra={"request_id": g.request_id, "error": type(error).__name__})
    answer = jsonify(message="Redis does not answer. Nothing is lost if you send this again.")
    answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return answer
