"""`segxero import`: a rehearsal that writes nothing and finds what is wrong, then events that are taken once."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from segxero import jsontext
from segxero.cli import commands
from segxero.errors import ConfigError
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.folding.inbox import Arrival
from segxero.sync.folding.unbooked import UnbookedEvents
from tests.support.segment.shop_events import identify, order, page

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def history(tmp_path) -> Path:
    """A history of two files: 3 people, 2 orders, one of which is wrong, a page call and a repeated event."""
    wrong = order("A2", "u2")
    wrong["properties"]["total"] = 1
    days = tmp_path / "segment-logs"
    days.mkdir()
    first = [identify("u1", email="u1@x.example"), identify("u2", email="u2@x.example"), order("A1", "u1"), page("u1")]
    second = [identify("u3", email="u3@x.example"), wrong, first[0]]
    (days / "1.gz").write_bytes(gzip.compress("".join(jsontext.dumps(one) + "\n" for one in first).encode()))
    (days / "2.ndjson").write_text("".join(jsontext.dumps(one) + "\n" for one in second))
    return days


@pytest.fixture
def call(redis_url, redis_store):
    def called(*arguments: str, text: str = "", mappings: Path = PROJECT / "mappings") -> Result:
        env = {"REDIS_URL": redis_url, "SEGXERO_MAPPINGS": str(mappings)}
        return CliRunner().invoke(commands, ["import", *map(str, arguments)], env=env, input=text)

    return called


def arrivals(store: Store) -> list[Arrival]:
    return [Arrival.from_json(text) for text in store.hvals(keys.INBOX)]


def test_a_dry_run_says_what_would_be_made_and_what_is_wrong_and_writes_nothing(call, history, redis_store):
    done = call(history, "--dry-run", "--json")
    report: dict[str, Any] = json.loads(done.output)
    assert done.exit_code == 1
    assert {name: report[name] for name in ("files", "read", "unreadable", "ignored", "repeated", "events")} == {
        "files": 2,
        "read": 7,
        "unreadable": 0,
        "ignored": 1,
        "repeated": 1,
        "events": 5,
    }
    assert {one["object"]: (one["records"], one["ready"], one["calls"]) for one in report["records"]} == {
        "Contact": (3, 3, 1),
        "Invoice": (1, 1, 1),
        "Order": (2, 1, 0),
    }
    (doubt,) = report["doubts"]
    assert (doubt["kind"], doubt["example"], doubt["number"]) == ("waits", "Order A2", 1)
    assert doubt["reason"] == (
        "Order A2 is 19.00 NZD less than its parts (20.00): goods 20.00. Its total is 1.00. Which part is missing?"
    )
    assert redis_store.keys() == []


def test_w1_orders_of_one_cause_are_one_doubt_with_the_sentence_of_the_first(call, tmp_path):
    file = tmp_path / "days.ndjson"
    wrong = [order(number, "u1", total=total) for number, total in (("A2", "27.00"), ("A3", "31.00"))]
    file.write_text("".join(jsontext.dumps(one) + "\n" for one in [identify("u1", email="u1@x.example"), *wrong]))
    (doubt,) = json.loads(call(file, "--dry-run", "--json").output)["doubts"]
    assert doubt == {
        "kind": "waits",
        "reason": (
            "Order A2 is 7.00 NZD more than its parts (20.00): goods 20.00. Its total is 27.00. Which part is missing?"
        ),
        "example": "Order A2",
        "number": 2,
    }


def test_a_good_history_has_no_doubts(call, history):
    done = call(history / "1.gz", "--dry-run")
    assert (done.exit_code, "No faults found." in done.output) == (0, True)


def test_events_are_taken_as_history_and_only_once(call, history, redis_store):
    done = call(history, "--yes")
    assert done.exit_code == 0, done.output
    kept = arrivals(redis_store)
    assert (len(kept), {one.historical for one in kept}) == (5, {True})
    assert json.loads(call(history, "--json").output) == [{"imported": 0, "known": 5}]
    assert len(arrivals(redis_store)) == 5


def test_nobody_is_taken_by_surprise(call, history, redis_store):
    assert call(history, text="n\n").exit_code == 1
    assert redis_store.keys() == []
    assert call(history, text="y\n").exit_code == 0
    assert len(arrivals(redis_store)) == 5


def test_what_happened_on_other_days_is_left_out(call, tmp_path, redis_store):
    file = tmp_path / "days.ndjson"
    days = ["2026-01-31T23:59:59.999Z", "2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z", "2026-03-01T00:00:00Z"]
    events = [{"type": "identify", "messageId": day, "userId": day, "timestamp": day} for day in days]
    file.write_text("\n".join(map(jsontext.dumps, events)))
    assert call(file, "--yes", "--since", "2026-02-01", "--until", "2026-03-01").exit_code == 0
    assert sorted(one.message_id for one in arrivals(redis_store)) == days[1:3]


def test_lines_that_cannot_be_read_stop_it_unless_they_are_skipped(call, tmp_path, redis_store):
    file = tmp_path / "cut.ndjson"
    file.write_text(jsontext.dumps(identify("u1")) + '\n{"type": "ident\n')
    report = json.loads(call(file, "--dry-run", "--json").output)
    assert report["doubts"] == [
        {"kind": "dead letter", "reason": "The event is not JSON.", "example": f"{file}:2", "number": 1}
    ]
    done = call(file, "--yes")
    assert isinstance(done.exception, ConfigError)
    assert redis_store.keys() == []
    assert call(file, "--yes", "--skip-unreadable").exit_code == 0
    assert len(arrivals(redis_store)) == 1


def test_after_a_change_of_the_mappings_a_file_is_taken_again(call, history, redis_store, tmp_path):
    fewer = tmp_path / "mappings"
    shutil.copytree(PROJECT / "mappings", fewer)
    (fewer / "orders.yaml").unlink()
    assert call(history, "--yes", mappings=fewer).exit_code == 0
    redis_store.delete(keys.INBOX)  # the workers have folded them, without orders

    assert call(history, "--yes").exit_code == 0
    assert len(arrivals(redis_store)) == 5


def test_a_rehearsal_shows_the_money_of_ignored_events_and_the_import_counts_it_once(call, tmp_path, redis_store):
    sale = {**order("P1", "u1"), "event": "POS Order Placed", "messageId": "pos-1"}
    (tmp_path / "days.ndjson").write_text("".join(jsontext.dumps(sale) + "\n" for _ in range(2)))
    (row,) = json.loads(call(tmp_path / "days.ndjson", "--dry-run", "--json").output)["unbooked"]
    total = str(sale["properties"]["total"])
    assert (row["event"], row["count"], list(row["sums"].values())) == ("POS Order Placed", 1, [total])
    assert "pos-order" in row["suggestion"]
    assert redis_store.keys() == []
    for _ in range(2):
        assert call(tmp_path / "days.ndjson", "--yes").exit_code == 0
    (kept,) = UnbookedEvents(redis_store).sums("main")
    assert (kept.event, kept.count) == ("POS Order Placed", 1)
