"""The services of a receiver around a Redis in this process, with two small mappings."""

import json
from collections.abc import Mapping as MappingType
from typing import Any

import fakeredis

from segxero.mapping import parse_trigger
from segxero.mapping.model import Body, Mapping, MappingSet
from segxero.mapping.organisations import Organisation
from segxero.services import Services
from segxero.settings import Settings
from segxero.store.client import Store
from tests.support.segment.calls import SECRET
from tests.support.set_ups.fixed_mappings import FixedMappings

VERSION = "0123456789ab"


class FakeMessages:
    """Makes messages that name the arrival and nothing else."""

    def event(self, arrival_id: str) -> str:
        return json.dumps({"arrival": arrival_id})

    def deliver(self, queue: str, organisation: str) -> str:
        return json.dumps({"queue": queue, "organisation": organisation})


def _nothing(event: MappingType[str, Any]) -> dict[str, Any]:
    return {}


def _mapping(trigger: str) -> Mapping:
    return Mapping(
        name=trigger,
        object="Contact",
        file="contacts.yaml",
        line=1,
        trigger=parse_trigger(trigger),
        body=Body(key=_nothing, fields=_nothing, fallbacks=_nothing),
    )


def some_mappings() -> MappingSet:
    """Make mappings that want track and identify, for one organisation that takes source p1 and events without one."""
    return MappingSet(
        mappings=(_mapping('type = "track"'), _mapping('type = "identify"')),
        tables={},
        organisations={"main": Organisation(name="main", sources=("p1", ""))},
        version=VERSION,
    )


def make_services(mappings: MappingSet | None = None, store: Store | None = None, **environment: str) -> Services:
    """Make services whose environment sets a shared secret and what else is given; *store* is a Redis that is there."""
    return Services(
        settings=Settings.from_env({"SEGMENT_SHARED_SECRET": SECRET, **environment}),
        redis=store or fakeredis.FakeRedis(server=fakeredis.FakeServer(), decode_responses=True),
        live=FixedMappings(mappings or some_mappings()),
        messages=FakeMessages(),
    )


def server_of(services: Services) -> fakeredis.FakeServer:
    """Return the Redis of *services*: `connected = False` takes it away."""
    server: fakeredis.FakeServer = services.redis.connection_pool.connection_kwargs["server"]
    return server
