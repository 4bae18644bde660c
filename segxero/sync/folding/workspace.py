"""The workspace: the names of Segment's sources and destinations, read from its Public API and kept in Redis.

Names never hold an event up: while they cannot be read, the old names stay, or ids stand in for them.
"""

import logging
import time
from typing import Any

from segxero import jsontext
from segxero.errors import AuthenticationError, RetryableError
from segxero.mapping.names import NO_NAMES, Names
from segxero.segment.public_api import PublicApi
from segxero.store import keys
from segxero.store.client import Store

log = logging.getLogger(__name__)

FRESH_SECONDS = 3600
RETRY_SECONDS = 300  # after this, one that could not be read is tried again
LOOK_SECONDS = 60.0  # how long a process believes what it has seen in Redis


class Workspace:
    """Gives the names; *api* is None where no token is set."""

    def __init__(self, client: Store, api: PublicApi | None) -> None:
        self._redis = client
        self._api = api
        self._seen: Names = NO_NAMES
        self._seen_at = float("-inf")

    def names(self) -> Names:
        """Return the names as they are known now."""
        if self._api is None:
            return NO_NAMES
        if time.monotonic() - self._seen_at > LOOK_SECONDS:
            text = self._redis.get(keys.SEGMENT_NAMES)
            if text is None and self.refresh():
                text = self._redis.get(keys.SEGMENT_NAMES)
            if text is None:
                # Another process may be reading them at this moment: look again for the next event.
                return NO_NAMES
            self._seen = _read(text)
            self._seen_at = time.monotonic()
        return self._seen

    def refresh(self) -> bool:
        """Read the names unless that was done, or tried in vain, a short while ago; tell whether they were read."""
        if self._api is None or not self._redis.set(keys.SEGMENT_NAMES_READ, 1, nx=True, ex=RETRY_SECONDS):
            return False
        try:
            names = self._api.names()
        except (AuthenticationError, RetryableError) as error:
            log.warning("segment_names_unread", extra={"reason": str(error)})
            return False
        self._redis.set(keys.SEGMENT_NAMES, _written(names))
        self._redis.expire(keys.SEGMENT_NAMES_READ, FRESH_SECONDS)
        return True


def _written(names: Names) -> str:
    return jsontext.dumps({"sources": names.sources, "destinations": names.destinations, "connected": names.connected})


def _read(text: str) -> Names:
    values: dict[str, Any] = jsontext.loads(text)
    connected = {source: tuple(found) for source, found in values.pop("connected").items()}
    return Names(**values, connected=connected)
