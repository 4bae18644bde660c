"""Things in Celery's lists that no worker can read: they stop nobody, and real events get through."""

import base64
import json
import uuid

from tests.support import books
from tests.support.shop_events import person
from tests.support.waiting import within

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


# The first four end a worker, so each goes to another list; it is started again with a growing delay.
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


def test_in_the_end_the_worker_runs_and_nothing_is_left_in_the_lists(stack):
    assert within(60, lambda: not any(stack.store.llen(queue) for queue in QUEUES[:-1]))
    stack.wait_ready()
    stack.post(person(999))
    stack.settle()
    assert books.names(stack.records())["u999"] == "Person 999"
