"""The pages /sign-in and /sign-out, and the layout, style and refusal pages shared by all operators' pages."""

import logging
from http import HTTPStatus

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from segxero.operators.door import COOKIE, Door, cookie_name, set_cookie
from segxero.settings import CONSOLE

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
KEPT = {"Allow", "Retry-After", "WWW-Authenticate"}  # headers copied from an error to its page

log = logging.getLogger(__name__)


def blueprint(door: Door) -> Blueprint:
    """Create the routes. They answer 404 while SEGXERO_PASSWORD is not set."""
    pages = Blueprint(
        "operators", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )
    pages.before_request(door.require_open)
    pages.register_error_handler(HTTPException, show_refusal)

    @pages.app_context_processor
    def shared() -> dict[str, object]:
        session = g.get("session")
        form_token = session.form_token if session else ""
        return {"form_token": form_token, "sign_in": SIGN_IN, "sign_out": SIGN_OUT, "console": CONSOLE}

    @pages.get(SIGN_IN)
    def sign_in() -> str:
        return _form(request.args.get("next", ""))

    @pages.post(SIGN_IN)
    def try_to_sign_in() -> Response:
        # Without a session the form has no token. Without this check another site could make an operator's browser
        # send wrong passwords until its address is locked.
        door.refuse_other_sites()
        where = request.form.get("next", "")
        if not door.try_password(request.form.get("password", "")):
            return make_response(_form(where, wrong=True), HTTPStatus.FORBIDDEN)
        door.sessions.end(request.cookies.get(cookie_name(COOKIE), ""))
        answer = make_response(redirect(_local(where), HTTPStatus.SEE_OTHER))
        # Strict, so a link on another site cannot open an operator's page.
        set_cookie(answer, COOKIE, door.sessions.begin().id, samesite="Strict")
        log.info("an operator has signed in", extra={"request_id": g.request_id})
        return answer

    @pages.post(SIGN_OUT)
    def leave() -> Response:
        away = door.admit()
        if away is None:
            door.sessions.end(g.session.id)
        answer = away or make_response(redirect(SIGN_IN, HTTPStatus.SEE_OTHER))
        set_cookie(answer, COOKIE, "", samesite="Strict", seconds=0)
        return answer

    return pages


def show_refusal(error: HTTPException) -> Response:
    """Show a page with the reason for a refused request."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    answer = make_refusal_page(error.description or "", status)
    answer.headers.extend(header for header in error.get_headers() if header[0] in KEPT)
    return answer


def make_refusal_page(sentence: str, status: int) -> Response:
    """Return a page with *sentence* and a link to the console."""
    return make_response(render_template("refused.html", sentence=sentence), status)


def _form(where: str, *, wrong: bool = False) -> str:
    return render_template("sign_in.html", next=_local(where), wrong=wrong)


def _local(where: str) -> str:
    """Return *where* if it is our own path, else the console, so that the sign-in cannot redirect to another site."""
    is_path = where.startswith("/") and not where.startswith("//") and where.isprintable() and "\\" not in where
    return where if is_path else CONSOLE
