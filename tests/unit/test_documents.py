"""The documents name only what exists: files, sections, Make targets, commands and settings."""

import re
from itertools import takewhile
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from segxero.cli import commands as segxero
from segxero.settings import SETTINGS
from tests.benchmarks.__main__ import QUESTIONS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    "README.md",
    "CHANGELOG.md",
    "docker/README.md",
    "mappings/README.md",
    "segxero/README.md",
    "segxero/sync/records/STATES.md",
    "tests/README.md",
]
FOLDERS = ("segxero", "workers", "mappings", "tests", "docker")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
COMMAND = re.compile(r"(?:`|^\.venv/bin/)segxero ([a-z][^`\n]*)", re.MULTILINE)
SETTING = re.compile(r"(?:SEGXERO|SEGMENT|XERO|ALERT|SENTRY)_[A-Z_]+")
OF_COMPOSE = {"SEGXERO_HOST"}
MOST_WORDS = 1500


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(name: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", read(name), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_and_a_section(name):
    lost = []
    for target, anchor in LINK.findall(read(name)):
        path = (ROOT / name).parent / target if target else ROOT / name
        if not path.exists() or (anchor and anchor not in anchors(str(path.resolve().relative_to(ROOT)))):
            lost.append(f"{target}#{anchor}")
    assert lost == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_exists(name):
    shown = {
        text for text in CODE.findall(read(name)) if PATH.fullmatch(text) and text.startswith(FOLDERS) and "/" in text
    }
    assert sorted(path for path in shown if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_exists(name):
    targets = re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE)
    shown = set(re.findall(r"(?:^|`)make ([a-z-]+)", read(name), re.MULTILINE))
    assert sorted(shown - set(targets)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_exists(name):
    shown = {
        " ".join(takewhile(re.compile("[a-z][a-z-]*$").match, text.split())) for text in COMMAND.findall(read(name))
    }
    wrong = [text for text in sorted(shown) if CliRunner().invoke(segxero, [*text.split(), "--help"]).exit_code]
    assert wrong == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_setting_exists(name):
    assert sorted(set(SETTING.findall(read(name))) - SETTINGS.keys() - OF_COMPOSE) == []


def test_readme_is_short():
    text = re.sub(r"```.*?```", "", read("README.md"), flags=re.DOTALL)
    words = [word for line in text.splitlines() if not line.startswith("|") for word in line.split()]
    assert len(words) <= MOST_WORDS


def test_a_xero_object_needs_at_most_four_new_files_and_five_edits():
    (row,) = re.findall(r"^\| a Xero object with a queue \| (.+) \| (.+) \|$", read("segxero/README.md"), re.MULTILINE)
    new, edits = (
        [text for text in CODE.findall(cell) if PATH.fullmatch(text) and text != "XeroObject"] for cell in row
    )
    assert (len(new), len(edits)) == (4, 5)


def test_the_table_of_rooms_names_every_package():
    table = read("segxero/README.md").partition("## The rooms")[2].partition("\n## ")[0]
    rooms = [ROOT / "segxero", ROOT / "segxero" / "sync", ROOT / "segxero" / "xero"]
    packages = {file.parent.relative_to(ROOT) for room in rooms for file in room.glob("*/__init__.py")}
    assert sorted(str(package) for package in packages if f"`{package}/`" not in table) == []


def test_the_table_of_benchmarks_names_every_question():
    assert re.findall(r"^\| `(\w+)` \| How", read("tests/README.md"), re.MULTILINE) == list(QUESTIONS)


def test_the_hooks_before_a_commit_run_every_linter_of_make():
    lint = re.search(r"^lint:.*\n((?:\t.+\n)+)", read("Makefile"), re.MULTILINE)
    hooks = [hook["entry"] for hook in yaml.safe_load(read(".pre-commit-config.yaml"))["repos"][0]["hooks"]]
    lines = [line.replace("$(BIN)", ".venv/bin") for line in re.findall(r"^\t@(.+)$", lint[1], re.MULTILINE)]
    assert [hook.split()[:2] for hook in hooks] == [line.split()[:2] for line in lines]
