"""Who may see what is not for Segment: an operator who knows SEGXERO_PASSWORD."""

import hmac

from flask import request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import NotFound, Unauthorized


def admit(password: str, what: str) -> None:
    """Ask for HTTP Basic with any user name and *password*; without one, *what* does not exist."""
    if not password:
        raise NotFound(f"Set SEGXERO_PASSWORD to open {what}.")
    given = _given()
    if given is None or not hmac.compare_digest(given.encode("utf-8", "replace"), password.encode()):
        challenge = WWWAuthenticate("basic", {"realm": "segxero"})
        raise Unauthorized("The password is SEGXERO_PASSWORD.", www_authenticate=challenge)


def _given() -> str | None:
    try:
        return request.authorization.password if request.authorization else None
    except ValueError:
        # Werkzeug lets out what base64 says of credentials that are not ASCII.
        return None
