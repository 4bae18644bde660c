"""Whatever stands in the files of mappings, they load, or every fault is told with its file and line."""

import tempfile
from contextlib import suppress
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from segxero.errors import ConfigError, MappingError
from segxero.mapping import transform
from segxero.mapping.files.loader import load
from segxero.mapping.language.directive import DIRECTIVES
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.mapping_files import write_mappings

SHIPPED = Path(__file__).parents[4] / "mappings"
FILES = {"contacts.yaml": (SHIPPED / "contacts.yaml").read_text(encoding="utf-8").splitlines()}
FILES["organisations.yaml"] = (SHIPPED / "organisations.yaml").read_text(encoding="utf-8").splitlines()
ODD = ["", "\t", "- ", "? ", ": ", "&a ", "*a", "!!str ", "!!python/object:os.system x", "|", ">", "%YAML 9"]
ODD += ["---", "...", "{", "}", "[", "]", '"', "'", "#", "@", "`", "<<: ", "null", "~", "0x1F", "1e999999", "9" * 5000]
ODD += ["\x00", "\ud7ff", "\u2028", "\ufeff", "{{", "}}", "{% if %}", "$.", "$..a[", "=", "(", ")", '"@path"']
ODD += ['"@liquid": "{{"', "= 1 and", "2026-13-99"]


@st.composite
def damaged(draw):
    """Take a file of ours and damage some of its lines."""
    name = draw(st.sampled_from(sorted(FILES)))
    lines = list(FILES[name])
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        column = draw(st.integers(0, len(lines[at])))
        odd = draw(st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4))
        if draw(st.booleans()):
            column = len(lines[at].partition(": ")[0]) + 2
        rest = lines[at][column:]
        lines[at] = lines[at][:column] + odd + draw(st.sampled_from([rest, "", " " + rest, rest[1:]]))
    return name, "\n".join(lines) + "\n"


DIRECTIVE_NAMES = [*DIRECTIVES, "@pth", "@", "_metadata", "__segment_internal_directive"]
ARGUMENTS = ["value", "then", "else", "exists", "blank", "key", "table", "mapping", "objects", "direction", "separator"]
ARGUMENTS += ["pattern", "replacement", "mode", "operator", "decimals", "format", "sum", "plus", "a", ""]
WORDS = st.sampled_from(
    ["$.", "$.traits.name", "$.a[0].b", "{{traits.name}}", "{{", "{% if a %}", "(a+)+$", "%Q", "left"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | WORDS
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(DIRECTIVE_NAMES), inner, max_size=2)
        | st.dictionaries(st.sampled_from(ARGUMENTS), inner, max_size=3)
    ),
    max_leaves=10,
)
EVENTS = st.dictionaries(
    st.sampled_from(["type", "traits", "properties", "a", "userId"]),
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
)


def loaded(name, content):
    """Load a good directory of which the file *name* holds *content*; every fault must say where it is."""
    with tempfile.TemporaryDirectory() as directory:
        path = write_mappings(Path(directory)) / name
        path.write_bytes(content)
        try:
            load(path.parent, FIELDS)
        except ConfigError as error:
            return error.faults
    return ()


def is_placed(fault):
    """Tell whether *fault* has file and line; a directory without any mapping, or a missing file, has no line."""
    return fault.file and (fault.line >= 1 or "has no mapping" in fault.message or "is missing" in fault.message)


@given(damaged())
def test_a_damaged_file_loads_or_every_fault_has_its_place(given_file):
    name, text = given_file
    faults = loaded(name, text.encode())
    assert [fault for fault in faults if not is_placed(fault)] == []
    assert all(fault.message for fault in faults)


@given(st.sampled_from(["contacts.yaml", "organisations.yaml", "tables/accounts.yaml"]), st.binary(max_size=60))
def test_bytes_that_are_no_yaml_are_told_with_their_place(name, content):
    assert [fault for fault in loaded(name, content) if not is_placed(fault)] == []


@given(VALUES, st.sampled_from(["key", "fields", "fallbacks", "trigger", "depends_on", "custom", "sources", "name"]))
def test_any_value_at_any_part_of_a_mapping_is_taken_or_told_with_its_place(value, part):
    fields = {"EmailAddress": "$.traits.email"}
    whole = {"name": "x", "object": "Contact", "trigger": 'type = "identify"', "key": "$.userId", "fields": fields}
    nested = {"Name": value, "Phones": [value]} if part in {"fields", "fallbacks"} else value
    text = yaml.safe_dump([{**whole, part: nested}], sort_keys=False, allow_unicode=True)
    assert [fault for fault in loaded("contacts.yaml", text.encode()) if not is_placed(fault)] == []


@given(VALUES, EVENTS)
def test_any_mapping_transforms_any_event_or_says_why_not(mapping, event):
    with suppress(ConfigError, MappingError):
        transform(mapping, event)
