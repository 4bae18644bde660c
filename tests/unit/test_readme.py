import re
from pathlib import Path

import pytest
import yaml

from segxero.settings import SETTINGS

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
