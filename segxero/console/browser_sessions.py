"""What each browser of an operator has begun at Xero, sealed in Redis, for ten minutes."""

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
    """Keeps one thing for each browser, which is taken out once; the cookie is its only name."""

    store: Store
    cipher: Cipher

    def put(self, answer: Response, begun: Mapping[str, Any]) -> Response:
        """Keep *begun* for the browser that gets *answer*."""
        name = secrets.token_urlsafe(32)
        self.store.set(_key(name), self.cipher.seal(jsontext.dumps(begun)), ex=SECONDS)
        # Lax: the browser comes back from Xero's site, and must have the cookie then.
        set_cookie(answer, COOKIE, name, samesite="Lax", seconds=SECONDS)
        return answer

    def take(self) -> dict[str, Any]:
        """Return what this browser has begun, and forget it; {} when there is nothing."""
        sealed = self.store.getdel(_key(request.cookies.get(cookie_name(COOKIE), "")))
        text = self.cipher.open(sealed) if sealed else None
        return dict(jsontext.loads(text)) if text else {}


def _key(name: str) -> str:
    return keys.consent(hashlib.sha256(name.encode("utf-8", "replace")).hexdigest())
