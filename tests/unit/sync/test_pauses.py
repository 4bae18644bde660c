"""Pauses: a person is called once, and everything goes on at once when the organisation is connected again."""

import pytest

from segxero import keys
from segxero.errors import AuthenticationError
from segxero.sync.pauses import Pauses
from segxero.sync.wakes import Wakes
from segxero.xero.objects import QUEUES
from tests.support.fake_services import FakeEnvelopes

GONE = AuthenticationError("gone")
REFUSED = AuthenticationError("refused", shared="user:u")


@pytest.fixture
def pauses(redis_store):
    return Pauses(redis_store, Wakes(redis_store, FakeEnvelopes().deliver))


def test_a_person_is_told_once_of_each_organisation(pauses):
    assert [pauses.begin(name, GONE) for name in ("a", "a", "b")] == [True, False, True]
    assert pauses.reason("a") == "gone"


def test_a_person_is_told_once_of_what_several_share(pauses):
    assert [pauses.begin(name, REFUSED) for name in ("a", "b", "a")] == [True, False, False]
    assert [pauses.reason(name) for name in ("a", "b", "user:u")] == ["refused"] * 3


def test_a_pause_that_lasts_is_told_again_after_a_day(pauses, redis_store):
    pauses.begin("a", GONE)
    assert 86_390 < redis_store.ttl(keys.paused("a")) <= 86_400


def test_what_worked_ends_the_pause_of_its_organisation_only(pauses):
    pauses.begin("a", GONE)
    pauses.begin("b", GONE)
    assert [pauses.worked("a"), pauses.worked("a")] == [True, False]
    assert (pauses.reason("a"), pauses.reason("b")) == ("", "gone")


def test_connecting_again_wakes_every_queue_at_once(pauses, redis_store):
    pauses.begin("a", GONE)
    pauses.begin("a", REFUSED)
    for queue in QUEUES:
        redis_store.set(keys.hold("a", queue), 1, ex=300)
    pauses.end("a", "user:u")
    assert (pauses.reason("a"), pauses.reason("user:u")) == ("", "")
    assert [redis_store.exists(keys.hold("a", queue)) for queue in QUEUES] == [0] * len(QUEUES)
    assert [redis_store.llen(queue) for queue in QUEUES] == [1] * len(QUEUES)
