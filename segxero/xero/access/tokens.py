"""Tokens: an organisation's access token by either grant, renewed ahead of time by a single process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from redis.exceptions import LockError

from segxero.errors import AuthenticationError, RetryableError
from segxero.xero.access.connections import Connections
from segxero.xero.access.token_endpoint import Granted, GrantRefusedError, TokenEndpoint
from segxero.xero.access.token_sets import TokenSet, TokenSets

EARLY_SECONDS = 120  # before it expires, so no call meets an expired token
GRACE_SECONDS = 1800 - 60  # Xero takes the refresh token before the last for half an hour, from its own moment
IDLE_SECONDS = 7 * 86_400
CUSTOM = ""  # the user of the token set of a custom connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The key to an organisation: an access token, and the tenant id unless a custom connection's token names it."""

    token: str = field(repr=False)
    tenant: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a call."""
        tenant = {"xero-tenant-id": self.tenant} if self.tenant else {}
        return {"Authorization": f"Bearer {self.token}", **tenant}


class Tokens:
    """Gives access to organisations, by people's consent (*by_consent*) or by the app's custom connection.

    *scopes* lists the least scopes for the mappings of today; a person connects again at *where_to_connect*.
    """

    def __init__(
        self,
        token_sets: TokenSets,
        endpoint: TokenEndpoint,
        connections: Connections,
        scopes: Callable[[], Sequence[str]],
        *,
        by_consent: bool = False,
        where_to_connect: str = "",
    ) -> None:
        self._sets = token_sets
        self._endpoint = endpoint
        self._connections = connections
        self._scopes = scopes
        self._by_consent = by_consent
        self._where = where_to_connect

    def access(self, organisation: str, stale: str = "") -> Access:
        """Return the access to *organisation*, by a token other than *stale*.

        Raise AuthenticationError when a person must connect it, RetryableError when it may work later.
        """
        if not self._by_consent:
            return Access(token=self._good(CUSTOM, stale).access)
        connection = self._connections.of(organisation)
        if connection is None:
            raise AuthenticationError(f"{organisation} is not connected to Xero yet; connect it: {self._where}")
        return Access(token=self._good(connection.user, stale).access, tenant=connection.tenant)

    def is_idle(self, organisation: str) -> bool:
        """Tell whether its token set was not renewed for a week: Xero forgets a refresh token unused for 60 days."""
        connection = self._connections.of(organisation) if self._by_consent else None
        held = self._sets.load(connection.user) if connection else None
        return held is not None and not held.refused and held.expires_at + IDLE_SECONDS < self._sets.now()

    def keep(self, user: str, granted: Granted) -> None:
        """Keep the new tokens of *user* in place of an earlier set."""
        with self._sets.lock(user):
            self._sets.save(user, self._set(granted))

    def forget(self, user: str) -> None:
        """Forget the token set of *user*, who has nothing connected any more."""
        with self._sets.lock(user):
            self._sets.drop(user)

    def _good(self, user: str, stale: str) -> TokenSet:
        held = self._sets.load(user)
        if held and self._is_good(user, held, stale):
            return held
        try:
            with self._sets.lock(user):
                held = self._sets.load(user)
                if held is None or not self._is_good(user, held, stale):
                    held = self._renewed(user, held)
                    self._sets.save(user, held)
        except LockError:
            raise RetryableError("another process is fetching Xero's token", retry_after=1.0) from None
        if held.refused:
            raise self._refusal(user)
        return held

    def _is_good(self, user: str, held: TokenSet, stale: str) -> bool:
        if held.refused:
            raise self._refusal(user)
        covers = user != CUSTOM or not held.scopes or set(self._scopes()) <= set(held.scopes)
        return held.access != stale and held.expires_at - EARLY_SECONDS > self._sets.now() and covers

    def _renewed(self, user: str, held: TokenSet | None) -> TokenSet:
        if user == CUSTOM:
            granted = self._endpoint.mint(self._scopes())
            return replace(self._set(granted), scopes=tuple(sorted({*granted.scopes, *self._scopes()})))
        if held is None:
            raise self._refusal(user)
        now = self._sets.now()
        # When the answer to the last refresh was lost on its way to Redis, Xero still takes the token before it.
        known = [held.refresh, *([held.previous] if held.previous and now < held.previous_until else [])]
        for token in filter(None, known):
            try:
                granted = self._endpoint.refresh(token, held.scopes)
            except GrantRefusedError:
                continue
            return replace(self._set(granted), previous=token, previous_until=now + GRACE_SECONDS)
        return replace(held, refused=True)

    def _set(self, granted: Granted) -> TokenSet:
        return TokenSet(
            access=granted.access,
            expires_at=self._sets.now() + granted.seconds,
            refresh=granted.refresh,
            scopes=granted.scopes,
        )

    def _refusal(self, user: str) -> AuthenticationError:
        names = ", ".join(self._connections.find_by_user(user))
        return AuthenticationError(
            f"Xero no longer accepts the consent of the user who connected {names}; connect again: {self._where}",
            shared=f"user:{user}",
        )
