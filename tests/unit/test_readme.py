import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from segxero.oversight.blocked import Blocked, BlockedCause
from segxero.oversight.blocked_rows import blocked_row, cause_row
from segxero.oversight.display import organisation_row
from segxero.oversight.standing import Standing
from segxero.settings import SETTINGS
from segxero.xero.api.budget import CallsLeft

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)? *\| (.+) \|$", re.MULTILINE)


@pytest.fixture
def text():
    return README.read_text(encoding="utf-8")


def test_the_table_names_every_setting_with_its_default_in_the_same_order(text):
    rows = [(name, default) for name, default, _ in ROW.findall(text)]

    assert rows == [(name, setting.default) for name, setting in SETTINGS.items()]


def test_its_sections_come_in_the_order_in_which_a_newcomer_needs_them(text):
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Two commands",
        "Contents",
        "A set-up of your own in ten minutes",
        "Connect Segment and Xero",
        "Change a mapping",
        "When Xero is down",
        "Settings",
        "Links",
    ]


def test_its_table_names_the_keys_of_every_list(text):
    rows = {
        command: re.findall(r"`(\w+)`", names)
        for command, names in re.findall(r"^\| `([a-z -]+)` \| (`id`.+|`org.+) \|$", text, re.MULTILINE)
    }
    one = Blocked(
        organisation="main",
        queue="invoices",
        object="Invoice",
        key="1",
        error="Parked",
        message="",
        next_step="",
        since=datetime.now(UTC),
    )
    cause = BlockedCause(
        id="a", organisation="main", queue="", error="", cause="", said="", next_step="", since=datetime.now(UTC)
    )
    standing = Standing(organisation="main", queues=(), rest=CallsLeft(minute=1, day=1, day_ends_in=1.0), outage=None)
    assert rows == {
        "dead-letters list": list(blocked_row(one)),
        "dead-letters causes": list(cause_row(cause, [])),
        "status": [*organisation_row(standing), "queues", "unbooked"],
    }


def test_every_make_command_that_it_shows_exists(text):
    makefile = README.with_name("Makefile").read_text(encoding="utf-8")

    shown = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert {"demo", "test", "run", "help", "dead-letters", "replay"} <= shown
    assert [name for name in shown if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


def test_the_mapping_that_it_shows_is_part_of_the_shipped_file(text):
    (shown,) = re.findall(r"```yaml\n(.+?)```", text, re.DOTALL)
    shipped = README.parent.joinpath("mappings", "orders.yaml").read_text(encoding="utf-8")
    lines = re.sub(r" +#.*$", "", shipped, flags=re.MULTILINE).splitlines()
    assert [line for line in shown.splitlines() if line not in lines] == []
    mapping, part = yaml.safe_load(shipped)[0], yaml.safe_load(shown)[0]
    assert part["fields"].items() <= mapping["fields"].items()
    assert {**mapping, **part, "fields": mapping["fields"]} == mapping
