"""What an older version of segxero left in Redis is worked off by this one, to the last record.

tests/formats/format_N.json is a whole Redis of format N as the version wrote it that had it, but for tokens, locks and
budgets. It was made by real processes: one contact delivered and one order buried; then, with the worker stopped, an
identify and an order in the inbox with their Celery messages, and folded records in four outboxes, one of them on a
flight. Whoever adds a format freezes the one before it the same way, before changing anything, adds it to DUMPS,
and asks the same of it.
"""

from decimal import Decimal

import pytest

from segxero.demo import LocalStack
from segxero.processes.broker import EmbeddedBroker
from segxero.store import formats, keys
from segxero.store.client import connect
from tests.support.redis import dumps
from tests.support.xero import books

DUMPS = ["format_1.json"]


@pytest.fixture(scope="module", params=DUMPS)
def stack(request, tmp_path_factory):
    """Processes of today that find a Redis of old, and a Xero that knows nothing of it."""
    with EmbeddedBroker(tmp_path_factory.mktemp("redis")) as broker:
        with connect(broker.url) as store:
            dumps.load(store, request.param)
        with LocalStack(redis_url=broker.url) as running:
            running.wait_ready()
            running.settle()
            yield running


def test_every_format_up_to_todays_has_its_dump():
    assert [f"format_{number}.json" for number in range(1, formats.FORMAT + 1)] == DUMPS


def test_redis_says_todays_format_and_that_it_forgot_nothing(stack):
    assert stack.store.hmget(keys.FORMAT, "number", "knows_since") == [str(formats.FORMAT), ""]


def test_what_waited_in_the_inbox_the_outboxes_and_the_flight_is_in_xero_once(stack):
    records = stack.records()
    assert books.names(records) == {"u2": "Bob Bell", "u3": "Cy Cole", "u4": "Di Dunn"}
    assert books.totals(records) == {"3001": Decimal("20.00"), "3002": Decimal("20.00")}
    assert books.invoices(records)["3002"]["Labels"] == {"Sales channel": "Web shop"}
    (note,) = records["CreditNotes"]
    assert (note["Total"], note["RemainingCredit"], len(note["Allocations"])) == (Decimal("5.00"), Decimal("0.00"), 1)


def test_the_flight_in_doubt_was_looked_up_before_it_was_sent(stack):
    calls = [call for call in stack.calls() if call["path"].endswith("/Contacts")]
    asked = [call["query"] for call in calls if call["method"] == "GET" and "u4" in call["query"]]
    made = [one.get("ContactNumber") for call in calls if call["method"] == "POST" for one in call["body"]["Contacts"]]
    assert (len(asked), sorted(filter(None, made))) == (1, ["u2", "u3", "u4"])


def test_the_letter_is_still_the_only_one_and_what_was_delivered_is_left_alone(stack):
    assert [(letter.error, letter.queue) for letter in stack.dead_letters] == [("MappingError", "events")]
    found = stack.store.hgetall(keys.record("main", "Contact|u1"))
    assert (found["disposition"], found["version"]) == ("delivered", "1")
    assert stack.store.llen(keys.trace("main", "Contact|u1")) == 2
    assert stack.standing().parked == ()
