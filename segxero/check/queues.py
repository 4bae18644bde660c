"""The queues: that each has a worker, by those that run, or by the Procfile while none does."""

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
    """Name the queues that nobody serves."""
    served = None if set_up.before_start or "Redis" in set_up.missing else _served_now(set_up.settings.redis_url)
    if served is not None:
        yield _compared(set_up.queues, served, "the workers that run", "start a worker with")
        return
    try:
        served = served_by(set_up.procfile, set_up.queues)
    except ConfigError:
        yield unseen(
            NAME, "no worker answers, and there is no Procfile here", "run the check in the project's directory"
        )
        return
    yield _compared(set_up.queues, served, "the Procfile's workers", "add to a worker of the Procfile")
    if not set_up.before_start:
        yield note("workers", "none answers", "start one: `make run`, or the process type `worker`")


def _compared(wanted: tuple[str, ...], served: set[str], who: str, do: str) -> Finding:
    lonely = [queue for queue in wanted if queue not in served]
    if lonely:
        return fault(NAME, f"{who} do not serve {', '.join(lonely)}", f"{do} -Q {','.join(lonely)}")
    return good(NAME, f"{who} serve all {len(wanted)}")


def _served_now(broker_url: str) -> set[str] | None:
    """Ask the workers; None when none answers.

    kombu is asked and not a Celery app, because an app takes its broker from CELERY_BROKER_URL of the user's shell.
    """
    try:
        with Connection(broker_url, connect_timeout=ANSWER_SECONDS) as connection:
            replies = CONTROL(connection).multi_call("active_queues", timeout=ANSWER_SECONDS)
    except (OperationalError, OSError):
        return None
    told = [queue for reply in replies or () for queues in reply.values() for queue in queues or ()]
    return {queue["name"] for queue in told} if replies else None


def served_by(procfile: Path, queues: tuple[str, ...]) -> set[str]:
    """Return the queues that the workers of *procfile* serve; one that names none serves all *queues*.

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
        option, _, value = word.partition("=")
        if option in OPTIONS:
            yield from (value or (words[index + 1] if index + 1 < len(words) else "")).split(",")
        elif word.startswith("-Q"):
            yield from word.removeprefix("-Q").split(",")
