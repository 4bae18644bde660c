"""The books of each organisation, read from Xero part by part and kept in Redis for an hour.

Delivery asks for the lock dates; the set-up check and the console compare accounts and taxes with the mappings.
"""

from segxero import jsontext
from segxero.store import keys, server
from segxero.store.client import Store
from segxero.xero.api.client import XeroClient
from segxero.xero.books.parts import PARTS, Books, keep_facts, make_books

FRESH_SECONDS = 3600


class BooksCache:
    """Reads the books. A part too old costs a call of the organisation's budget."""

    def __init__(self, client: Store, xero: XeroClient) -> None:
        self._redis = client
        self._xero = xero

    def of(self, organisation: str, *parts: str, fresh_seconds: float = FRESH_SECONDS) -> Books:
        """Return the books with at least *parts* (none: all), each no older than *fresh_seconds*.

        Raise the errors of XeroClient.call; the parts read before the error stay in Redis.
        """
        key = keys.books(organisation)
        now = int(server.now(self._redis))
        for part in parts or PARTS:
            # Each part is stored at once, so an error costs only the parts behind it.
            text = self._redis.hget(key, part)
            read_at = jsontext.loads(text)[0] if text else 0
            if text is None or now - read_at >= fresh_seconds:
                answer = self._xero.call(organisation, PARTS[part].request)
                self._redis.hset(key, part, jsontext.dumps([now, keep_facts(part, answer)]))
        return self.known(organisation)

    def known(self, organisation: str) -> Books:
        """Return the books as they were last read, without a call."""
        found = self._redis.hgetall(keys.books(organisation))
        return make_books({part: jsontext.loads(text)[1] for part, text in found.items() if part in PARTS})

    def forget(self, organisation: str) -> None:
        """Forget the books, so the next look sees the changes of a person in Xero."""
        self._redis.delete(keys.books(organisation))
