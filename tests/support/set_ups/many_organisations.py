"""Many organisations in this process, around a real Redis and a Xero over HTTP: all share one token."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from segxero.mapping.model import Organisation
from segxero.segment import event as segment_event
from segxero.services import Services
from segxero.store.client import Store
from segxero.sync.folding.inbox import Arrival
from segxero.sync.records.operations import make_operations
from tests.support.set_ups.core import earlier_mappings
from tests.support.set_ups.fake_services import FakeMessages
from tests.support.set_ups.fixed_mappings import FixedMappings
from tests.support.xero.server import xero_settings


def services_of(names: Iterable[str], store: Store, url: str) -> Services:
    """Wire the services for the organisations *names*, with the shipped mappings and a Xero at *url*."""
    organisations = {name: Organisation(name=name, sources=(name,)) for name in names}
    mappings = replace(earlier_mappings(), organisations=organisations)
    return Services(settings=xero_settings(url), redis=store, live=FixedMappings(mappings), messages=FakeMessages())


def feed(services: Services, organisation: str, event: Mapping[str, Any], message_id: str) -> None:
    """Take *event* in and fold it."""
    now = datetime.now(UTC)
    whole = {**event, "messageId": message_id}
    arrival = Arrival(
        id=message_id,
        organisation=organisation,
        endpoint="webhook",
        message_id=message_id,
        received_at=now,
        event=json.dumps(whole),
    )
    services.inbox.accept([arrival])
    services.fold.fold(arrival, make_operations(services.mappings, segment_event.read(whole), now, message_id))
