"""Token sets of Xero users and custom connections: encrypted in Redis, changed under a lock. Used by `tokens`."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from redis.lock import Lock

from segxero import jsontext
from segxero.store import keys, server
from segxero.store.client import Store
from segxero.xero.access.encryption import Cipher

LOCK_SECONDS = 45  # longer than two refreshes with their time-outs
LOCK_SUFFIX = ":lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSet:
    """An access token with the second (Redis' clock) at which it expires, and how it is renewed.

    *previous* is the refresh token before the last: Xero takes it for 30 minutes more, until *previous_until*. A
    *refused* set opens nothing until somebody connects again.
    """

    access: str = field(repr=False)
    expires_at: float
    refresh: str = field(default="", repr=False)
    previous: str = field(default="", repr=False)
    previous_until: float = 0.0
    scopes: tuple[str, ...] = ()
    refused: bool = False


@dataclass(slots=True, kw_only=True)
class Rotation:
    """The result of `segxero keys rotate`: numbers of texts, and the Redis keys of unreadable texts."""

    renewed: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


class TokenSets:
    """The token sets of the app *client_id*; the user of a custom connection's is ''."""

    def __init__(self, client: Store, client_id: str, cipher: Cipher) -> None:
        self._redis = client
        self._client_id = client_id
        self._cipher = cipher

    def now(self) -> float:
        """Return the second of Redis' clock."""
        return server.now(self._redis)

    def load(self, user: str) -> TokenSet | None:
        """Return the set, or None when it is missing or cannot be read."""
        sealed = self._redis.get(keys.token(self._client_id, user))
        text = self._cipher.open(sealed) if sealed else None
        if text is None:
            return None
        stored = jsontext.loads(text)
        return TokenSet(**{**stored, "scopes": tuple(stored.get("scopes", ()))})

    def save(self, user: str, token_set: TokenSet) -> None:
        sealed = self._cipher.seal(jsontext.dumps(asdict(token_set)))
        self._redis.set(keys.token(self._client_id, user), sealed)
        # A gauge shows the age of the last grant, and a refused set is none.
        if not token_set.refused:
            self._redis.set(keys.GRANTED, self.now())

    def drop(self, user: str) -> None:
        """Forget the token set of *user*."""
        self._redis.delete(keys.token(self._client_id, user))

    def lock(self, user: str) -> Lock:
        """Return the lock for a renewal of the set of *user*, over all processes and hosts."""
        name = keys.token(self._client_id, user) + LOCK_SUFFIX
        lock: Lock = self._redis.lock(name, timeout=LOCK_SECONDS, blocking_timeout=LOCK_SECONDS)
        return lock

    def look(self) -> Rotation:
        """Count the changes of a `rotate` in the token sets of this app."""
        seen = Rotation()
        for name in self._sealed(keys.token(self._client_id)):
            sealed = self._redis.get(name)
            if sealed is None:
                continue
            if self._cipher.open(sealed) is None:
                seen.unreadable.append(name)
            elif self._cipher.is_current(sealed):
                seen.current += 1
            else:
                seen.renewed += 1
        return seen

    def rotate(self) -> Rotation:
        """Encrypt every text with the first secret key. A second run changes nothing."""
        done = Rotation()
        for name in self._sealed(keys.TOKENS, keys.CONSENTS):
            with self._redis.lock(name + LOCK_SUFFIX, timeout=LOCK_SECONDS, blocking_timeout=LOCK_SECONDS):
                sealed = self._redis.get(name)
                if sealed is None:
                    continue
                text = self._cipher.open(sealed)
                if text is None:
                    done.unreadable.append(name)
                elif self._cipher.is_current(sealed):
                    done.current += 1
                else:
                    self._redis.set(name, self._cipher.seal(text), keepttl=True, xx=True)
                    done.renewed += 1
        return done

    def _sealed(self, *prefixes: str) -> Iterator[str]:
        for prefix in prefixes:
            for name in sorted(self._redis.scan_iter(f"{prefix}*", 1000)):
                if not name.endswith(LOCK_SUFFIX):
                    yield name
