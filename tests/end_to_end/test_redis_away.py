"""Redis goes away and comes back: Segment is asked to come again, and all goes on by itself without a restart."""

import pytest

from segxero.demo import LocalStack
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import person
from tests.support.xero import books

PATIENCE = 3.0  # seconds within which Segment has its answer


@pytest.fixture(scope="module")
def stack():
    """A stack of this module's own, whose Xero is slow enough that records wait while Redis goes."""
    with LocalStack(sandbox={"latency": 0.3}) as running:
        running.wait_ready()
        yield running


def delivered(stack, *numbers):
    """Wait until these people are in Xero; a worker may have to start anew for that."""
    wanted = {f"u{number}" for number in numbers}
    assert within(60, lambda: wanted <= books.contacts(stack.records()).keys()), stack.tail("worker")


def refused(stack, number):
    """Post an event that Redis cannot take now; return how long the answer took."""
    answer = stack.post(person(number))
    assert answer.status_code == 503
    assert "send this again" in answer.json()["message"]
    return answer.elapsed.total_seconds()


def test_while_redis_is_stopped_the_receiver_says_503_and_all_goes_on_by_itself_afterwards(stack):
    receiver = stack.supervisor.pids()["web"]
    assert stack.post([person(number) for number in range(10)]).status_code == 200
    stack.broker.stop()
    assert max(refused(stack, 10) for _ in range(4)) < PATIENCE
    stack.broker.start()
    assert stack.post(person(10)).status_code == 200
    assert stack.supervisor.pids()["web"] == receiver
    delivered(stack, *range(11))


def test_while_redis_is_frozen_the_receiver_says_503_and_all_goes_on_by_itself_afterwards(stack):
    receiver = stack.supervisor.pids()["web"]
    stack.broker.pause()
    try:
        assert max(refused(stack, 20) for _ in range(3)) < PATIENCE
    finally:
        stack.broker.resume()
    assert stack.post(person(20)).status_code == 200
    assert stack.supervisor.pids()["web"] == receiver
    delivered(stack, 20)


def test_no_event_came_to_xero_twice_and_none_was_set_aside(stack):
    numbers = [contact["ContactNumber"] for contact in stack.records()["Contacts"]]
    assert sorted(numbers) == sorted({*(f"u{number}" for number in range(11)), "u20"})
    assert list(stack.dead_letters) == []
