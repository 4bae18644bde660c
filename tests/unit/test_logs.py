"""Log lines are JSON, one a line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from segxero import logs


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


def test_a_traceback_stays_on_the_line(stream):
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("segxero.x").exception("failed")
    (text,) = stream.getvalue().splitlines()
    assert "ValueError: two\nlines" in json.loads(text)["traceback"]


def test_what_is_below_the_level_is_left_out(stream):
    logging.getLogger("segxero.x").debug("noise")
    assert stream.getvalue() == ""
