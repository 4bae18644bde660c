"""Users: the names of Xero's users by e-mail, so a record's owner is spelled as in Xero. Read by delivery."""

from collections.abc import Iterable, Mapping
from typing import Any

from segxero import jsontext
from segxero.store import keys
from segxero.store.client import Store
from segxero.xero.access.encryption import Cipher
from segxero.xero.api.client import XeroClient
from segxero.xero.api.request import Request

FRESH_SECONDS = 3600


class Users:
    """Reads an organisation's users once an hour, and only when a record names a user; Redis keeps them sealed.

    Users sealed with a lost secret key are read again, so `segxero keys rotate` leaves them alone.
    """

    def __init__(self, client: Store, xero: XeroClient, cipher: Cipher) -> None:
        self._redis = client
        self._xero = xero
        self._cipher = cipher

    @staticmethod
    def needed(records: Iterable[Mapping[str, Any]]) -> bool:
        """Tell whether the fields of any of *records* name a user by e-mail."""
        return any(fields.get("User") for fields in records)

    def names(self, organisation: str) -> Mapping[str, str]:
        """Return the names by e-mail in lower case. Raise the errors of XeroClient.call."""
        key = keys.users(organisation)
        sealed = self._redis.get(key)
        # Names and e-mails are personal data, so Redis has them encrypted only.
        known = self._cipher.open(sealed) if sealed else None
        if known is not None:
            return dict(jsontext.loads(known))
        found = self._read(organisation)
        self._redis.set(key, self._cipher.seal(jsontext.dumps(found)), ex=FRESH_SECONDS)
        self._redis.delete(keys.users_in_clear(organisation))
        return found

    def _read(self, organisation: str) -> dict[str, str]:
        answer = self._xero.call(organisation, Request(method="GET", path="/Users"))
        return {
            str(user["EmailAddress"]).lower(): " ".join(
                str(user.get(part) or "").strip() for part in ("FirstName", "LastName")
            ).strip()
            for user in answer.get("Users", [])
            if user.get("EmailAddress")
        }
