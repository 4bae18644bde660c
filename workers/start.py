"""The start of a worker or beat: logs, alerts, and a check of the set-up that ends the process when it is wrong."""

import logging
import time
from typing import Any

import click
import redis
from celery.signals import beat_init, setup_logging, worker_init

from segxero.errors import ConfigError
from segxero.services import Services
from segxero.settings import Settings
from segxero.store import formats
from segxero.telemetry import logs, sentry
from workers.base import REDIS_PAUSE, services

log = logging.getLogger(__name__)

# Celery writes two lines a task at level info; our own lines tell the results of the records.
CHATTY = ("celery.worker.strategy", "celery.app.trace")


@setup_logging.connect
def log_as_json(**_: Any) -> None:
    """Give this process our log format; connecting here keeps Celery from setting up its own."""
    level = Settings.from_env().log_level
    logs.configure(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "DEBUG" else logging.WARNING)


@beat_init.connect
@worker_init.connect
def check(**_: Any) -> None:
    """Wire the process before it takes its first message; end it with every fault of the set-up."""
    try:
        wired = services()
        _settle_format(wired)
    except ConfigError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None
    sentry.init(Settings.from_env(), "worker", wired.alerts.admits)


def _settle_format(wired: Services) -> None:
    """Bring Redis to our format before anything is read from it; wait while Redis is away, as Celery does."""
    while True:
        try:
            formats.settle(wired.redis)
        except redis.RedisError as error:
            log.warning("redis_unavailable", extra={"task": "start", "error": type(error).__name__})
            time.sleep(REDIS_PAUSE)
        else:
            return
