"""A history is imported by the command, beside live events, through real workers: every record once."""

import gzip
import subprocess
from pathlib import Path

import pytest

from segxero import jsontext
from segxero.demo import LocalStack
from segxero.store import keys
from tests.support.processes.command import COMMAND, segxero
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify, order

PEOPLE, ORDERS = 120, 10


@pytest.fixture
def history(tmp_path) -> Path:
    """People and their orders, the orders first, in two packed files as in Segment's archive."""
    orders = [order(f"H{number}", f"h{number}") for number in range(ORDERS)]
    people = [identify(f"h{number}", email=f"h{number}@shop.example", name=f"P {number}") for number in range(PEOPLE)]
    for name, events in (("1.gz", orders), ("2.gz", people)):
        text = "".join(jsontext.dumps(event) + "\n" for event in events)
        (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    return tmp_path


def test_an_import_that_is_killed_goes_on_and_books_everything_once(history):
    with LocalStack() as stack:
        stack.wait_ready()
        cut = subprocess.Popen([*COMMAND, "import", str(history), "--yes"], env=stack.env, stderr=subprocess.DEVNULL)
        assert within(
            30, lambda: stack.store.hget(keys.COUNTS, "events|imported") is not None or cut.poll() is not None
        )
        cut.kill()
        cut.wait()

        done = segxero(stack.env, "import", str(history), "--yes", "--json")
        assert done.status == 0, done.err
        stack.post([identify("live", email="live@shop.example", name="Live")]).raise_for_status()
        stack.settle(120)

        books = stack.records()
        assert sorted(one["InvoiceNumber"] for one in books["Invoices"]) == sorted(f"H{n}" for n in range(ORDERS))
        assert len(books["Contacts"]) == PEOPLE + 1
        assert len({one["ContactNumber"] for one in books["Contacts"]}) == PEOPLE + 1

        before = len(stack.calls())
        again = segxero(stack.env, "import", str(history), "--yes", "--json")
        assert again.json == [{"imported": 0, "known": PEOPLE + ORDERS}]
        stack.settle(60)
        assert len(stack.calls()) == before
