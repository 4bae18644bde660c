"""Messages made without Celery's producer, which Celery reads like its own."""

import json
import time

import pytest

from segxero.xero.objects.table import QUEUES
from tests.support.processes.celery_worker import waiting
from workers.app import app
from workers.messages import messages

ARRIVAL = "0123456789abcdef0123456789abcdef"


def only(messages):
    (message,) = messages
    return message


def test_celery_reads_the_message_of_an_event(wired, redis_store, redis_url):
    redis_store.lpush("events", messages().event(ARRIVAL))
    message = only(waiting(redis_url, "events"))
    args, kwargs, embedded = message.payload
    assert (args, kwargs) == ([ARRIVAL], {})
    assert set(embedded) == {"callbacks", "errbacks", "chain", "chord"}
    assert message.headers["task"] == "workers.events.handle"
    assert message.headers["argsrepr"] == f"('{ARRIVAL}',)"
    assert message.delivery_info["routing_key"] == "events"


@pytest.mark.parametrize("queue", QUEUES)
def test_celery_reads_the_message_of_a_wake_up(wired, redis_store, redis_url, queue):
    redis_store.lpush(queue, messages().deliver(queue, "main"))
    message = only(waiting(redis_url, queue))
    assert message.payload[0] == ["main"]
    assert message.headers["task"] == f"workers.{queue}.deliver"


def test_it_is_what_celery_itself_would_have_pushed(wired, redis_store):
    redis_store.lpush("contacts", messages().deliver("contacts", "main"))
    app.tasks["workers.contacts.deliver"].apply_async(("main",))
    theirs, ours = map(json.loads, redis_store.lrange("contacts", 0, -1))
    changing = {"id", "root_id", "origin", "stamps", "stamped_headers"}
    assert {name: value for name, value in ours["headers"].items() if name not in changing} == {
        name: value for name, value in theirs["headers"].items() if name not in changing
    }
    assert ours["body"] == theirs["body"]
    assert ours["properties"].keys() == theirs["properties"].keys()
    assert ours["properties"]["delivery_info"] == theirs["properties"]["delivery_info"]
    assert (ours["content-type"], ours["content-encoding"]) == (theirs["content-type"], theirs["content-encoding"])


def test_every_message_has_ids_of_its_own():
    made = [json.loads(messages().event(f"{number:032x}")) for number in range(200)]
    assert len({message["headers"]["id"] for message in made}) == 200
    assert len({message["properties"]["delivery_tag"] for message in made}) == 200
    assert all(message["headers"]["id"] == message["properties"]["correlation_id"] for message in made)
    assert all("placeholder" not in json.dumps(message) for message in made)


def test_4000_messages_are_made_in_much_less_than_a_second():
    make = messages().event
    begun = time.process_time()
    for number in range(4000):
        make(f"{number:032x}")
    assert time.process_time() - begun < 0.5


def test_the_envelopes_are_made_once_a_process():
    assert messages() is messages()
