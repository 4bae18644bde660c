"""Users: who in Xero has which e-mail, so that a record's owner gets the name that Xero shows."""

from collections.abc import Mapping, Sequence

from segxero import keys
from segxero.store import Store
from segxero.sync.records import Record
from segxero.xero.client import XeroClient
from segxero.xero.row import Request

FRESH_SECONDS = 3600
READ_AT = ""  # the field that holds when the users were read; no e-mail is empty


class Users:
    """Reads an organisation's users once an hour, and only when a record names one."""

    def __init__(self, client: Store, xero: XeroClient) -> None:
        self._redis = client
        self._xero = xero

    def needed(self, records: Sequence[Record]) -> bool:
        """Tell whether any of *records* names a user by e-mail."""
        return any(record.fields.get("User") for record in records)

    def names(self, organisation: str, now: float) -> Mapping[str, str]:
        """Return e-mail (lower case) -> name. Raise what XeroClient.call raises."""
        key = keys.users(organisation)
        known: dict[str, str] = self._redis.hgetall(key)
        if now - float(known.get(READ_AT, 0)) < FRESH_SECONDS:
            return known
        answer = self._xero.call(organisation, Request(method="GET", path="/Users"))
        found = {
            str(user["EmailAddress"]).lower(): " ".join(
                str(user.get(part) or "").strip() for part in ("FirstName", "LastName")
            ).strip()
            for user in answer.get("Users", [])
            if user.get("EmailAddress")
        }
        pipe = self._redis.pipeline()
        pipe.delete(key)
        pipe.hset(key, mapping={**found, READ_AT: str(now)})
        pipe.execute()
        return found
