"""Names of contacts: which texts may be shown, and how a name is told from its double. Used by `contacts`.

Ids are never shown in Xero. They say nothing to a bookkeeper, and an invoice prints them.
"""

import re
from collections.abc import Mapping
from typing import Any

LONGEST_NAME = 255
LONGEST_BEHIND = 100  # characters in brackets behind a name
NAMELESS, NAMELESS_COMPANY = "Guest of the web shop", "Company without a name"
NAME_FIELDS = ("Name", "ShortName")
ID = re.compile(
    r"""
    [0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}   # a UUID, as anonymousIds are
    | [0-9a-f]{16,}                                 # MD5, SHA and the like
    | ajs-\S+ | cus_\S+                             # analytics.js, Stripe
    | [\d\s.+-]*\d[\d\s.+-]*                        # numbers only
    """,
    re.VERBOSE | re.IGNORECASE,
)


def tidy(name: str) -> str:
    """Return *name* as Xero takes it: no angle brackets, no double, leading or trailing spaces."""
    return " ".join(name.replace("<", " ").replace(">", " ").split())


def may_be_shown(text: str) -> bool:
    """Tell whether *text* may be shown: it says something and is no id."""
    plain = tidy(text)
    return bool(plain) and not ID.fullmatch(plain)


def choose_name(fields: Mapping[str, Any]) -> str:
    """Return the best name of a contact: a full name, the company, a first name, the e-mail address, or none."""
    single = (fields.get(name) for name in ("ShortName", "FirstName", "LastName"))
    given = (fields.get("Name"), _join(fields), *single, _read_company(fields), fields.get("EmailAddress"))
    found = (tidy(str(text)) for text in given if text)
    nameless = NAMELESS_COMPANY if fields.get("IsCompany") else NAMELESS
    return next((text for text in found if may_be_shown(text)), nameless)


def sort_names(fields: Mapping[str, Any], *, keys: frozenset[str], is_company: bool) -> dict[str, Any]:
    """Return the *fields* of an event without names that are ids, or *keys* of the event.

    A single word goes to ShortName: it never replaces a full name. The name of a company may be a single word.
    """
    sorted_fields = dict(fields)
    name = sorted_fields.get("Name")
    if name is None:
        return sorted_fields
    text = tidy(str(name))
    if not may_be_shown(text) or text in keys:
        del sorted_fields["Name"]
    elif " " not in text and not is_company:
        del sorted_fields["Name"]
        sorted_fields["ShortName"] = name
    return sorted_fields


def put_behind(plain: str, addition: str) -> str:
    """Return the name *plain* with *addition* in brackets behind it."""
    brackets = f" ({addition})"
    return plain[: LONGEST_NAME - len(brackets)].rstrip() + brackets


def put_number_behind(plain: str, number: int) -> str:
    """Return the *number*-th of the contacts that are called *plain*: the first carries no number."""
    return plain if number == 1 else put_behind(plain, str(number))


def _join(fields: Mapping[str, Any]) -> str:
    first, last = fields.get("FirstName"), fields.get("LastName")
    return f"{first} {last}" if first and last else ""


def _read_company(fields: Mapping[str, Any]) -> str:
    """Return the company of a person: it stands as "Attention" in the address."""
    entries = fields.get("Addresses") or []
    return next((str(entry["AttentionTo"]) for entry in entries if entry.get("AttentionTo")), "")
