"""Crashes while calls are in flight: workers and beat are killed, Redis freezes or dies, Celery loses its messages.

Each of these takes the better part of a minute to heal, so they run side by side, each on a stack of its own.
"""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import click
import pytest
import redis

from segxero.demo import LocalStack
from tests.support.processes.celery_control import BRPOP, tell_worker
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify, order, person
from tests.support.xero import books

MINUTE = 60.0
PEOPLE = 60
KILLS = 2
EVENTS = 300
TICK = 10.0  # seconds between two looks of the schedule
DELIVERIES = ("contacts", "invoices", "tracking")

pytestmark = pytest.mark.timeout(300)


def slow_calls(stack, seconds):
    stack.control("POST", "faults", {"delay": seconds, "times": 0, "match": {"path": "/api.xro/"}})


def writes_in_flight(stack):
    calls = stack.control("GET", "calls?compact=1")
    return [call for call in calls if call["tenant"] and call["method"] != "GET" and call["ended"] is None]


def killed_in_flight():
    """Kill the worker KILLS times while it writes, beat with it; return what Xero has, and how long each pause was."""
    with LocalStack() as stack:
        stack.wait_ready()
        stack.post([person(number) for number in range(PEOPLE)])
        stack.settle()
        slow_calls(stack, 1.5)
        events = [identify(f"u{number}", at=1, email=f"new{number}@example.com") for number in range(PEOPLE)]
        for number in range(PEOPLE):
            label = {"affiliation": f"Channel {number % 3}"} if number % 2 else {}
            events.append(order(f"3{number:03}", f"u{number}", at=2, **label))
        stack.post(events)
        pauses, kinds = [], set()
        for _ in range(KILLS):
            assert within(MINUTE, lambda: len(writes_in_flight(stack)) > 1)
            kinds |= {call["path"].split("/")[3] for call in writes_in_flight(stack)}
            done, began = stack.summary()["calls"], time.monotonic()
            stack.supervisor.kill("worker", signal.SIGKILL)
            stack.supervisor.kill("beat", signal.SIGKILL)
            assert within(2 * MINUTE, lambda done=done: stack.summary()["calls"] > done), stack.tail("worker")
            pauses.append(time.monotonic() - began)
        stack.control("DELETE", "faults")
        stack.settle(2 * MINUTE)
        return {"records": stack.records(), "pauses": pauses, "kinds": kinds, "letters": list(stack.dead_letters)}


def frozen_in_flight():
    """Freeze Redis while a call is in flight until the worker gives up on it; return what Xero has in the end."""
    with LocalStack() as stack:
        stack.wait_ready()
        slow_calls(stack, 2.0)
        stack.post([*[person(number) for number in range(10)], *[order(f"4{n}", f"u{n}", at=1) for n in range(10)]])
        assert within(10, lambda: writes_in_flight(stack))
        stack.broker.pause()
        log = stack.supervisor.log("worker")
        gave_up = within(MINUTE, lambda: "redis_unavailable" in log.read_text())
        stack.broker.resume()
        assert gave_up
        stack.control("DELETE", "faults")
        assert within(10, lambda: answers_ping(stack))
        stack.settle(2 * MINUTE)
        return {"records": stack.records(), "letters": list(stack.dead_letters)}


def redis_killed_again_and_again():
    """Kill Redis three times while Segment posts; return its answers, those to the refused bodies, and the contacts."""
    bodies = [[person(10 * body + number) for number in range(10)] for body in range(PEOPLE)]
    answers = []
    with LocalStack(sandbox={"latency": 0.3}) as stack, ThreadPoolExecutor(1) as segment:
        stack.wait_ready()
        sending = segment.submit(post_all, stack, bodies, answers)
        for count in (10, 25, 40):
            assert within(MINUTE, lambda count=count: len(answers) >= count)
            stack.broker.kill()
            assert within(MINUTE, lambda: 503 in answers[-2:])
            stack.broker.start()
        sending.result()
        refused = [body for body, status in zip(bodies, answers, strict=True) if status == 503]
        again = [stack.post(body).status_code for body in refused]
        assert within(2 * MINUTE, lambda: len(stack.records()["Contacts"]) >= 10 * PEOPLE), stack.tail("worker")
        assert within(10, lambda: answers_ping(stack))
        stack.settle(2 * MINUTE)
        return {"records": stack.records(), "answers": answers, "again": again, "letters": list(stack.dead_letters)}


