"""The door: lets requests of operators in, by the session of a browser or by HTTP Basic, and refuses all others."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Response, g, make_response, redirect, request, url_for
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Forbidden, NotFound, TooManyRequests, Unauthorized

from segxero.operators.attempts import Attempts
from segxero.operators.password import Password
from segxero.operators.sessions import Session, Sessions
from segxero.settings import LOOPBACK, Settings
from segxero.store.client import Store

log = logging.getLogger(__name__)

COOKIE = "segxero"
SAFE = {"GET", "HEAD", "OPTIONS"}
LONGEST_FORM = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What all operators' pages of this process ask before they answer."""

    password: Password
    attempts: Attempts
    sessions: Sessions

    @classmethod
    def of(cls, settings: Settings, store: Store) -> "Door":
        """Make the door that SEGXERO_PASSWORD opens."""
        password = Password(settings.segxero_password)
        return cls(password=password, attempts=Attempts.shared(store), sessions=Sessions(store, password))

    def is_open(self, what: str = "this page") -> None:
        """Raise NotFound while there is no password, Forbidden where the network could listen."""
        if not self.password:
            raise NotFound(f"Set SEGXERO_PASSWORD to open {what}.")
        if not (request.is_secure or urlsplit(request.url).hostname in LOOPBACK):
            raise Forbidden(f"Open {what} by https; http is for this machine only.")
        request.max_content_length = LONGEST_FORM

    def admit(self) -> Response | None:
        """Return when an operator who has signed in asks for this page; otherwise return the way to the sign-in page.

        Raise Forbidden for a form without a session, or of another site.
        """
        self.is_open()
        self.refuse_other_sites()
        session = self.sessions.find(request.cookies.get(cookie_name(COOKIE), ""))
        if session is None:
            if request.method not in SAFE:
                raise Forbidden("Your session has ended, so nothing was changed: sign in again.")
            return make_response(redirect(url_for("operators.sign_in", next=request.path), HTTPStatus.SEE_OTHER))
        self.use(session)
        if request.method not in SAFE and not session.is_ours(request.form.get("form_token", "")):
            raise BadRequest("This form belongs to another session, so nothing was changed: open the page again.")
        return None

    def use(self, session: Session) -> None:
        """Let the page that is made now have the forms of *session*."""
        g.session = session

    def refuse_other_sites(self) -> None:
        """Raise Forbidden when the browser says that another site's page sends this form."""
        if request.method in SAFE:
            return
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        here = request.host_url.rstrip("/")
        if site not in (None, "same-origin") or origin not in (None, here):
            raise Forbidden("This form was sent by a page of another site, so nothing was changed.")

    def admit_basic(self, what: str) -> None:
        """Return when the request has the password by HTTP Basic, with any user name, as programs send it.

        Raise Unauthorized, or TooManyRequests after too many wrong passwords.
        """
        self.is_open(what)
        given = _by_basic()
        if given is None or not self.try_password(given):
            challenge = WWWAuthenticate("basic", {"realm": "segxero"})
            raise Unauthorized("The password is SEGXERO_PASSWORD.", www_authenticate=challenge)

    def try_password(self, given: str) -> bool:
        """Tell whether *given* is right, and count it when it is not. Raise TooManyRequests when that must wait."""
        address = request.remote_addr or ""
        self._wait(self.attempts.wait(address))
        if self.password.is_right(given):
            self.attempts.right(address)
            return True
        log.warning("a wrong password was given", extra={"request_id": g.request_id, "endpoint": request.endpoint})
        self._wait(self.attempts.wrong(address))
        return False

    def _wait(self, seconds: int) -> None:
        if seconds:
            sentence = f"Too many wrong passwords came; wait {seconds} seconds before the next one."
            raise TooManyRequests(sentence, retry_after=seconds)


def _by_basic() -> str | None:
    try:
        return request.authorization.password if request.authorization else None
    except ValueError:
        # Werkzeug lets out what base64 says of credentials that are not ASCII.
        return None


def cookie_name(name: str) -> str:
    """Return the name that a cookie has here: by https one that no other host and no http page can set."""
    return f"__Host-{name}" if request.is_secure else name


def set_cookie(answer: Response, name: str, value: str, *, samesite: str, seconds: int | None = None) -> None:
    """Give the browser a cookie for all our pages that no script reads; without *seconds* it goes with the browser."""
    answer.set_cookie(
        cookie_name(name),
        value,
        max_age=seconds,
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite=samesite,
    )
