"""Xero's token endpoint in memory: grants, rotation of refresh tokens, and the organisations of each token."""

import base64
import hashlib
import uuid
from dataclasses import dataclass, replace
from random import Random

from segxero.jsontext import dumps
from segxero.sandbox.options import SandboxOptions

ACCESS_SECONDS = 1_800
GRACE_SECONDS = 1_800
IDLE_SECONDS = 60 * 86_400
CODE_SECONDS = 300


class GrantError(Exception):
    """The token endpoint refuses; the argument is OAuth's error word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The consent of a *user* or, for a *custom* connection, of the app itself.

    The tenants of a user are kept elsewhere: each of their tokens opens all that they connect. *challenge* is PKCE's.
    """

    client: str
    scopes: frozenset[str]
    tenants: tuple[str, ...] = ()
    custom: bool = False
    user: str = ""
    expires: float = 0.0
    redirect_uri: str = ""
    challenge: str = ""
    event: str = ""


class Tokens:
    """Codes, access tokens and refresh tokens of all clients."""

    def __init__(self, options: SandboxOptions, random: Random) -> None:
        self._options = options
        self._random = random
        self._codes: dict[str, Grant] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._connected: dict[tuple[str, str], dict[str, str]] = {}
        self.disconnected: set[str] = set()
        self.app_scopes = options.scopes

    def check_client(self, client: str, secret: str) -> None:
        """Raise GrantError when the app's credentials are wrong."""
        expected = (self._options.client_id, self._options.client_secret)
        for given, wanted in zip((client, secret), expected, strict=True):
            if not given or (wanted and given != wanted):
                raise GrantError("invalid_client")

    def read_scopes(self, text: str, *extra: str) -> frozenset[str]:
        """Read a scope string; empty means all scopes of the app. Raise GrantError for any other scope."""
        wanted = frozenset(text.split()) or self.app_scopes
        if wanted - self.app_scopes - set(extra):
            raise GrantError("invalid_scope")
        return wanted

    def grant_code(self, grant: Grant, now: float) -> str:
        """Connect the tenants of *grant* for its user; return a code for a single use within five minutes."""
        code, event = self._secret(), str(uuid.uuid4())
        self._codes[code] = replace(grant, expires=now + CODE_SECONDS, event=event)
        self._connected.setdefault((grant.client, grant.user), {}).update(dict.fromkeys(grant.tenants, event))
        self.disconnected.difference_update(grant.tenants)
        return code

    def redeem_code(self, code: str, client: str, redirect_uri: str, verifier: str, now: float) -> dict[str, object]:
        """Answer a code. A grant with a challenge needs its verifier."""
        # A code is spent by the first try, even by a wrong try.
        grant = self._codes.pop(code, None)
        if not grant or grant.client != client or grant.redirect_uri != redirect_uri or grant.expires < now:
            raise GrantError("invalid_grant")
        if grant.challenge and grant.challenge != _challenge(verifier):
            raise GrantError("invalid_grant")
        return self.issue(grant, now)

    def refresh(self, token: str, client: str, now: float) -> dict[str, object]:
        """Rotate: the old refresh token stays good for 30 minutes, in case the answer is lost."""
        grant = self._refresh.get(token)
        if not grant or grant.client != client or grant.expires < now:
            raise GrantError("invalid_grant")
        # A client whose answer was lost may come again with the old token for half an hour.
        self._refresh[token] = replace(grant, expires=min(grant.expires, now + GRACE_SECONDS))
        return self.issue(grant, now)

    def issue(self, grant: Grant, now: float) -> dict[str, object]:
        """Return the token endpoint's answer for *grant*: with a refresh token only for `offline_access`."""
        access = self._jwt(grant, now)
        self._access[access] = replace(grant, expires=now + ACCESS_SECONDS)
        answer: dict[str, object] = {
            "access_token": access,
            "expires_in": ACCESS_SECONDS,
            "token_type": "Bearer",
            "scope": " ".join(sorted(grant.scopes)),
        }
        # A custom connection gets no refresh token: it signs in again with its secret.
        if "offline_access" in grant.scopes and not grant.custom:
            token = self._secret()
            self._refresh[token] = replace(grant, expires=now + IDLE_SECONDS)
            answer["refresh_token"] = token
        return answer

    def find(self, access_token: str) -> Grant | None:
        return self._access.get(access_token)

    def list_tenants(self, grant: Grant) -> dict[str, str]:
        """Return the tenants of *grant* now, each with the event of its connection.

        A person may have connected more tenants since, and disconnected others.
        """
        opened = self._connected.get((grant.client, grant.user), {})
        # A custom connection's tenant stands in the grant, for no person connected it.
        if grant.custom:
            opened = dict.fromkeys(grant.tenants, grant.event)
        return {tenant: event for tenant, event in opened.items() if tenant not in self.disconnected}

    def move(self, old: str, new: str) -> None:
        """Move every connection to the tenant *old* to *new*."""
        self.disconnected.add(old)
        for opened in self._connected.values():
            if old in opened:
                opened[new] = opened.pop(old)

    def revoke(self, refresh_token: str) -> None:
        """Drop all connections of the user behind *refresh_token*."""
        grant = self._refresh.get(refresh_token)
        if grant:
            who = (grant.client, grant.user)
            self._connected.pop(who, None)
            for store in (self._access, self._refresh):
                for token in [token for token, other in store.items() if (other.client, other.user) == who]:
                    del store[token]

    def expire_access(self, now: float) -> None:
        """Let every access token run out at once, as if half an hour had passed."""
        self._access = {token: replace(grant, expires=now) for token, grant in self._access.items()}

    def _secret(self) -> str:
        return f"{self._random.getrandbits(256):064x}"

    def _jwt(self, grant: Grant, now: float) -> str:
        """Write a token in Xero's form: a JWT, here with a made-up signature."""
        claims = {
            "iss": "sandbox",
            "client_id": grant.client,
            "exp": int(now) + ACCESS_SECONDS,
            "authentication_event_id": grant.event,
            **({} if grant.custom else {"xero_userid": grant.user}),
            "scope": sorted(grant.scopes),
        }
        parts = [dumps({"alg": "none", "typ": "JWT"}), dumps(claims), self._secret()]
        return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def _challenge(verifier: str) -> str:
    """Return PKCE's S256 challenge (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
