"""The contact index: the contacts of an organisation in Xero, by id, name and e-mail.

It is read in pages of 1,000 and kept up to date by If-Modified-Since, so 10,000 contacts cost 11 calls once. Names
and e-mail addresses are kept as digests: the index finds the holder of a name without revealing it.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from segxero import jsontext
from segxero.store import keys
from segxero.store.client import Store
from segxero.xero.api.client import XeroClient
from segxero.xero.api.request import Request
from segxero.xero.objects.contacts import is_closed

PAGE = 1000  # the largest page of contacts that Xero gives
FRESH_SECONDS = 300
READ_AT, READING = "read at", "reading"  # when the index was read, and how far a reading has come
ID, NAME, EMAIL, NUMBER = "id:", "name:", "email:", "number:"  # prefixes of the other fields of the hash
DOUBT = "doubt:"  # before a digest: the record, and its attempts, that Xero refused a name of which the index is free
UNSEEN = "unseen"  # holds a name, says Xero, but no contact that it shows has it


class IndexedContact(NamedTuple):
    """A contact in Xero: its id, its ContactNumber, and the digests of its name and its e-mail."""

    contact_id: str
    number: str = ""
    name: str = ""
    email: str = ""


def normalised(text: str) -> str:
    """Return *text* as Xero compares names: without regard to case, accents and repeated spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def digest(text: str) -> str:
    """Return the digest of a name or an e-mail address for the index; '' for none."""
    plain = normalised(text)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:20] if plain else ""


