"""Asks the parts of a local stack whether they can work, quickly and by what they are for."""

from typing import Any

import requests
from kombu import Connection
from kombu.pidbox import Mailbox

PING_SECONDS = 1.0
CONTROL: Any = Mailbox("celery", type="fanout", accept=["json"], serializer="json")  # where Celery's workers listen


def answers(http: requests.Session, url: str) -> bool:
    """Tell whether *url* answers 200 now."""
    try:
        return bool(http.get(url, timeout=5).status_code == requests.codes.ok)
    except requests.RequestException:
        return False


def workers_answer(broker_url: str, number: int) -> bool:
    """Tell whether *number* Celery workers answer a ping: they do once they consume their queues.

    kombu is asked and not a Celery app, because an app takes its broker from CELERY_BROKER_URL of the user's shell.
    """
    with Connection(broker_url) as connection:
        replies = CONTROL(connection).multi_call("ping", timeout=PING_SECONDS, limit=number)
    return len(replies or ()) >= number
