"""Leads: the records standing for people, read with the words of all keys of a person.

`people.py` writes down the leads. Planning, the turns of contacts and expiry read every contact through `load_debtors`.
"""

from collections.abc import Iterable, Mapping, Sequence

from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.records.hash_fields import FIELDS
from segxero.sync.records.record import Record, load
from segxero.xero.objects.table import OBJECTS

CONTACT = next(row for row in OBJECTS.values() if row.joins_people)


def find_leads(client: Store, organisation: str, names: Iterable[str]) -> dict[str, str]:
    """Return the leads of the keys *names*, without keys leading themselves."""
    wanted = list(names)
    found = client.hmget(keys.leads(organisation), wanted) if wanted else []
    return {name: str(lead) for name, lead in zip(wanted, found, strict=True) if lead}


def load_debtors(client: Store, organisation: str, refs: Iterable[str]) -> dict[str, Record]:
    """Return the existing records of *refs*. A contact is the lead of its person, with the words of all keys.

    Such a contact is returned under its own ref as well.
    """
    wanted = list(refs)
    people = [ref for ref in wanted if ref.startswith(f"{CONTACT.name}|")]
    found = load(client, organisation, [ref for ref in wanted if not ref.startswith(f"{CONTACT.name}|")])
    if not people:
        return found
    name_of = {ref: ref.partition("|")[2] for ref in people}
    leads = find_leads(client, organisation, name_of.values())
    lead_of = {ref: leads.get(name, name) for ref, name in name_of.items()}
    merged = _load_merged(client, organisation, sorted(set(lead_of.values())))
    for ref, lead in lead_of.items():
        if lead in merged:
            found[ref] = found[keys.reference(CONTACT.name, lead)] = merged[lead]
    return found


def _load_merged(client: Store, organisation: str, leads: Sequence[str]) -> dict[str, Record]:
    pipe = client.pipeline(transaction=False)
    for lead in leads:
        pipe.smembers(keys.members(organisation, lead))
    members = dict(zip(leads, pipe.execute(), strict=True))
    names = sorted({*leads, *(str(name) for found in members.values() for name in found)})
    for name in names:
        pipe.hgetall(keys.record(organisation, keys.reference(CONTACT.name, name)))
    hashes = dict(zip(names, pipe.execute(), strict=True))
    return {
        lead: Record.from_hash(organisation, keys.reference(CONTACT.name, lead), stored)
        for lead in leads
        if (stored := _merge(hashes[lead], [hashes[str(name)] for name in sorted(members[lead])]))
    }


def _merge(own: Mapping[str, str], others: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the hash of a lead with the newest word of each of its keys, field by field, as fold.lua would have it."""
    if not own:
        return {}
    merged = dict(own)
    for other in others:
        for name, text in other.items():
            if name.startswith(FIELDS) and text > merged.get(name, ""):
                merged[name] = text
        merged.setdefault("told_as", other.get("told_as", ""))
    return merged
