"""The door: admits operators by browser session or HTTP Basic. Called by every page except Segment's webhook."""

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
    """Decides whether a request comes from an operator."""

    password: Password
    attempts: Attempts
    sessions: Sessions

    @classmethod
    def from_settings(cls, settings: Settings, store: Store) -> "Door":
        """Return the door with the password SEGXERO_PASSWORD."""
        password = Password(settings.segxero_password)
        return cls(password=password, attempts=Attempts.shared(store), sessions=Sessions(store, password))

    def require_open(self, page: str = "this page") -> None:
        """Raise NotFound while no password is set, and Forbidden for plain http from another machine."""
        if not self.password:
            raise NotFound(f"Set SEGXERO_PASSWORD to open {page}.")
        # A password or cookie in plain http could be read on the network.
        if not (request.is_secure or urlsplit(request.url).hostname in LOOPBACK):
            raise Forbidden(f"Open {page} by https; http is allowed only on this machine.")
        request.max_content_length = LONGEST_FORM

    def admit(self) -> Response | None:
        """Return None for a signed-in operator, otherwise a redirect to the sign-in page.

        Raise Forbidden for a form without a session or from another site.
        """
        self.require_open()
        self.refuse_other_sites()
        session = self.sessions.find(request.cookies.get(cookie_name(COOKIE), ""))
        if session is None:
            # The browser would not send the form again after the sign-in.
            if request.method not in SAFE:
                raise Forbidden("Your session has ended, so nothing was changed: sign in again.")
            return make_response(redirect(url_for("operators.sign_in", next=request.path), HTTPStatus.SEE_OTHER))
        self.use(session)
        if request.method not in SAFE and not session.owns(request.form.get("form_token", "")):
            raise BadRequest("This form belongs to another session, so nothing was changed: open the page again.")
        return None

    def use(self, session: Session) -> None:
        """Use *session* for the forms of the current page."""
        g.session = session

    def refuse_other_sites(self) -> None:
        """Raise Forbidden if the browser reports a form from another site."""
        if request.method in SAFE:
            return
        # Old browsers send neither header; the form's token protects them.
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        here = request.host_url.rstrip("/")
        if site not in (None, "same-origin") or origin not in (None, here):
            raise Forbidden("This form was sent by a page of another site, so nothing was changed.")

    def admit_basic(self, page: str) -> None:
        """Admit a program that sends the password by HTTP Basic, with any user name.

        Raise Unauthorized, or TooManyRequests after too many wrong passwords.
        """
        self.require_open(page)
        given = _read_basic_password()
        if given is None or not self.try_password(given):
            challenge = WWWAuthenticate("basic", {"realm": "segxero"})
            raise Unauthorized("The password is SEGXERO_PASSWORD.", www_authenticate=challenge)

    def try_password(self, given: str) -> bool:
        """Return whether *given* is right; count wrong passwords. Raise TooManyRequests if the address must wait."""
        address = request.remote_addr or ""
        self._refuse_for(self.attempts.seconds_to_wait(address))
        if self.password.is_right(given):
            self.attempts.remember_right(address)
            return True
        log.warning("a wrong password was given", extra={"request_id": g.request_id, "endpoint": request.endpoint})
        self._refuse_for(self.attempts.count_wrong(address))
        return False

    def _refuse_for(self, seconds: int) -> None:
        if seconds:
            sentence = f"Too many wrong passwords: wait {seconds} seconds before you try again."
            raise TooManyRequests(sentence, retry_after=seconds)


def _read_basic_password() -> str | None:
    try:
        return request.authorization.password if request.authorization else None
    except ValueError:
        # Werkzeug lets base64's error through for credentials that are not ASCII.
        return None


def cookie_name(name: str) -> str:
    """Return the cookie's full name: by https with `__Host-`, so neither another host nor an http page can set it."""
    return f"__Host-{name}" if request.is_secure else name


def set_cookie(answer: Response, name: str, value: str, *, samesite: str, seconds: int | None = None) -> None:
    """Set a cookie for all our pages, hidden from scripts. Without *seconds* it ends with the browser session."""
    answer.set_cookie(
        cookie_name(name),
        value,
        max_age=seconds,
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite=samesite,
    )
