"""The Celery application: `celery -A workers.app` finds it. Its settings were measured; comments name their reasons."""

from typing import Any

from celery import Celery
from kombu import Queue
from redis.connection import parse_url

from segxero.settings import Settings
from segxero.sync.queues import ALL_QUEUES, EVENTS, SCHEDULE

VISIBILITY_SECONDS = 1800  # longer than the longest countdown (delivering.py caps it) and the longest task
WAKE_SECONDS = 10.0  # how often the schedule looks for queues whose wake-up was lost
STAY_SECONDS = 3600.0  # how often it looks for connections that Xero would forget
COMPARE_SECONDS = 3600.0  # how often it compares the books, as they were read, with the mappings of now
EXPIRE_SECONDS = 300.0  # how often it looks for records that wait in vain


def _tls(url: str) -> dict[str, Any]:
    """Return the certificate options of a rediss:// address: Flower does not read them there itself."""
    if not url.startswith("rediss://"):
        return {}
    said: dict[str, Any] = dict(parse_url(url))  # type: ignore[no-untyped-call]
    return {"broker_use_ssl": {name: value for name, value in said.items() if name.startswith("ssl_")}}


def make(settings: Settings) -> Celery:
    """Make the application for *settings*; no connection is opened."""
    app = Celery(
        "segxero",
        broker=settings.redis_url,
        include=["workers.start", "workers.watchdog", "workers.dropped", *(f"workers.{queue}" for queue in ALL_QUEUES)],
    )
    app.conf.update(
        # A task is taken out of Redis when it has ended, not when it begins.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_retry_on_worker_lost=True,
        task_ignore_result=True,
        result_backend=None,
        worker_prefetch_multiplier=1,
        worker_eta_task_limit=500,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # the default gives up after 100
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "unacked_restore_interval": 15,
            "unacked_restore_throttle": 1,
            "socket_timeout": 10,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
        task_publish_retry_policy={"max_retries": 3, "interval_start": 0, "interval_step": 0.2, "interval_max": 1},
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # A misspelt queue fails when it is used, instead of feeding a list that nobody reads.
        task_create_missing_queues=False,
        task_queues=[Queue(name) for name in ALL_QUEUES],
        task_default_queue=EVENTS,
        task_routes={f"workers.{name}.*": {"queue": name} for name in ALL_QUEUES},
        worker_hijack_root_logger=False,
        worker_send_task_events=True,
        beat_schedule={
            "wake": {
                "task": "workers.schedule.wake",
                "schedule": WAKE_SECONDS,
                "options": {"queue": SCHEDULE, "expires": WAKE_SECONDS},
            },
            "expire": {
                "task": "workers.schedule.expire",
                "schedule": EXPIRE_SECONDS,
                "options": {"queue": SCHEDULE, "expires": EXPIRE_SECONDS},
            },
            "compare_books": {
                "task": "workers.schedule.compare_books",
                "schedule": COMPARE_SECONDS,
                "options": {"queue": SCHEDULE, "expires": COMPARE_SECONDS},
            },
            "stay_connected": {
                "task": "workers.schedule.stay_connected",
                "schedule": STAY_SECONDS,
                "options": {"queue": SCHEDULE, "expires": STAY_SECONDS},
            },
        },
        timezone="UTC",
        **_tls(settings.redis_url),
    )
    return app


app = make(Settings.from_env())
