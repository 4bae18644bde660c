"""Organisations that chose policies, and retry groups whose time has come."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from segxero import jsontext
from segxero.mapping.model import MappingSet
from segxero.store import keys
from segxero.store.client import Store

MAIN = "main"


def with_policies(
    mappings: MappingSet, tables: Mapping[str, Mapping[str, Any]] | None = None, **policies: str
) -> MappingSet:
    """Return *mappings* whose organisation has chosen *policies*, with rows of its own in *tables*."""
    own = {name: dict(rows) for name, rows in (tables or {}).items()}
    organisation = replace(mappings.organisations[MAIN], policies=policies, tables=own)
    return replace(mappings, organisations={**mappings.organisations, MAIN: organisation})


def let_time_pass(store: Store, organisation: str = MAIN) -> list[str]:
    """Let the next look at every retry group be due now; return the groups."""
    key = keys.retry_groups(organisation)
    groups = store.hgetall(key)
    for group, text in groups.items():
        store.hset(key, group, jsontext.dumps({**jsontext.loads(text), "look_at": "0"}))
    return sorted(groups)
