"""An outage costs nothing but time: one probe at growing intervals, and with its end all queues go on at once."""

from contextlib import suppress

import pytest
from redis.exceptions import LockError

from segxero.errors import (
    ENDPOINT,
    ORGANISATION,
    AuthenticationError,
    RetryableError,
    UncertainError,
    XeroValidationError,
)
from segxero.store import keys
from segxero.sync.waiting.breaker import FIRST_SECONDS, JITTER, LONGEST_SECONDS, PROBE_SECONDS, Breaker
from segxero.xero.api.budget import BudgetError
from tests.support.set_ups.core import ORG, identify, order_completed

DOWN = UncertainError("Xero answered 500; whether it wrote anything is unknown", down=ENDPOINT)
OFFLINE = RetryableError("Xero: The Organisation is offline", retry_after=300.0, down=ORGANISATION)
UNREACHABLE = RetryableError("Xero cannot be reached (ConnectionError)", down=ORGANISATION)


@pytest.fixture
def breaker(redis_store):
    return Breaker(redis_store)


def let_probe_be_due(store, organisation=ORG):
    store.hset(keys.breaker(organisation), "probe_at", 0)


def let_rest_end(store, queue):
    store.hdel(keys.breaker(ORG), f"rests:{queue}")


def fail(breaker, queue, error=DOWN, organisation=ORG):
    """Let *queue* be admitted and meet *error*; return the seconds until its next try."""
    admission = breaker.admit(organisation, queue)
    assert admission.wait_seconds == 0
    return breaker.meet_outage(organisation, queue, admission, error)


def about(seconds):
    return pytest.approx(seconds, rel=JITTER + 0.01, abs=0.1)


def test_a_closed_breaker_lets_everybody_call(breaker):
    assert [breaker.admit(ORG, queue).wait_seconds for queue in ("contacts", "invoices")] == [0, 0]
    assert breaker.find_outage(ORG) is None
    assert not breaker.hear_answer(ORG, "contacts")


def test_one_probe_at_growing_intervals(breaker, redis_store):
    waits = [fail(breaker, "contacts", UNREACHABLE)]
    let_rest_end(redis_store, "contacts")
    for _ in range(9):
        let_probe_be_due(redis_store)
        waits.append(fail(breaker, "contacts", UNREACHABLE))
    assert waits == [about(seconds) for seconds in (2, 4, 8, 16, 32, 64, 128, 256, 300, 300)]
    assert (FIRST_SECONDS, LONGEST_SECONDS) == (2, 300)


def test_the_probe_is_the_organisations_and_not_each_queues(breaker, redis_store):
    fail(breaker, "contacts", UNREACHABLE)
    assert breaker.admit(ORG, "invoices").wait_seconds == about(FIRST_SECONDS)
    let_probe_be_due(redis_store)
    assert breaker.admit(ORG, "invoices").is_probe
    # While that one is under way, nobody else tries.
    waits = [breaker.admit(ORG, queue).wait_seconds for queue in ("invoices", "tracking", "history")]
    assert waits == [pytest.approx(PROBE_SECONDS, abs=1)] * 3


def test_asking_how_long_to_wait_takes_no_probe(breaker, redis_store):
    fail(breaker, "contacts", UNREACHABLE)
    let_probe_be_due(redis_store)
    assert [breaker.wait_seconds(ORG, "invoices") for _ in range(3)] == [0, 0, 0]
    assert breaker.admit(ORG, "invoices").is_probe


def test_an_organisation_that_is_offline_is_left_alone_for_as_long_as_xero_asks(breaker):
    assert fail(breaker, "contacts", OFFLINE) == pytest.approx(300, abs=1)
    assert breaker.admit(ORG, "invoices").wait_seconds == pytest.approx(300, abs=1)


def test_nobody_waits_for_a_stranger_the_breaker_is_one_organisations(breaker):
    fail(breaker, "contacts", OFFLINE)
    assert breaker.admit("other", "contacts").wait_seconds == 0
    assert breaker.find_outage("other") is None


