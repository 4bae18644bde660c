"""Pauses: why an organisation rests, and that everything goes on at once when it is connected again."""

import pytest

from segxero.errors import AuthenticationError
from segxero.store import keys
from segxero.sync.waiting.pauses import Pauses
from segxero.sync.waiting.wakes import Wakes
from segxero.telemetry.alerts import RECONNECT, Alerts, Cause
from segxero.xero.objects.table import QUEUES
from tests.support.set_ups.fake_services import FakeEnvelopes

GONE = AuthenticationError("gone")


@pytest.fixture
def alerts(redis_store):
    return Alerts(redis_store)


@pytest.fixture
def pauses(redis_store, alerts):
    return Pauses(redis_store, Wakes(redis_store, FakeEnvelopes().deliver), alerts)


def test_the_reason_stands_a_little_longer_than_the_rest_after_which_xero_is_tried_again(pauses, redis_store):
    pauses.begin("a", GONE)
    assert (pauses.reason("a"), pauses.reason("b")) == ("gone", "")
    assert 300 < redis_store.ttl(keys.paused("a")) <= 360


def test_connecting_again_ends_the_reason_and_the_alerts_of_the_organisation_and_of_what_it_shares(pauses, alerts):
    pauses.begin("a", GONE)
    kept = Cause(kind=RECONNECT, organisation="b")
    ended = (Cause(kind=RECONNECT, organisation="a"), Cause(kind=RECONNECT, object="user:u"))
    for cause in (kept, *ended):
        assert alerts.call(cause, "gone.", "connect")
    pauses.end("a", "user:u")
    assert pauses.reason("a") == ""
    assert [told.cause for told in alerts.open().values()] == [kept]


def test_connecting_again_wakes_every_queue_at_once(pauses, redis_store):
    for queue in QUEUES:
        redis_store.set(keys.hold("a", queue), 1, ex=300)
    pauses.end("a", "user:u")
    assert [redis_store.exists(keys.hold("a", queue)) for queue in QUEUES] == [0] * len(QUEUES)
    assert [redis_store.llen(queue) for queue in QUEUES] == [1] * len(QUEUES)
