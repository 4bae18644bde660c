"""The consent of a Xero user: the way to Xero's page and back, and the organisations behind it.

The console and `segxero connect` run it through `sync.connecting`.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from oauthlib.oauth2 import WebApplicationClient
from requests_oauthlib import OAuth2Session

from segxero.errors import AuthenticationError
from segxero.settings import Settings
from segxero.xero.access.connections import Connection, Connections, Tenant, close, list_missing, list_tenants
from segxero.xero.access.token_endpoint import TokenEndpoint, allow_loopback
from segxero.xero.access.tokens import Tokens

OFFLINE = "offline_access"  # without it Xero gives no refresh token
AUTHORIZE = "/identity/connect/authorize"
VERIFIER_LENGTH = 64  # characters; RFC 7636 allows 43 to 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request for consent; *state* and *verifier* prove an answer to be its own."""

    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The tenants and scopes of a consent; *missing* are needed scopes withheld by the user."""

    user: str
    tenants: tuple[Tenant, ...]
    scopes: tuple[str, ...]
    missing: tuple[str, ...] = ()


class Consent:
    """Asks Xero users for their consent to the scopes for the mappings of today, and keeps the tokens."""

    def __init__(
        self,
        settings: Settings,
        endpoint: TokenEndpoint,
        tokens: Tokens,
        connections: Connections,
        scopes: Callable[[], Sequence[str]],
    ) -> None:
        self._settings = settings
        self._endpoint = endpoint
        self._tokens = tokens
        self._connections = connections
        self._scopes = scopes

    def begin(self, redirect_uri: str) -> tuple[str, Asked]:
        """Return the address of Xero's consent page, and the request to remember until its answer comes."""
        allow_loopback(self._settings.xero_login_url)
        client = WebApplicationClient(self._settings.xero_client_id)
        verifier = client.create_code_verifier(VERIFIER_LENGTH)
        asked = Asked(redirect_uri=redirect_uri, state=secrets.token_urlsafe(32), verifier=verifier)
        session = OAuth2Session(client=client, redirect_uri=redirect_uri, scope=[*self._scopes(), OFFLINE])
        address, _ = session.authorization_url(
            self._settings.xero_login_url + AUTHORIZE,
            state=asked.state,
            code_challenge=client.create_code_challenge(verifier, "S256"),
            code_challenge_method="S256",
        )
        return address, asked

    def finish(self, asked: Asked, answer: Mapping[str, str]) -> Offer:
        """Take Xero's *answer* (the query of the callback) to *asked*; keep the tokens and return the offer.

        Raise AuthenticationError without a consent, RetryableError when Xero does not answer now.
        """
        if not secrets.compare_digest(answer.get("state", "").encode(), asked.state.encode()):
            raise AuthenticationError("this answer of Xero belongs to another consent; begin again")
        if "error" in answer:
            raise AuthenticationError(f"Xero says {answer['error'][:50]}; nothing was connected")
        granted = self._endpoint.redeem(answer.get("code", ""), asked.verifier, asked.redirect_uri)
        user = granted.user
        self._tokens.keep(user, granted)
        tenants = list_tenants(self._settings.xero_api_url, granted.access)
        lacking = list_missing((*self._scopes(), OFFLINE), granted.scopes)
        return Offer(user=user, tenants=tuple(tenants), scopes=granted.scopes, missing=tuple(lacking))

    def connect(self, offer: Offer, chosen: Mapping[str, Tenant]) -> list[str]:
        """Connect the *chosen* organisations; return all that the user's new tokens open."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        open_now = {tenant.id: tenant for tenant in offer.tenants}
        # Xero gives the user new tokens for all tenants, so earlier connections of the user move to them as well.
        before = {
            name: open_now[connection.tenant]
            for name, connection in self._connections.all().items()
            if connection.tenant in open_now
        }
        connections = {
            name: Connection(tenant=tenant.id, name=tenant.name, user=offer.user, scopes=offer.scopes, connected_at=now)
            for name, tenant in {**before, **chosen}.items()
        }
        self._connections.put(connections)
        return list(connections)

    def tenants(self, organisation: str) -> list[Tenant]:
        """Ask Xero for the tenants of the user who connected *organisation*. Raise the errors of Tokens.access."""
        return list_tenants(self._settings.xero_api_url, self._tokens.access(organisation).token)

    def end(self, organisation: str, connection: Connection) -> None:
        """End *connection*, at Xero first."""
        try:
            access = self._tokens.access(organisation)
            close(self._settings.xero_api_url, access.token, connection.tenant)
        except AuthenticationError:
            # Xero has ended the connection already.
            pass
        self._connections.drop(organisation)
        # The tokens belong to the user, whose other organisations may still need them.
        if not self._connections.find_by_user(connection.user):
            self._tokens.forget(connection.user)
