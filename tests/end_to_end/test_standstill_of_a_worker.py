"""A worker that stands still (SIGSTOP) for longer than its lock lives, and goes on: nothing is doubled or undone.

The seconds that a lock lives are ended here by hand: its key is deleted, as its expiry would do.
"""

import json
import signal
import time

import pytest
from kombu import Connection

from segxero.demo import LocalStack
from segxero.demo.readiness import CONTROL
from segxero.demo.stack import PROGRAMS
from segxero.store import keys
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify, order, person
from tests.support.xero import books

MINUTE = 60.0
BRPOP = 1.5  # seconds for which a worker still takes one message of a queue that it was told to leave
PEOPLE = 5

pytestmark = pytest.mark.timeout(300)


def tell_second(stack, order_, queue):
    """Let the second worker stop or start taking from *queue*."""
    with Connection(stack.redis_url) as connection:
        replies = CONTROL(connection).multi_call("ping", timeout=5, limit=2)
        (name,) = [name for reply in replies for name in reply if name.startswith("worker-2@")]
        CONTROL(connection).call([name], order_, {"queue": queue}, timeout=10)


def stop_first_during(stack, queue, what, post):
    """Let the first worker stand still in the middle of the call that *what* says, and the second take over."""
    tell_second(stack, "cancel_consumer", queue)
    time.sleep(BRPOP)
    stack.post(post)
    assert within(MINUTE, lambda: in_flight(stack, what)), stack.tail("worker")
    stack.supervisor.kill("worker", signal.SIGSTOP)
    assert within(MINUTE, lambda: not in_flight(stack, what))
    tell_second(stack, "add_consumer", queue)


def end_lock(stack, queue):
    """Let the lock run out, and the flight have left long ago."""
    flight = stack.store.get(keys.flight("main", queue))
    if flight:
        name, _, content = flight.partition("\n")
        aged = json.loads(content) | {"sent_at": "1"}
        stack.store.set(keys.flight("main", queue), f"{name}\n{json.dumps(aged)}")
    stack.store.delete(keys.lock("main", queue))


def in_flight(stack, what):
    calls = stack.control("GET", "calls?compact=1")
    return [call for call in calls if call["tenant"] and call["ended"] is None and is_one(call, what)]


def is_one(call, what):
    return f"{call['method']} {call['path'].split('/')[3]}" == what


def played():
    """Let a worker stand still before its batch departs, then with a batch in flight; return what Xero has."""
    with LocalStack((*PROGRAMS, "worker")) as stack:
        stack.wait_ready()
        stack.control("POST", "faults", {"delay": 1.5, "match": {"path": "/Contacts", "method": "GET"}})
        stop_first_during(stack, "contacts", "GET Contacts", [person(number) for number in range(PEOPLE)])
        end_lock(stack, "contacts")
        stack.post(identify("u0", at=1, name="Person 0", email="later@example.com"))
        before = within(2 * MINUTE, lambda: len(stack.records()["Contacts"]) == PEOPLE)
        stack.settle(2 * MINUTE)
        stack.supervisor.kill("worker", signal.SIGCONT)
        assert before, stack.tail("worker-2")
        assert within(MINUTE, lambda: stack.tail("worker", 500).count("redis_unavailable")), stack.tail("worker")
        contacts = [call for call in stack.calls() if call["tenant"] and is_one(call, "POST Contacts")]

        stack.control("POST", "faults", {"delay_after": 1.5, "match": {"path": "/Invoices", "method": "PUT"}})
        orders = [order(f"9{number}", f"u{number}", at=2) for number in range(PEOPLE)]
        stop_first_during(stack, "invoices", "PUT Invoices", orders)
        end_lock(stack, "invoices")
        stack.post(order("90", "u0", at=3, total="30.00", products=[{"name": "Mug", "price": 30, "quantity": 1}]))
        changed = within(2 * MINUTE, lambda: str(books.totals(stack.records()).get("90")) == "30.00")
        stack.settle(2 * MINUTE)
        stack.supervisor.kill("worker", signal.SIGCONT)
        assert changed, stack.tail("worker-2")
        stale = within(MINUTE, lambda: "stale_answer" in stack.tail("worker", 500))
        stack.settle(MINUTE)
        return {
            "records": stack.records(),
            "contact calls": len(contacts),
            "invoice calls": stack.summary()["by_resource"],
            "stale": stale,
            "letters": list(stack.dead_letters),
        }


SCENARIOS = {"stood still": played}


@pytest.fixture
def found(scenario):
    return scenario("stood still")


def test_a_worker_that_stood_still_before_its_call_sends_nothing_any_more(found):
    assert books.emails(found["records"])["u0"] == "later@example.com"
    assert len(found["records"]["Contacts"]) == PEOPLE
    assert found["contact calls"] <= 2  # the second worker's, with the change in the same or in a further one


def test_a_worker_that_stood_still_during_its_call_writes_down_nothing_any_more(found):
    assert found["stale"]
    assert len(found["records"]["Invoices"]) == PEOPLE
    assert {number: str(total) for number, total in books.totals(found["records"]).items()} == {
        "90": "30.00",
        **{f"9{number}": "20.00" for number in range(1, PEOPLE)},
    }
    assert found["invoice calls"]["PUT Invoices"]["calls"] == 1
    assert found["letters"] == []
