"""Log lines are JSON, one a line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from segxero.telemetry import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    lines = io.StringIO()
    root.handlers = []
    logs.configure("INFO", lines)
    yield lines
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level


def test_a_fact_is_one_line_with_its_fields(stream):
    logging.getLogger("segxero.x").info("kept %d", 3, extra={"organisation": "main", "when": {1}})
    line = json.loads(stream.getvalue())
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "segxero.x",
        "message": "kept 3",
        "organisation": "main",
        "when": "{1}",
    }


def test_a_traceback_stays_on_the_line_without_what_the_exceptions_say(stream):
    name = "Ann Lee"
    try:
        try:
            raise KeyError(name)
        except KeyError as error:
            raise ValueError(f"{name}\nis wrong") from error
    except ValueError as error:
        logging.getLogger("segxero.x").exception("failed: %r, %s", error, error)  # noqa: TRY401
    (text,) = stream.getvalue().splitlines()
    line = json.loads(text)
    assert line["message"] == "failed: ValueError, ValueError"
    assert [part for part in line["traceback"].splitlines() if not part.startswith(" ")] == ["KeyError", "ValueError"]
    assert "test_logs.py" in line["traceback"]
    assert "Ann" not in text


def test_libraries_that_write_secrets_at_debug_are_kept_from_it():
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.configure("DEBUG", stream)
        for name in ("oauthlib.oauth2", "requests_oauthlib", "segment", "urllib3.connectionpool"):
            logging.getLogger(name).debug("POST /hook/secret")
    finally:
        logging.captureWarnings(capture=False)
        root.handlers, root.level = handlers, level
    assert stream.getvalue() == ""


def test_what_is_below_the_level_is_left_out(stream):
    logging.getLogger("segxero.x").debug("noise")
    assert stream.getvalue() == ""
