"""Pending consents: Redis stores, encrypted and for ten minutes, the consent each browser has begun at Xero.

Used by connect.py between the redirect to Xero and the answer.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from segxero import jsontext
from segxero.operators.door import cookie_name, set_cookie
from segxero.store import keys
from segxero.store.client import Store
from segxero.xero.access.encryption import Cipher

COOKIE = "segxero_connect"
SECONDS = 600


@dataclass(frozen=True, slots=True)
class BrowserSessions:
    """Stores one pending consent per browser, readable once. Only the browser's cookie finds it."""

    store: Store
    cipher: Cipher

    def put(self, answer: Response, begun: Mapping[str, Any]) -> Response:
        """Store *begun* and set its cookie on *answer*."""
        name = secrets.token_urlsafe(32)
        self.store.set(_key(name), self.cipher.seal(jsontext.dumps(begun)), ex=SECONDS)
        # Lax, because the browser must send the cookie when it returns from Xero's site.
        set_cookie(answer, COOKIE, name, samesite="Lax", seconds=SECONDS)
        return answer

    def take(self) -> dict[str, Any]:
        """Return this browser's pending consent and delete it; {} if there is none."""
        sealed = self.store.getdel(_key(request.cookies.get(cookie_name(COOKIE), "")))
        text = self.cipher.open(sealed) if sealed else None
        return dict(jsontext.loads(text)) if text else {}


def _key(name: str) -> str:
    return keys.consent(hashlib.sha256(name.encode("utf-8", "replace")).hexdigest())
