"""The Celery application: every queue has its module, its route and its task, and nothing gets lost by a setting."""

import importlib

import pytest
from celery.exceptions import QueueNotFound

from segxero.settings import Settings
from segxero.sync.queues import ALL_QUEUES
from segxero.xero.objects.table import QUEUES
from workers.app import COMPARE_SECONDS, EXPIRE_SECONDS, STAY_SECONDS, VISIBILITY_SECONDS, WAKE_SECONDS, app, make
from workers.base import SafeTask
from workers.delivering import LONGEST_COUNTDOWN
from workers.schedule import LOST_SECONDS

TASKS = {
    "events": "workers.events.handle",
    "contacts": "workers.contacts.deliver",
    "tracking": "workers.tracking.deliver",
    "orders": "workers.orders.deliver",
    "items": "workers.items.deliver",
    "invoices": "workers.invoices.deliver",
    "credit_notes": "workers.credit_notes.deliver",
    "payments": "workers.payments.deliver",
    "history": "workers.history.deliver",
    "write_back": "workers.write_back.deliver",
    "schedule": "workers.schedule.wake",
}


@pytest.fixture(scope="module", autouse=True)
def _loaded():
    app.loader.import_default_modules()


def test_the_queues_are_these():
    assert sorted(ALL_QUEUES) == sorted(TASKS)
    assert set(QUEUES) < set(ALL_QUEUES)
    assert sorted(app.amqp.queues) == sorted(TASKS)


@pytest.mark.parametrize("queue", ALL_QUEUES)
def test_every_queue_has_a_module_with_its_task_and_its_route(queue):
    module = importlib.import_module(f"workers.{queue}")
    task = app.tasks[TASKS[queue]]
    assert getattr(module, task.name.rpartition(".")[2]).name == task.name
    assert app.amqp.router.route({}, task.name)["queue"].name == queue
    assert isinstance(task, SafeTask)


def test_there_are_no_other_tasks():
    ours = sorted(name for name in app.tasks if not name.startswith("celery."))
    # dead_letter only shows a dead letter in Flower: it fails, and nothing hangs on it.
    further = ("dead_letter", "compare_books", "expire", "stay_connected")
    assert ours == sorted([*TASKS.values(), *(f"workers.schedule.{name}" for name in further)])


@pytest.mark.parametrize("name", TASKS.values())
def test_a_message_is_taken_out_when_its_task_has_ended_and_never_given_up(name):
    task = app.tasks[name]
    assert task.acks_late
    assert task.reject_on_worker_lost
    assert task.max_retries is None
    assert task.ignore_result


def test_a_misspelt_queue_fails_when_it_is_used():
    with pytest.raises(QueueNotFound):
        app.tasks["workers.contacts.deliver"].apply_async(("main",), queue="contcts")


def test_beat_wakes_what_was_lost_every_few_seconds_and_does_not_pile_up():
    assert {name: entry["schedule"] for name, entry in app.conf.beat_schedule.items()} == {
        "wake": WAKE_SECONDS,
        "expire": EXPIRE_SECONDS,
        "compare_books": COMPARE_SECONDS,
        "stay_connected": STAY_SECONDS,
    }
    assert WAKE_SECONDS <= 60
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert entry["options"] == {"queue": "schedule", "expires": entry["schedule"]}


def test_no_countdown_is_longer_than_redis_keeps_a_message_back():
    assert LONGEST_COUNTDOWN < VISIBILITY_SECONDS
    assert LOST_SECONDS < 60


@pytest.mark.parametrize(
    ("dyno", "query", "said"),
    [
        ("web.1", "", {"ssl_cert_reqs": "none"}),
        ("", "", {"ssl_cert_reqs": "required"}),
        ("", "?ssl_cert_reqs=none", {"ssl_cert_reqs": "none"}),
        (
            "web.1",
            "?ssl_cert_reqs=required&ssl_ca_certs=/ca.pem&ssl_check_hostname=false",
            {"ssl_cert_reqs": "required", "ssl_ca_certs": "/ca.pem", "ssl_check_hostname": False},
        ),
    ],
)
def test_celery_and_flower_verify_a_certificate_as_the_address_says(dyno, query, said):
    made = make(Settings.from_env({"DYNO": dyno, "REDIS_URL": f"rediss://:secret@host:6380/0{query}"}))
    assert made.conf.broker_use_ssl == said
    assert not app.conf.broker_use_ssl