def test_a_fault_of_one_endpoint_lets_each_other_queue_find_out_once_for_itself(breaker):
    fail(breaker, "invoices", DOWN)
    assert breaker.admit(ORG, "contacts").wait_seconds == 0
    assert breaker.admit(ORG, "contacts").wait_seconds == about(FIRST_SECONDS)
    assert breaker.admit(ORG, "invoices").wait_seconds == about(FIRST_SECONDS)


def test_an_endpoint_that_alone_is_dead_holds_itself_longer_and_longer_and_the_others_not(breaker, redis_store):
    rests = []
    for _ in range(6):
        rests.append(fail(breaker, "invoices", DOWN))
        assert breaker.admit(ORG, "contacts").wait_seconds == 0
        assert breaker.hear_answer(ORG, "contacts")
        assert breaker.admit(ORG, "contacts").wait_seconds == 0
        assert breaker.admit(ORG, "invoices").wait_seconds > 0
        let_rest_end(redis_store, "invoices")
    assert rests == [about(seconds) for seconds in (2, 4, 8, 16, 32, 64)]
    assert not breaker.hear_answer(ORG, "invoices")
    assert fail(breaker, "invoices", DOWN) == about(2)


def test_the_end_of_an_outage_is_told_once_and_lets_everybody_call(breaker, redis_store):
    fail(breaker, "contacts", UNREACHABLE)
    for _ in range(5):
        let_rest_end(redis_store, "contacts")
        let_probe_be_due(redis_store)
        fail(breaker, "contacts", UNREACHABLE)
    assert breaker.hear_answer(ORG, "contacts")
    assert not breaker.hear_answer(ORG, "invoices")
    assert [breaker.admit(ORG, queue).wait_seconds for queue in ("contacts", "invoices", "tracking")] == [0, 0, 0]
    assert redis_store.hgetall(keys.breaker(ORG)) == {}


def test_a_late_failure_of_a_call_from_before_does_not_lengthen_the_pause(breaker, redis_store):
    before = [breaker.admit(ORG, queue) for queue in ("contacts", "invoices")]
    breaker.meet_outage(ORG, "contacts", before[0], DOWN)
    assert breaker.meet_outage(ORG, "invoices", before[1], DOWN) == about(FIRST_SECONDS)
    let_rest_end(redis_store, "contacts")
    let_probe_be_due(redis_store)
    assert fail(breaker, "contacts", DOWN) == about(2 * FIRST_SECONDS)


def test_a_probe_that_made_no_call_is_given_back(breaker, redis_store):
    fail(breaker, "contacts", UNREACHABLE)
    let_probe_be_due(redis_store)
    breaker.give_back(ORG, breaker.admit(ORG, "invoices"))
    assert breaker.admit(ORG, "tracking").is_probe


def test_an_outage_says_since_when_why_and_when_xero_is_tried_again(breaker, redis_store):
    fail(breaker, "contacts", OFFLINE)
    redis_store.hincrby(keys.breaker(ORG), "open_since", -3_600_000)
    outage = breaker.find_outage(ORG)
    assert outage.since == pytest.approx(redis_store.time()[0] - 3600, abs=2)
    assert outage.reason == "Xero: The Organisation is offline"
    assert outage.next_try_seconds == pytest.approx(300, abs=2)


# Turns.


def feed(core, number=3):
    core.feed(*(identify(f"u{number}", name=f"Person {number}") for number in range(number)))
    core.xero.then({"Contacts": []})