def lost_messages():
    """Delete Celery's lists while work waits in them; return how long all took to be woken, and how long lists grew."""
    with LocalStack() as stack:
        stack.wait_ready()
        lengths, seconds = {}, {}
        for queue in ("events", *DELIVERIES):
            tell_worker(stack, "cancel_consumer", queue)
        time.sleep(BRPOP)
        orders = [order(f"5{n}", f"u{n}", at=1, affiliation="Web shop") for n in range(10)]
        stack.post([person(number) for number in range(EVENTS - 10)] + orders)
        lengths["events"] = stack.store.llen("events")
        seconds["events"] = until_woken(stack, "events")
        # Nobody takes what was woken: the schedule must not pile up more of it.
        lengths["events after a while"] = longest(stack, "events", 1.2 * TICK)
        tell_worker(stack, "add_consumer", "events")
        assert within(MINUTE, lambda: not stack.standing().inbox and all(stack.store.llen(q) for q in DELIVERIES))
        for queue in DELIVERIES:
            lengths[queue] = longest(stack, queue, 0.8 * TICK)
        stack.store.delete(*DELIVERIES)
        began = time.monotonic()
        for queue in DELIVERIES:
            tell_worker(stack, "add_consumer", queue)
        stack.settle(2 * MINUTE)
        seconds["deliveries"] = time.monotonic() - began
        return {"records": stack.records(), "seconds": seconds, "lengths": lengths, "letters": list(stack.dead_letters)}


def until_woken(stack, queue):
    """Delete Celery's list and return in how many seconds there are messages in it again."""
    began = time.monotonic()
    stack.store.delete(queue)
    assert within(2 * MINUTE, lambda: stack.store.llen(queue))
    return time.monotonic() - began


def longest(stack, queue, seconds):
    """Return the greatest length of Celery's list within *seconds*."""
    lengths = [stack.store.llen(queue)]
    within(seconds, lambda: lengths.append(stack.store.llen(queue)))
    return max(lengths)


def post_all(stack, bodies, answers):
    """Post *bodies* one after the other, as a sender does that does not wait, and note the *answers*."""
    for body in bodies:
        answers.append(stack.post(body).status_code)
        time.sleep(0.05)  # its pace; nothing is waited for


def answers_ping(stack):
    try:
        return stack.store.ping()
    except redis.RedisError:
        return False


SCENARIOS = {
    "killed": killed_in_flight,
    "frozen": frozen_in_flight,
    "redis killed": redis_killed_again_and_again,
    "lost": lost_messages,
}


@pytest.fixture
def killed(scenario):
    return scenario("killed")


@pytest.fixture
def frozen(scenario):
    return scenario("frozen")


@pytest.fixture
def redis_killed(scenario):
    return scenario("redis killed")


@pytest.fixture
def lost(scenario):
    return scenario("lost")


def test_workers_killed_in_the_middle_of_writes_leave_every_record_in_xero_exactly_once(killed):
    records = killed["records"]
    assert books.emails(records) == {f"u{number}": f"new{number}@example.com" for number in range(PEOPLE)}
    assert len(records["Contacts"]) == PEOPLE
    assert books.totals(records) == {f"3{number:03}": Decimal("20.00") for number in range(PEOPLE)}
    assert len(records["Invoices"]) == PEOPLE
    assert books.categories(records) == {"Sales channel": ["Channel 0", "Channel 1", "Channel 2"]}
    assert [invoice["Contact"] for invoice in books.invoices(records).values()].count("u7") == 1
    assert killed["letters"] == []
    assert {"Contacts", "Invoices"} <= killed["kinds"]


def test_what_a_killed_worker_was_delivering_is_picked_up_within_a_minute(killed):
    click.echo(f"seconds from kill to the next call: {[round(pause, 1) for pause in killed['pauses']]}")
    assert len(killed["pauses"]) == KILLS
    assert max(killed["pauses"]) < MINUTE


def test_a_redis_frozen_in_the_middle_of_a_write_leaves_every_record_in_xero_exactly_once(frozen):
    records = frozen["records"]
    assert books.names(records) == {f"u{number}": f"Person {number}" for number in range(10)}
    assert books.totals(records) == {f"4{number}": Decimal("20.00") for number in range(10)}
    assert (len(records["Contacts"]), len(records["Invoices"]), frozen["letters"]) == (10, 10, [])


def test_of_all_that_was_accepted_while_redis_was_killed_again_and_again_nothing_is_lost(redis_killed):
    assert set(redis_killed["answers"]) == {200, 503}
    assert set(redis_killed["again"]) == {200}
    records = redis_killed["records"]
    assert books.names(records) == {f"u{number}": f"Person {number}" for number in range(10 * PEOPLE)}
    assert (len(records["Contacts"]), redis_killed["letters"]) == (10 * PEOPLE, [])


def test_the_schedule_wakes_within_a_minute_what_lost_celery_messages_should_have_woken(lost):
    click.echo(f"seconds until woken: {lost['seconds']}")
    assert lost["seconds"].keys() == {"events", "deliveries"}
    assert max(lost["seconds"].values()) < MINUTE
    records = lost["records"]
    assert books.names(records) == {f"u{number}": f"Person {number}" for number in range(EVENTS - 10)}
    assert books.totals(records) == {f"5{number}": Decimal("20.00") for number in range(10)}
    assert lost["letters"] == []


def test_the_schedule_does_not_flood_the_queues_with_surplus_messages(lost):
    click.echo(f"longest lists: {lost['lengths']}")
    assert lost["lengths"]["events"] == EVENTS
    assert lost["lengths"]["events after a while"] <= EVENTS
    assert max(lost["lengths"][queue] for queue in DELIVERIES) <= 4
