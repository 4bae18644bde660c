"""mappings/README.md: every example is cut from a shipped file or runs, and every directive has one."""

import re
from pathlib import Path

import pytest

from segxero import jsontext
from segxero.mapping import compile_value
from segxero.mapping.files.loader import load
from segxero.mapping.files.mappings import KNOWN
from segxero.mapping.files.organisations import SETTINGS
from segxero.mapping.files.strict_yaml import read
from segxero.mapping.language.directive import DIRECTIVES, DirectiveSettings
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.mapping_files import OBJECTS

MAPPINGS = Path(__file__).parents[4] / "mappings"
README = (MAPPINGS / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"^### `(@\w+)`\n\n(.+?)\n\n"
    r"Input\n\n```json\n(.+?)```\n\nMapping\n\n```yaml\n(.+?)```\n\nOutput\n\n```json\n(.+?)```",
    re.DOTALL | re.MULTILINE,
)
EXAMPLES = EXAMPLE.findall(README)


@pytest.mark.parametrize(("name", "sentence", "event", "mapping", "output"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_an_example_gives_what_it_says(name, sentence, event, mapping, output):
    tables = load(MAPPINGS, FIELDS).tables
    document = read(mapping, "README.md")
    assert document.faults == []
    result = compile_value(document.value, settings=DirectiveSettings(tables=tables), in_file=True)(
        jsontext.loads(event)
    )
    assert jsontext.canonical(result) == jsontext.canonical(jsontext.loads(output))
    assert name in mapping


def test_every_directive_has_an_example():
    assert sorted(row[0] for row in EXAMPLES) == sorted(DIRECTIVES)


def test_the_mapping_shown_first_loads(tmp_path):
    shown = re.search(r"A mapping file is a list of mappings:\n\n```yaml\n(.+?)```", README, re.DOTALL)
    assert shown
    (tmp_path / "invoices.yaml").write_text(shown.group(1), encoding="utf-8")
    (tmp_path / "organisations.yaml").write_text("main: {sources: all}", encoding="utf-8")
    assert [mapping.name for mapping in load(tmp_path, OBJECTS).mappings] == ["order-completed"]


def test_the_mapping_and_the_organisations_shown_load(tmp_path):
    organisations, mapping = re.findall(r"```yaml\n((?:nz:|- name: order-of).+?)```", README, re.DOTALL)
    (tmp_path / "invoices.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "organisations.yaml").write_text(organisations, encoding="utf-8")
    loaded = load(tmp_path, OBJECTS)
    assert loaded.warnings == ()
    assert loaded.organisations["nz"].time_zone == "Pacific/Auckland"
    assert loaded.tables_of("nz")["accounts"]["Games"] == "215"
    assert set(SETTINGS) < set(re.findall(r"^  (\w+):", organisations, re.MULTILINE))


def test_every_part_of_a_mapping_is_shown():
    shown = set(
        re.findall(r"^(?:- |  )(\w+):", "\n".join(re.findall(r"```yaml\n(.+?)```", README, re.DOTALL)), re.MULTILINE)
    )
    assert set(KNOWN) <= shown


def test_the_custom_fields_shown_become_the_records_shown(tmp_path):
    part = README.partition("## Custom fields")[2].partition("## Organisations")[0]
    (mapping,) = re.findall(r"```yaml\n(.+?)```", part, re.DOTALL)
    (shown,) = re.findall(r"```json\n(.+?)```", part, re.DOTALL)
    (tmp_path / "own.yaml").write_text(mapping)
    (tmp_path / "organisations.yaml").write_text("main: {sources: all}\n")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "sources.yaml").write_text("shop: Web shop\n")
    traits = {"plan": "gold", "number": "C-7", "region": "North", "value": 12.5}
    event = {"type": "identify", "userId": "u1", "projectId": "shop", "traits": traits}
    made = {
        f"{draft.object} {draft.key}": draft.fields
        | {one.field.partition("/")[0]: one.key for one in draft.references if "/" in one.field}
        for draft in load(tmp_path, FIELDS).drafts(event)
    }
    assert made == jsontext.loads(shown)


BLOCKS = re.findall(r"```yaml\n(.+?)```", README, re.DOTALL)
RUN_WITH_A_DIRECTIVE = {row[3] for row in EXAMPLES}
SHIPPED = [path.read_text(encoding="utf-8") for path in [*MAPPINGS.glob("*.yaml"), *MAPPINGS.glob("tables/*.yaml")]]


ANY_MAPPING = "- {name: a, object: Contact, trigger: 'userId != null', key: $.userId, fields: {Name: $.userId}}\n"
ANY_ORGANISATION = "nz: {sources: all}\n"


def load_shown(directory, block):
    """Load *block* as the kind of file that it looks like."""
    is_mapping = block.startswith("- name:")
    (directory / "shown.yaml").write_text(block if is_mapping else ANY_MAPPING)
    (directory / "organisations.yaml").write_text(ANY_ORGANISATION if is_mapping else block)
    return load(directory, FIELDS)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block not in RUN_WITH_A_DIRECTIVE])
def test_an_example_is_cut_from_a_shipped_file_or_loads(block, tmp_path):
    if not any(block in text for text in SHIPPED):
        assert load_shown(tmp_path, block).mappings


def test_the_rows_that_bookkeepers_are_shown_are_those_that_are_shipped():
    part = README.partition("# For bookkeepers\n")[2].partition("\n# For authors")[0]
    shown = re.findall(r"```yaml\n(.+?)```", part, re.DOTALL)
    assert len(shown) == 4
    assert all(any(block in text for text in SHIPPED) for block in shown)
    rows = {name for block in shown for name in read(block, "README.md").value}
    tables = load(MAPPINGS, FIELDS).tables
    assert rows == tables["accounts"].keys() | tables["tax_rows"].keys()


def test_every_row_of_the_accounts_that_a_mapping_reads_by_name_is_explained():
    part = README.partition("## Accounts\n")[2].partition("\n## ")[0]
    named = {row for text in SHIPPED for row in re.findall(r"table: accounts, key: ([a-z ]+?)[,}]", text)} | set(
        load(MAPPINGS, FIELDS).tables["accounts"]
    )
    assert {row for row in named if f"`{row}`" not in part} == set()


def test_the_files_that_the_readme_names_are_shipped():
    named = set(re.findall(r"`((?:tables/)?\w+\.yaml)`", README))
    missing = {name for name in named if not (MAPPINGS / name).is_file()}
    assert missing == {"tables/sources.yaml", "tables/destinations.yaml"}  # a user adds these