class ContactIndex:
    """The indexes of all organisations. A single turn of an organisation's contacts uses its index at a time."""

    def __init__(self, client: Store, xero: XeroClient) -> None:
        self._redis = client
        self._xero = xero

    def refresh(self, organisation: str, now: float, *, stale: bool = False) -> None:
        """Read the changes in Xero, unless read within FRESH_SECONDS; an interrupted reading goes on at its page.

        Raise the errors of XeroClient.call.
        """
        key = keys.contact_index(organisation)
        read_at = float(self._redis.hget(key, READ_AT) or 0)
        if not stale and now - read_at < FRESH_SECONDS:
            return
        began, page = jsontext.loads(self._redis.hget(key, READING) or f'["{now}", 1]')
        while True:
            found = self._page(organisation, page, read_at)
            self._keep(key, [entry_of(contact) for contact in found])
            if len(found) < PAGE:
                break
            page += 1
            self._redis.hset(key, READING, jsontext.dumps([began, page]))
        self._redis.hset(key, READ_AT, began)
        self._redis.hdel(key, READING)

    def named(self, organisation: str, names: Iterable[str]) -> dict[str, IndexedContact]:
        """Return digest -> its holder, for the held among the digests *names*."""
        wanted = list(names)
        key = keys.contact_index(organisation)
        ids = self._many(key, [NAME + name for name in wanted])
        holders = {name: found for name, found in zip(wanted, ids, strict=True) if found}
        entries = self._entries(key, holders.values())
        return {name: entries.get(found, IndexedContact(found)) for name, found in holders.items()}

    def with_email(self, organisation: str, emails: Iterable[str]) -> dict[str, list[IndexedContact]]:
        """Return digest -> all its holders, for the held among the digests *emails*."""
        wanted = [email for email in emails if email]
        key = keys.contact_index(organisation)
        ids = self._many(key, [EMAIL + email for email in wanted])
        holders = {email: found.split() for email, found in zip(wanted, ids, strict=True) if found}
        entries = self._entries(key, [one for many in holders.values() for one in many])
        return {email: [entries[one] for one in many if one in entries] for email, many in holders.items()}

    def numbered(self, organisation: str, numbers: Iterable[str]) -> dict[str, IndexedContact]:
        """Return number -> the active contact with this ContactNumber, for the held among *numbers*."""
        wanted = list(numbers)
        key = keys.contact_index(organisation)
        ids = self._many(key, [NUMBER + _number(number) for number in wanted])
        holders = {number: found for number, found in zip(wanted, ids, strict=True) if found}
        entries = self._entries(key, holders.values())
        held = {number: entries.get(found, IndexedContact("")) for number, found in holders.items()}
        return {number: entry for number, entry in held.items() if entry.name and entry.number == number}

    def is_unseen(self, organisation: str, name: str, ref: str, attempt: int) -> bool:
        """Tell whether a contact hidden by Xero holds the refused name with the digest *name*.

        The index was read after the refusal, so its holder may have given up the name in between: the record *ref*
        tries once more. When Xero refuses this *attempt* too, the name is noted as held.
        """
        key = keys.contact_index(organisation)
        if self._redis.hget(key, DOUBT + name) != f"{ref} {attempt - 1}":
            self._redis.hset(key, DOUBT + name, f"{ref} {attempt}")
            return False
        self._redis.hdel(key, DOUBT + name)
        self._redis.hset(key, NAME + name, UNSEEN)
        return True

    def claim(self, organisation: str, entry: IndexedContact, number: str) -> None:
        """Note the contact as ours from now on, with *number*."""
        self._redis.hset(keys.contact_index(organisation), *_laid(entry._replace(number=number)))

    def _page(self, organisation: str, page: int, read_at: float) -> list[dict[str, Any]]:
        params = {"page": str(page), "pageSize": str(PAGE), "summaryOnly": "true", "includeArchived": "true"}
        since = datetime.fromtimestamp(max(read_at - FRESH_SECONDS, 0), UTC)
        headers = {"If-Modified-Since": f"{since:%Y-%m-%dT%H:%M:%S}"} if read_at else {}
        answer = self._xero.call(organisation, Request(method="GET", path="/Contacts", params=params, headers=headers))
        return list(answer.get("Contacts", []))

    def _keep(self, key: str, entries: Sequence[IndexedContact]) -> None:
        """Put *entries* over the old entries of the same contacts; names they gave up are free."""
        if not entries:
            return
        olds = [_read(text) for text in self._many(key, [ID + entry.contact_id for entry in entries]) if text]
        emails = sorted({one.email for one in [*olds, *entries]} - {""})
        known = dict(zip(emails, self._many(key, [EMAIL + email for email in emails]), strict=True))
        holders = {email: set((found or "").split()) for email, found in known.items()}
        fields = self._given_up(key, olds)
        for old in olds:
            holders.get(old.email, set()).discard(old.contact_id)
        for entry in entries:
            fields |= dict([_laid(entry)])
            if entry.number:
                fields[NUMBER + _number(entry.number)] = entry.contact_id
            if entry.name:
                fields[NAME + entry.name] = entry.contact_id
            if entry.email:
                holders[entry.email].add(entry.contact_id)
        fields |= {EMAIL + email: " ".join(sorted(ids)) for email, ids in holders.items()}
        pipe = self._redis.pipeline()
        pipe.hset(key, mapping={name: value for name, value in fields.items() if value})
        if given_up := [name for name, value in fields.items() if not value]:
            pipe.hdel(key, *given_up)
        pipe.execute()

    def _given_up(self, key: str, olds: Sequence[IndexedContact]) -> dict[str, str]:
        """Return the names of *olds* as fields without a value, unless somebody else has taken them since."""
        named = [old for old in olds if old.name]
        found = self._many(key, [NAME + old.name for old in named])
        return {NAME + old.name: "" for old, one in zip(named, found, strict=True) if one == old.contact_id}

    def _entries(self, key: str, ids: Iterable[str]) -> dict[str, IndexedContact]:
        found = self._many(key, [ID + one for one in ids])
        return {entry.contact_id: entry for entry in map(_read, filter(None, found))}

    def _many(self, key: str, fields: Sequence[str]) -> list[str | None]:
        return list(self._redis.hmget(key, fields)) if fields else []


def _number(number: str) -> str:
    return hashlib.sha256(number.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def entry_of(contact: Mapping[str, Any]) -> IndexedContact:
    """Return the entry for a *contact* of Xero's answer; an archived contact holds neither name nor e-mail."""
    is_active = not is_closed(contact)
    return IndexedContact(
        contact_id=str(contact.get("ContactID", "")),
        number=str(contact.get("ContactNumber") or ""),
        name=digest(str(contact.get("Name") or "")) if is_active else "",
        email=digest(str(contact.get("EmailAddress") or "")) if is_active else "",
    )


def _laid(entry: IndexedContact) -> tuple[str, str]:
    return ID + entry.contact_id, jsontext.dumps(list(entry))


def _read(text: str) -> IndexedContact:
    return IndexedContact(*jsontext.loads(text))
