"""The pages /sign-in and /sign-out, and what all operators' pages share: the layout, the style and the refusals."""

import logging
from http import HTTPStatus

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException

from segxero.operators.door import COOKIE, Door, cookie_name, set_cookie
from segxero.settings import CONSOLE

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
KEPT = {"Allow", "Retry-After", "WWW-Authenticate"}  # headers of an error that its page has too

log = logging.getLogger(__name__)


def blueprint(door: Door) -> Blueprint:
    """Make the routes; they are closed while SEGXERO_PASSWORD is not set."""
    pages = Blueprint(
        "operators", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )
    pages.before_request(door.is_open)
    pages.register_error_handler(HTTPException, refused)

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
        # There is no session yet whose token the form could carry. Without this look another site could make an
        # operator's browser send wrong passwords until its address must wait.
        door.refuse_other_sites()
        where = request.form.get("next", "")
        if not door.try_password(request.form.get("password", "")):
            return make_response(_form(where, wrong=True), HTTPStatus.FORBIDDEN)
        door.sessions.end(request.cookies.get(cookie_name(COOKIE), ""))
        answer = make_response(redirect(_local(where), HTTPStatus.SEE_OTHER))
        # Strict: a link on another site's page does not even show what an operator sees.
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


def refused(error: HTTPException) -> Response:
    """Say on a page why a request was refused."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    answer = refusal(error.description or "", status)
    answer.headers.extend(header for header in error.get_headers() if header[0] in KEPT)
    return answer


def refusal(sentence: str, status: int) -> Response:
    """Make the page that says *sentence*, with the ways on."""
    return make_response(render_template("refused.html", sentence=sentence), status)


def _form(where: str, *, wrong: bool = False) -> str:
    return render_template("sign_in.html", next=_local(where), wrong=wrong)


def _local(where: str) -> str:
    """Return *where* if it is a path of ours, else the console's: nobody is sent to another site after the sign-in."""
    is_path = where.startswith("/") and not where.startswith("//") and where.isprintable() and "\\" not in where
    return where if is_path else CONSOLE
