"""People: the keys by which an event names a person. The fold keeps them, `sync.contacts` joins them to persons.

A key is a userId, an anonymousId, the shop's own customer id, or the digest of an e-mail address.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

EMAIL_KEY = "email:"
CUSTOMER_KEY = "customer:"
DIGITS = 32  # of the digest of an e-mail address


class Strength(IntEnum):
    """How surely a key names one person; the contact is numbered by the strongest."""

    CUSTOMER = 0
    ANONYMOUS = 1
    EMAIL = 2
    USER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The keys of one event, strongest first; *is_alias* says that the event declares them to be one person."""

    keys: tuple[tuple[str, Strength], ...]
    is_alias: bool = False

    @property
    def strongest(self) -> str:
        return self.keys[0][0] if self.keys else ""


def read_email(event: Mapping[str, Any]) -> str:
    """Return the customer's e-mail address in *event*, trimmed and in small letters; '' without one."""
    properties, traits = _part(event, "properties"), _part(event, "traits")
    # The traits of a group call are those of the company.
    own = traits.get("email") if event.get("type") == "identify" else None
    known = _part(_part(event, "context"), "traits").get("email")
    found = (own, _part(properties, "customer").get("email"), properties.get("email"), known)
    texts = (text.strip().lower() for text in found if isinstance(text, str))
    return next((text for text in texts if "@" in text), "")


def make_email_key(email: str) -> str:
    """Return the key of an e-mail address: its digest, because keys stand in Xero and in the names of Redis' keys."""
    plain = email.strip().lower()
    return EMAIL_KEY + hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def read_people(event: Mapping[str, Any]) -> Named:
    """Return the keys that *event* names, strongest first."""
    if event.get("type") == "alias":
        return Named(keys=tuple(_distinct(_alias_keys(event))), is_alias=True)
    return Named(keys=tuple(_distinct(_keys(event))))


def _keys(event: Mapping[str, Any]) -> Iterator[tuple[str, Strength]]:
    properties = _part(event, "properties")
    if user := _text(event.get("userId")):
        yield user, Strength.USER
    if email := read_email(event):
        yield make_email_key(email), Strength.EMAIL
    if anonymous := _text(event.get("anonymousId")):
        yield anonymous, Strength.ANONYMOUS
    if customer := _text(_part(properties, "customer").get("id") or properties.get("customer_id")):
        yield CUSTOMER_KEY + customer, Strength.CUSTOMER


def _alias_keys(event: Mapping[str, Any]) -> Iterator[tuple[str, Strength]]:
    """Yield the new and the previous id; older libraries spell them with a space (Segment's page on alias)."""
    if user := _text(event.get("userId") or event.get("User ID")):
        yield user, Strength.USER
    previous = _text(event.get("previousId") or event.get("Previous ID"))
    if "@" in previous:
        yield make_email_key(previous), Strength.EMAIL
    elif previous:
        # Whether it was a userId or an anonymousId, only its other events tell.
        yield previous, Strength.ANONYMOUS


def _distinct(found: Iterator[tuple[str, Strength]]) -> Iterator[tuple[str, Strength]]:
    seen: set[str] = set()
    for key, strength in found:
        if key not in seen:
            seen.add(key)
            yield key, strength


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
