"""Structured logs: a JSON object on each line, with the entries of `extra=` as fields. Every process configures them.

Log lines carry ids and counts, never bodies, secrets or personal data. So the text of an exception is left out; a
record that fails keeps it in its dead letter.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

# At DEBUG these write tokens, credentials, bodies, and addresses that are a secret or name a person.
TALKATIVE = ("oauthlib", "requests_oauthlib", "segment", "urllib3")

_STANDARD = {*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName", "color_message"}
_STANDARD.add("data")  # Celery's: the arguments of a task, and the text of its exception


class JsonFormatter(logging.Formatter):
    """Writes a log record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _without_text(record),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        if record.exc_info:
            line["traceback"] = _where(record.exc_info[1])
        return json.dumps(line, default=str)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield *error* and the errors that caused it."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _without_text(record: logging.LogRecord) -> str:
    """Return the message; where it repeats the text of an exception, which may hold anything, its class stands."""
    message = record.getMessage()
    for error in _chain(record.exc_info[1] if record.exc_info else None):
        for text in (repr(error), str(error)):
            if text:
                message = message.replace(text, type(error).__name__)
    return message


def _where(error: BaseException | None) -> str:
    """Return the traceback without the texts of exceptions."""
    return "\n".join(
        "".join(traceback.format_tb(one.__traceback__)) + type(one).__qualname__ for one in reversed([*_chain(error)])
    )


def configure(level: str, stream: TextIO | None = None) -> None:
    """Let every logger of this process write lines of JSON from *level* up to *stream* (default: standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