@pytest.mark.parametrize("error", [DOWN, OFFLINE, UNREACHABLE], ids=["500", "offline", "no connection"])
def test_an_outage_burns_no_attempt_buries_nothing_and_is_not_called_again(core, error):
    feed(core)
    for _ in range(20):
        core.xero.then(error)
        with pytest.raises(RetryableError):
            core.turn("contacts")
        for number in range(3):
            core.make_due("Contact", f"u{number}")
        made = len(core.xero.calls)
        assert core.turn("contacts").again_seconds > 0
        assert not core.is_due("contacts")
        assert len(core.xero.calls) == made
        let_probe_be_due(core.store)
        let_rest_end(core.store, "contacts")
    records = [core.record("Contact", f"u{number}") for number in range(3)]
    assert {(one.attempts, one.deaths, one.failing_since) for one in records} == {(0, 0, 0)}
    assert len(core.letters) == 0
    core.xero.script.clear()
    assert core.deliver()["delivered"] == 3


@pytest.mark.parametrize(
    "error",
    [
        XeroValidationError("Xero refused the call: no", ("no",)),
        AuthenticationError("Xero no longer knows this connection (403)"),
        RetryableError("Xero's minute limit is used up", 26.0),
        UncertainError("Xero knows this idempotency key for another request"),
    ],
    ids=["400", "403", "429", "key known"],
)
def test_what_xero_refuses_it_answers_and_the_breaker_stays_closed(core, error):
    feed(core)
    core.xero.then(error)
    with suppress(RetryableError, AuthenticationError):
        core.turn("contacts")
    assert core.gate.find_outage(ORG) is None


def test_with_the_first_answer_all_queues_are_woken_at_once(core):
    feed(core)
    core.feed(order_completed("1001", affiliation="Web"))
    core.xero.then(OFFLINE)
    with pytest.raises(RetryableError):
        core.turn("contacts")
    for queue in ("contacts", "invoices", "tracking"):
        assert core.turn(queue).again_seconds > 0
        assert core.wakes.claim(ORG, queue, 240)
    core.store.delete("contacts", "invoices", "tracking")
    let_probe_be_due(core.store)
    let_rest_end(core.store, "contacts")
    core.turn("contacts")
    assert [core.store.llen(queue) for queue in ("contacts", "invoices", "tracking", "history")] == [1, 1, 1, 1]
    assert core.deliver()["delivered"] == 3  # the invoice, its label and the label's category


def test_a_probe_without_budget_leaves_the_probe_to_others(core):
    feed(core)
    core.xero.then(OFFLINE)
    with pytest.raises(RetryableError):
        core.turn("contacts")
    let_probe_be_due(core.store)
    let_rest_end(core.store, "contacts")
    core.xero.then(BudgetError("no call", 9.0, "minute"))
    with pytest.raises(BudgetError):
        core.turn("contacts")
    assert core.gate.admit(ORG, "invoices").is_probe


def test_a_turn_that_has_nothing_to_send_ends_no_outage(core):
    feed(core, 1)
    core.deliver()
    core.feed(identify("u0", "2026-11-20T00:00:00Z", name="Other"))
    core.xero.then(OFFLINE)
    with pytest.raises(RetryableError):
        core.turn("contacts")
    core.feed(identify("u0", "2026-11-21T00:00:00Z", name="Person 0"))
    let_probe_be_due(core.store)
    let_rest_end(core.store, "contacts")
    assert core.turn("contacts").counts == {"unchanged": 1}
    assert core.gate.find_outage(ORG) is not None


def test_a_lock_that_is_lost_says_nothing_about_xero(core):
    feed(core)

    def stolen(request):
        core.store.set(keys.lock(ORG, "contacts"), "the next turn")
        return {"Contacts": []}

    core.xero.script.clear()
    core.xero.then(stolen)
    with pytest.raises(LockError):
        core.turn("contacts")
    assert core.gate.find_outage(ORG) is None


def test_segment_is_told_also_while_xero_is_down(core):
    feed(core, 1)
    core.xero.then(OFFLINE)
    with pytest.raises(RetryableError):
        core.turn("contacts")
    core.outbox.put(ORG, "write_back", "Contact|u0")
    assert [core.is_due(queue) for queue in ("contacts", "write_back")] == [False, True]
