"""Queues: each needs a worker. Asks the running workers; if none runs, reads the Procfile."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kombu import Connection
from kombu.exceptions import OperationalError
from kombu.pidbox import Mailbox

from segxero.check.finding import Finding, fault, good, note, unseen
from segxero.check.set_up import SetUp
from segxero.errors import ConfigError
from segxero.processes import procfile_lines

NAME = "queues"
ANSWER_SECONDS = 1.0
OPTIONS = ("-Q", "--queues")
CONTROL: Any = Mailbox("celery", type="fanout", accept=["json"], serializer="json")  # where Celery's workers listen


def look(set_up: SetUp) -> Iterator[Finding]:
    """Report the queues without a worker."""
    served = None if set_up.before_start or "Redis" in set_up.missing else _ask_workers(set_up.settings.redis_url)
    # Running workers are the truth; the Procfile is only the plan.
    if served is not None:
        yield _compare(set_up.queues, served, "the running workers", "start a worker with")
        return
    try:
        served = read_served_queues(set_up.procfile, set_up.queues)
    except ConfigError:
        yield unseen(
            NAME, "no worker answers, and this directory has no Procfile", "run the check in the project's directory"
        )
        return
    yield _compare(set_up.queues, served, "the Procfile's workers", "add to a worker in the Procfile")
    # Without workers events wait but are not lost, so this is a note.
    if not set_up.before_start:
        yield note("workers", "no worker answers", "start one: `make run`, or the process type `worker`")


def _compare(wanted: tuple[str, ...], served: set[str], who: str, do: str) -> Finding:
    unserved = [queue for queue in wanted if queue not in served]
    if unserved:
        return fault(NAME, f"{who} do not serve {', '.join(unserved)}", f"{do} -Q {','.join(unserved)}")
    return good(NAME, f"{who} serve all {len(wanted)}")


def _ask_workers(broker_url: str) -> set[str] | None:
    """Return the queues of the running workers; None when no worker answers.

    This uses kombu directly, because a Celery app would take its broker from CELERY_BROKER_URL in the user's shell.
    """
    try:
        with Connection(broker_url, connect_timeout=ANSWER_SECONDS) as connection:
            replies = CONTROL(connection).multi_call("active_queues", timeout=ANSWER_SECONDS)
    except (OperationalError, OSError):
        return None
    told = [queue for reply in replies or () for queues in reply.values() for queue in queues or ()]
    return {queue["name"] for queue in told} if replies else None


def read_served_queues(procfile: Path, queues: tuple[str, ...]) -> set[str]:
    """Return the queues served by the workers of *procfile*. A worker without -Q serves all *queues*.

    Raise ConfigError when the file cannot be read.
    """
    served: set[str] = set()
    for line in procfile_lines(procfile).values():
        words = shlex.split(line)
        if "celery" in words and "worker" in words:
            named = set(_named(words)) - {""}
            served |= named or set(queues)
    return served


def _named(words: list[str]) -> Iterator[str]:
    for index, word in enumerate(words):
        # Celery accepts `-Q a,b`, `-Qa,b` and `--queues=a,b`.
        option, _, value = word.partition("=")
        if option in OPTIONS:
            yield from (value or (words[index + 1] if index + 1 < len(words) else "")).split(",")
        elif word.startswith("-Q"):
            yield from word.removeprefix("-Q").split(",")
