"""Asks the parts of a local stack for a quick sign of work. The stack waits for it at the start."""

import requests
from kombu import Connection

from segxero.check.queues import CONTROL

PING_SECONDS = 1.0


def is_answering(http: requests.Session, url: str) -> bool:
    """Tell whether *url* answers 200 now."""
    try:
        return bool(http.get(url, timeout=5).status_code == requests.codes.ok)
    except requests.RequestException:
        return False


def are_workers_answering(broker_url: str, number: int) -> bool:
    """Tell whether *number* Celery workers answer a ping: they do once they consume their queues.

    kombu is asked and not a Celery app, because an app takes its broker from CELERY_BROKER_URL of the user's shell.
    """
    # A ping goes through the broker, so an answer proves both broker and worker.
    with Connection(broker_url) as connection:
        replies = CONTROL(connection).multi_call("ping", timeout=PING_SECONDS, limit=number)
    return len(replies or ()) >= number
