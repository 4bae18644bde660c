"""Optional fields of a contact: one that Xero refuses is left out, so that the contact and its orders are booked.

The refused value is remembered by its digest. A corrected value is sent again, and a person is told once of each.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema

from segxero import jsontext

REFUSED, TOLD = "refused ", "told "  # remembered, each before the name of a field: the digest of its value
# Words of Xero's sentence, and the fields that it may mean. "Email address must be valid." is recorded; the others name
# the field, as Xero's sentences about lengths do.
MEANT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("email", ("EmailAddress", "ContactPersons")),
    ("phone", ("Phones",)),
    ("tax number", ("TaxNumber",)),
    ("taxnumber", ("TaxNumber",)),
    ("country", ("Addresses",)),
    ("address", ("Addresses",)),
    ("payment term", ("PaymentTerms",)),
    ("currency", ("DefaultCurrency",)),
)
LONGER, NO_EMAIL = "Longer than", "is not an e-mail address"  # how the schema puts it
SPOKEN = {
    "EmailAddress": "e-mail address",
    "ContactPersons": "contact persons",
    "Phones": "phone",
    "TaxNumber": "tax number",
    "Addresses": "address",
    "PaymentTerms": "payment terms",
    "DefaultCurrency": "currency",
}


def find_refused(sentences: Sequence[str], payload: Mapping[str, Any]) -> dict[str, str]:
    """Return what to remember of the optional fields that *sentences* refuse; {} when one means another field."""
    found: dict[str, str] = {}
    for sentence in sentences:
        meant = (names for words, names in MEANT if words in sentence.lower())
        field = next((name for name in next(meant, ()) if payload.get(name)), "")
        if not field:
            return {}
        found[REFUSED + field] = _digest(payload[field])
    return found


def leave_out(
    schema: Schema, payload: Mapping[str, Any], remembered: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[str, ...], dict[str, str]]:
    """Return *payload* without unfit optional fields, a sentence for each that is news, and what to remember."""
    faults = schema.validate(dict(payload))
    refused = [name for name in SPOKEN if payload.get(name) and _is_refused(name, payload[name], remembered, faults)]
    news = [name for name in refused if remembered.get(TOLD + name) != _digest(payload[name])]
    told = tuple(f"its {SPOKEN[name]} is not one that Xero takes, so it was left out" for name in news)
    kept = {name: value for name, value in payload.items() if name not in refused}
    return kept, told, {TOLD + name: _digest(payload[name]) for name in news}


def _is_refused(name: str, value: Any, remembered: Mapping[str, str], faults: Mapping[str, Any]) -> bool:
    return _is_data(name, faults.get(name)) or remembered.get(REFUSED + name) == _digest(value)


def _is_data(name: str, faults: Any) -> bool:
    """Tell whether *faults* are those of an event's data; a wrong slot or list is a fault of the mapping."""
    if not faults or name == "ContactPersons":
        return False
    if isinstance(faults, Mapping):
        return all(_is_data(name, inner) for inner in faults.values())
    return all(str(fault).startswith(LONGER) or str(fault).endswith(NO_EMAIL) for fault in faults)


def _digest(value: Any) -> str:
    return hashlib.sha256(jsontext.canonical(value).encode("utf-8", "surrogatepass")).hexdigest()[:20]
