"""Contact persons of a company: those who bought for it. Used by `contacts`.

Xero keeps at most five, and a write replaces them all (Xero's page on contacts).
"""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_PERSONS = 5
PERSON = ("FirstName", "LastName", "EmailAddress")


def list_persons(buyers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the persons of a company: who has the role `billing` first, then who ordered last."""
    newest = sorted(buyers, key=lambda buyer: str(buyer.get("Ordered") or ""), reverse=True)
    chosen = sorted(newest, key=lambda buyer: buyer.get("Role") != "billing")
    found = [{name: buyer[name] for name in PERSON if buyer.get(name)} for buyer in chosen]
    return [person for person in found if person][:MOST_PERSONS]


def name_person(fields: Mapping[str, Any]) -> str:
    """Return the short name of a buyer for the reference of an order: the first name, else the first word."""
    full = str(fields.get("FirstName") or fields.get("Name") or fields.get("ShortName") or "").split()
    return full[0] if full else str(fields.get("EmailAddress") or "")
