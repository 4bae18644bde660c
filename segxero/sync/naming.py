"""Naming: who may carry which contact name. Xero refuses a name that another active contact holds.

The rule does not depend on who came first: when two contacts want one name, each carries its e-mail behind it, and
where that is shared or missing its id (see xero/contacts.py). Contacts that Xero had before us keep their names.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from segxero import jsontext, keys
from segxero.store import Store
from segxero.sync.records import Record
from segxero.sync.verdicts import NAME_TAKEN
from segxero.xero.client import XeroClient
from segxero.xero.row import Request, Wanted, identity

PAGE = 1000  # the largest page of contacts that Xero gives
FRESH_SECONDS = 300
DAY_SECONDS = 86_400
UNSEEN = "unseen "  # holds a name, says Xero, but no contact in the index has it
READ_AT = "\n"  # the field that holds when the index was read; no name contains a line feed


class Choice(NamedTuple):
    """Which of its names a contact may carry: *level* 0 plain, 1 with e-mail, 2 with id.

    It stands *aside* when another contact of ours has its name in Xero and is about to give it up, perhaps because
    the two change names: it takes another name until then, so that neither waits for the other.
    """

    level: int
    aside: bool


def folded(name: str) -> str:
    """Return *name* as Xero compares it: without regard to case."""
    return name.casefold()


class Naming:
    """Keeps who wants which name, and which names contacts hold that are not ours."""

    def __init__(self, client: Store, xero: XeroClient) -> None:
        self._redis = client
        self._xero = xero

    def levels(self, organisation: str, queue: str, batch: Sequence[tuple[Record, Wanted]]) -> dict[str, Choice]:
        """Return for each ref which of its names the contact may carry.

        Others who want one of these names, or wanted one that is free now, become due again.
        """
        for record, wanted in batch:
            self._claim(organisation, queue, record, [folded(name) for name in wanted_names(record, wanted)[:2]])
        index = self._redis.hgetall(keys.contact_index(organisation)) if batch else {}
        return {record.ref: self._level(organisation, record, wanted, index) for record, wanted in batch}

    def refresh(self, organisation: str, now: float, *, stale: bool = False) -> None:
        """Read the names of the contacts that Xero has, unless that was done within FRESH_SECONDS."""
        key = keys.contact_index(organisation)
        read_at = float(self._redis.hget(key, READ_AT) or 0)
        if not stale and now - read_at < FRESH_SECONDS:
            return
        page = 1
        while True:
            found = self._page(organisation, page, read_at)
            entries = {
                folded(str(contact["Name"])): f"{contact.get('ContactID', '')} {contact.get('ContactNumber', '')}"
                for contact in found
                if contact.get("Name")
            }
            if entries:
                self._redis.hset(key, mapping=entries)
            if len(found) < PAGE:
                break
            page += 1
        self._redis.hset(key, READ_AT, str(now))
        # A name that was given up in Xero is free here after a day: the index is read anew then.
        self._redis.expire(key, DAY_SECONDS, nx=True)

    def _page(self, organisation: str, page: int, read_at: float) -> list[dict[str, str]]:
        params = {"page": str(page), "pageSize": str(PAGE), "summaryOnly": "true"}
        since = datetime.fromtimestamp(max(read_at - FRESH_SECONDS, 0), UTC)
        headers = {"If-Modified-Since": f"{since:%Y-%m-%dT%H:%M:%S}"} if read_at else {}
        answer = self._xero.call(organisation, Request(method="GET", path="/Contacts", params=params, headers=headers))
        return list(answer.get("Contacts", []))

    def _claim(self, organisation: str, queue: str, record: Record, wanted: list[str]) -> None:
        gone = [name for name in record.names if name not in wanted]
        new = [name for name in wanted if name not in record.names]
        if not gone and not new:
            return
        pipe = self._redis.pipeline()
        for name in gone:
            pipe.srem(keys.names(organisation, name), record.ref)
        for name in new:
            pipe.sadd(keys.names(organisation, name), record.ref)
        pipe.hset(keys.record(organisation, record.ref), "names", jsontext.dumps(wanted))
        pipe.execute()
        now = float(self._redis.time()[0])
        # Only where a name gets its second contact, or loses it, does the first one's name change.
        for name, size in [*((name, 1) for name in gone), *((name, 2) for name in new)]:
            holders = keys.names(organisation, name)
            if self._redis.scard(holders) == size:
                for other in self._redis.smembers(holders) - {record.ref}:
                    self._redis.zadd(keys.outbox(organisation, queue), {other: now}, nx=True)

    def _level(self, organisation: str, record: Record, wanted: Wanted, index: Mapping[str, str]) -> Choice:
        names = [folded(name) for name in wanted_names(record, wanted)]
        refusal, aside = folded(record.reason), False
        for level, name in enumerate(names[:2]):
            alone = self._redis.scard(keys.names(organisation, name)) <= 1
            if not alone or self._is_foreign(organisation, record, index.get(name, "")):
                continue
            if f"{name} is {NAME_TAKEN}" not in refusal:
                return Choice(level, aside)
            if name in index:
                aside = True
            else:
                # Xero finds the name like one that it spells otherwise, perhaps without accents.
                self._redis.hset(keys.contact_index(organisation), name, UNSEEN)
        return Choice(len(names) - 1, aside)

    def _is_foreign(self, organisation: str, record: Record, entry: str) -> bool:
        contact_id, _, number = entry.partition(" ")
        if not contact_id or contact_id == record.xero_id or number == identity(record.key):
            return False
        return not (number and self._redis.exists(keys.record(organisation, keys.reference("Contact", number))))


def wanted_names(record: Record, wanted: Wanted) -> tuple[str, ...]:
    """Return the names that the record's row would give it."""
    return record.row.names(wanted)
