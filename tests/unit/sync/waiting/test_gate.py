"""The gate: who lets a queue wait, for how long, and who may end that."""

import threading

import pytest

from segxero.errors import ORGANISATION, AuthenticationError, RetryableError
from segxero.store import keys
from segxero.sync.waiting.breaker import Breaker
from segxero.sync.waiting.gate import HOLD_SECONDS, Gate
from segxero.sync.waiting.outbox import WRITE_BACK
from segxero.sync.waiting.wakes import Wakes
from segxero.xero.objects.table import QUEUES
from tests.support.set_ups.fake_services import FakeMessages

GONE = AuthenticationError("gone")
OFFLINE = RetryableError("the organisation is offline", 200, ORGANISATION)


@pytest.fixture
def gate(redis_store):
    return Gate(redis_store, Breaker(redis_store), Wakes(redis_store, FakeMessages().deliver))


def wait(gate, queue="contacts", organisation="a"):
    return round(gate.wait_seconds(organisation, queue))


def hold_as_the_old_version_did(store, seconds, organisation="a"):
    for queue in QUEUES:
        store.set(f"segxero:hold:{organisation}:{queue}", 1, px=seconds * 1000)


def test_connecting_an_organisation_again_leaves_the_hold_of_an_operator(gate):
    gate.hold_all("a")
    gate.refuse_connection("a", "contacts", GONE)
    gate.resume("a")
    assert [wait(gate, queue) for queue in QUEUES] == [HOLD_SECONDS] * len(QUEUES)


def test_a_turn_that_fails_leaves_the_hold_of_an_operator(gate):
    gate.hold_all("a")
    gate.pause("a", "contacts", 60, "a fault of ours")
    assert wait(gate) == HOLD_SECONDS
    gate.release("a")
    assert wait(gate) == 60


def test_a_turn_that_fails_leaves_a_hold_that_an_earlier_version_wrote(gate, redis_store):
    hold_as_the_old_version_did(redis_store, 86_400)
    gate.pause("a", "contacts", 60, "a fault of ours")
    assert wait(gate) == 86_400


def test_a_hold_of_an_earlier_version_outlives_a_reconnection_and_ends_with_its_release(gate, redis_store):
    hold_as_the_old_version_did(redis_store, 86_400)
    gate.resume("a")
    assert [wait(gate, queue) for queue in QUEUES] == [86_400] * len(QUEUES)
    gate.release("a")
    assert [wait(gate, queue) for queue in QUEUES] == [0] * len(QUEUES)


def test_a_short_pause_of_an_earlier_version_ends_with_a_reconnection(gate, redis_store):
    hold_as_the_old_version_did(redis_store, 300)
    gate.resume("a")
    assert wait(gate) == 0


def test_a_reconnection_wakes_a_queue_whose_next_turn_was_announced_for_the_end_of_the_pause(gate, redis_store):
    gate.pause("a", "contacts", 240, "no connection")
    Wakes(redis_store, FakeMessages().deliver).claim("a", "contacts", 240)
    gate.resume("a")
    assert redis_store.llen("contacts") == 1


def test_a_later_pause_lengthens_but_never_shortens(gate):
    for seconds, expected in ((30, 30), (300, 300), (60, 300)):
        gate.pause("a", "contacts", seconds, f"{seconds}")
        assert wait(gate) == expected


def test_the_longest_of_hold_pause_and_outage_decides(gate):
    admission = gate.admit("a", "contacts")
    gate.meet_outage("a", "contacts", admission, OFFLINE)
    assert wait(gate) == pytest.approx(200, abs=1)
    gate.pause("a", "contacts", 500, "Xero asks for it")
    assert [wait(gate), wait(gate, "invoices")] == [500, pytest.approx(200, abs=1)]
    gate.hold_all("a", 900)
    assert [wait(gate), wait(gate, "invoices"), gate.admit("a", "contacts").wait_seconds > 890] == [900, 900, True]


def test_a_held_queue_does_not_use_up_the_probe_of_an_outage(gate, redis_store):
    gate.meet_outage("a", "contacts", gate.admit("a", "contacts"), OFFLINE)
    redis_store.hset(keys.breaker("a"), mapping={"probe_at": 0, "rests:contacts": 0})
    gate.pause("a", "contacts", 60, "Xero asks for it")
    assert not gate.admit("a", "contacts").is_probe
    assert gate.admit("a", "invoices").is_probe


def test_neither_an_operators_hold_nor_an_outage_concerns_the_write_back(gate):
    gate.hold_all("a")
    gate.meet_outage("a", "contacts", gate.admit("a", "contacts"), OFFLINE)
    assert wait(gate, WRITE_BACK) == 0
    gate.pause("a", WRITE_BACK, 300, "Segment refuses the write key")
    assert wait(gate, WRITE_BACK) == 300


def test_nobody_waits_for_a_stranger_a_pause_concerns_one_queue_of_one_organisation(gate):
    gate.pause("a", "contacts", 30, "Xero asks for it")
    gate.hold_all("c")
    assert [wait(gate, "invoices"), wait(gate, "contacts", "b")] == [0, 0]


def test_a_pause_ends_by_itself(gate):
    gate.pause("a", "contacts", 0.001, "Xero asks for it")
    threading.Event().wait(0.02)
    assert wait(gate) == 0


def test_the_reason_stands_a_little_longer_than_the_pause_after_which_xero_is_tried_again(gate, redis_store):
    gate.refuse_connection("a", "contacts", GONE)
    assert (gate.find_refusal("a"), gate.find_refusal("b")) == ("gone", "")
    assert wait(gate) == 300
    assert 300 < redis_store.ttl("segxero:paused:a") <= 360


def test_connecting_again_ends_the_pauses_and_wakes_every_queue_at_once(gate, redis_store):
    for queue in QUEUES:
        gate.refuse_connection("a", queue, GONE)
    gate.resume("a")
    assert gate.find_refusal("a") == ""
    assert [wait(gate, queue) for queue in QUEUES] == [0] * len(QUEUES)
    assert [redis_store.llen(queue) for queue in QUEUES] == [1] * len(QUEUES)


def test_a_release_wakes_every_queue_even_if_a_later_message_is_announced(gate, redis_store):
    gate.hold_all("a")
    for queue in QUEUES:
        redis_store.set(keys.awake("a", queue), 1)
    gate.release("a")
    assert [redis_store.llen(queue) for queue in QUEUES] == [1] * len(QUEUES)


def test_a_turn_that_began_before_the_hold_is_known_while_its_lock_lasts(gate, redis_store):
    gate.hold_all("a")
    assert not gate.is_calling("a")
    redis_store.set(keys.lock("a", "invoices"), "a turn")
    assert gate.is_calling("a")
