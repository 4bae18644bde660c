"""Browser sessions of operators who connect organisations: what each has begun, sealed in Redis, for ten minutes."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from segxero import jsontext, keys
from segxero.store import Store
from segxero.xero.encryption import Cipher

COOKIE = "segxero_connect"
SECONDS = 600


@dataclass(frozen=True, slots=True)
class BrowserSessions:
    """Keeps one thing for each browser, which is taken out once; the cookie is its only name."""

    store: Store
    cipher: Cipher

    def put(self, answer: Response, begun: Mapping[str, Any]) -> Response:
        """Keep *begun* for the browser that gets *answer*."""
        session = secrets.token_urlsafe(32)
        self.store.set(_key(session), self.cipher.seal(jsontext.dumps(begun)), ex=SECONDS)
        # Lax: the browser comes back from Xero's site, and must have the cookie then.
        answer.set_cookie(
            COOKIE, session, max_age=SECONDS, path="/xero", secure=request.is_secure, httponly=True, samesite="Lax"
        )
        return answer

    def take(self) -> dict[str, Any]:
        """Return what this browser has begun, and forget it; {} when there is nothing."""
        sealed = self.store.getdel(_key(request.cookies.get(COOKIE, "")))
        text = self.cipher.open(sealed) if sealed else None
        return dict(jsontext.loads(text)) if text else {}


def _key(session: str) -> str:
    return keys.consent(hashlib.sha256(session.encode()).hexdigest())
