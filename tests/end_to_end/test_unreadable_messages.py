"""Things in Celery's lists that no worker can read: they stop nobody, and real events get through."""

import base64
import json
import time
import uuid

from tests.support.processes.celery_control import BRPOP, tell_worker
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import person
from tests.support.xero import books

QUEUES = ("events", "contacts", "invoices", "tracking", "schedule")


def message(task, *arguments, body=None, **changes):
    """Make a message as Celery does, for a *task* that need not exist."""
    content = json.dumps([arguments, {}, {}]) if body is None else body
    properties = {
        "correlation_id": "x",
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": "events"},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": str(uuid.uuid4()),
    }
    return json.dumps(
        {
            "body": base64.b64encode(content.encode()).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {"lang": "py", "task": task, "id": str(uuid.uuid4()), "root_id": None, "parent_id": None},
            "properties": properties,
            **changes,
        }
    )


# Without the gate in workers/transport.py the first four would end a worker.
UNREADABLE = [
    ("events", "garbage"),
    ("contacts", b"\xff\xfe\x00garbage"),
    ("invoices", '"garbage"'),
    ("tracking", "42"),
    ("events", '{"hello": "world"}'),
    ("events", message("workers.events.handle", body="{")),
    ("events", message("workers.events.handle", "x", **{"content-type": "application/x-python"})),
    ("events", message("workers.events.unheard_of", "x")),
    ("events", message("workers.events.handle", "0" * 32)),
    ("events", message("workers.events.handle", "x", "y", "z")),
    ("events", message("workers.events.handle", {"a": [None]})),
    ("contacts", message("workers.contacts.deliver", "no-such-organisation")),
    ("schedule", message("workers.schedule.unheard_of")),
]


def test_unreadable_messages_stop_nobody_and_real_events_get_through(stack):
    for number, (queue, unreadable) in enumerate(UNREADABLE):
        stack.store.lpush(queue, unreadable)
        assert stack.post([person(10 * number + one) for one in range(5)]).status_code == 200
    wanted = {f"u{10 * number + one}" for number in range(len(UNREADABLE)) for one in range(5)}
    assert within(120, lambda: wanted <= books.contacts(stack.records()).keys()), stack.tail("worker")
    stack.settle()
    numbers = [contact["ContactNumber"] for contact in stack.records()["Contacts"]]
    assert sorted(numbers) == sorted(wanted)
    assert "ended with status" not in stack.tail("worker", 1000)


def test_what_no_worker_can_read_is_a_dead_letter_that_shows_its_bytes(stack):
    letters = list(stack.dead_letters)
    unreadable = [letter for letter in letters if letter.error == "UnreadableMessageError"]
    assert len(unreadable) == 7
    shown = [base64.b64decode(letter.sentences[0].rpartition(" ")[2]) for letter in unreadable]
    assert b"\xff\xfe\x00garbage" in shown
    unknown = [letter for letter in letters if letter.error == "UnknownTaskError"]
    assert sorted(letter.message for letter in unknown) == [
        "no worker knows the task workers.events.unheard_of",
        "no worker knows the task workers.schedule.unheard_of",
    ]


def spoiled(text, way):
    """Return the Celery message *text* of an event, spoiled in one of the ways in which Celery drops a message."""
    content = json.loads(text)
    if way == "an unknown task":
        content["headers"]["task"] = "workers.events.renamed"
    elif way == "a body that cannot be decoded":
        content["body"] = "%%%"
    elif way == "a content type that is not accepted":
        content["content-type"] = "application/x-python-serialize"
    elif way == "arguments that do not fit":
        content["body"] = base64.b64encode(json.dumps([[], {}, {}]).encode()).decode()
    elif way == "no message of Celery":
        content = {"hello": "world"}
    elif way == "revoked by its expiry":
        content["headers"]["expires"] = "2020-01-01T00:00:00+00:00"
    else:
        content = None
    return json.dumps(content)


WAYS = (
    "an unknown task",
    "a body that cannot be decoded",
    "a content type that is not accepted",
    "arguments that do not fit",
    "no message of Celery",
    "revoked by its expiry",
    "nothing at all",
)


def test_an_event_whose_message_celery_drops_is_woken_again(stack):
    tell_worker(stack, "cancel_consumer", "events")
    time.sleep(BRPOP)
    stack.post([person(2000 + number) for number in range(len(WAYS))])
    messages = stack.store.lrange("events", 0, -1)
    assert len(messages) == len(WAYS)
    stack.store.delete("events")
    stack.store.rpush("events", *(spoiled(text, way) for text, way in zip(messages, WAYS, strict=True)))
    tell_worker(stack, "add_consumer", "events")
    wanted = {f"u{2000 + number}" for number in range(len(WAYS))}
    assert within(120, lambda: wanted <= books.contacts(stack.records()).keys()), stack.tail("worker")
    stack.settle()


def test_in_the_end_the_worker_runs_and_nothing_is_left_in_the_lists(stack):
    assert within(60, lambda: not any(stack.store.llen(queue) for queue in QUEUES[:-1]))
    stack.wait_ready()
    stack.post(person(999))
    stack.settle()
    assert books.names(stack.records())["u999"] == "Person 999"
