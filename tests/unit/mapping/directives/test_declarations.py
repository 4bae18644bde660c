"""Every directive says in one place all that is known of it, and nothing else in the package knows it by name."""

import dataclasses
import re
from pathlib import Path

import pytest

import segxero.mapping
from segxero.errors import ConfigError
from segxero.mapping import compile_value
from segxero.mapping.files.descriptions import ANYTHING, DescribedField, check_value
from segxero.mapping.imports.translation import translate_value
from segxero.mapping.language.directive import DIRECTIVES, Directive
from segxero.mapping.language.emptiness import find_gaps
from segxero.mapping.language.shapes import Options

NAMES = sorted(DIRECTIVES)
# A right argument of each directive, in which every part that holds a value is the mark.
MARK = {"Unknown": "mark"}
ARGUMENTS = {
    "@arrayPath": ["$.properties.products", MARK],
    "@case": {"operator": "upper", "value": {"@literal": MARK}},
    "@date": {"value": MARK},
    "@excludeWhenNull": MARK,
    "@first": [MARK, MARK],
    "@flatten": {"value": MARK, "separator": "."},
    "@if": {"exists": MARK, "then": MARK, "else": MARK},
    "@json": {"mode": "encode", "value": MARK},
    "@liquid": "{{ event }}",
    "@literal": MARK,
    "@lookup": {"table": "accounts", "key": "Games", "default": MARK},
    "@merge": {"objects": [MARK], "direction": "right"},
    "@money": {"value": MARK},
    "@number": {"value": MARK},
    "@path": {"@literal": "$.event"},
    "@replace": {"value": {"@literal": MARK}, "pattern": "a"},
    "@template": {"@literal": "{{event}}"},
    "@transform": {"apply": MARK, "mapping": MARK},
}
RESULTS = {
    "@arrayPath": ["/@arrayPath/1/Unknown"],
    "@excludeWhenNull": ["/@excludeWhenNull/Unknown"],
    "@first": ["/@first/0/Unknown", "/@first/1/Unknown"],
    "@if": ["/@if/then/Unknown", "/@if/else/Unknown"],
    "@literal": ["/@literal/Unknown"],
    "@lookup": ["/@lookup/default/Unknown"],
    "@merge": ["/@merge/objects/0/Unknown"],
    "@transform": ["/@transform/mapping/Unknown"],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_directive_declares_everything(name):
    declared = DIRECTIVES[name]
    assert {field.name for field in dataclasses.fields(Directive)} == {
        "name", "sentence", "compile", "takes", "can_be_empty", "inner", "imported", "varies",
    }  # fmt: skip
    assert all(getattr(declared, field.name) is not None for field in dataclasses.fields(Directive))
    assert declared.name == name
    assert declared.sentence.endswith(".")


def test_a_directive_that_leaves_something_out_is_no_declaration():
    required = dataclasses.fields(Directive)
    assert all(field.default is dataclasses.MISSING is field.default_factory for field in required)


@pytest.mark.parametrize("name", NAMES)
def test_the_argument_is_checked_against_the_declared_shape(name):
    takes = DIRECTIVES[name].takes
    assert list(takes.find_slips(ARGUMENTS[name])) == []
    if list(takes.find_slips(None)):
        with pytest.raises(ConfigError, match=f"/{name}: should be a"):
            compile_value({name: None})
    else:
        assert name in {"@literal", "@excludeWhenNull"}


@pytest.mark.parametrize("name", [name for name in NAMES if isinstance(DIRECTIVES[name].takes, Options)])
def test_an_option_that_is_not_declared_is_refused_in_a_file(name):
    slips = list(DIRECTIVES[name].takes.find_slips({**ARGUMENTS[name], "whatever": 1}))
    assert [(slip.option, slip.only_in_files) for slip in slips] == [("whatever", True)]


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_that_are_declared_inner_are_checked_against_the_field(name):
    field = DescribedField(fields={"Known": ANYTHING})
    found = [path for path, _ in check_value({name: ARGUMENTS[name]}, field, "", "Contact")]
    assert found == RESULTS.get(name, [])


@pytest.mark.parametrize("name", NAMES)
def test_an_import_translates_the_parts_that_are_declared_inner_for_their_field(name):
    declared, warnings = DIRECTIVES[name], []
    field = DescribedField(fields={"Known": ANYTHING})
    converted = translate_value({name: {**ARGUMENTS[name]} if isinstance(ARGUMENTS[name], dict) else ARGUMENTS[name]},
                                field, warnings.append)  # fmt: skip
    translated = {keys for keys, _ in declared.imported.values(ARGUMENTS[name])}
    for keys, _ in declared.inner(ARGUMENTS[name]):
        part = converted[name]
        for key in keys:
            part = part[key]
        assert part == ({} if keys in translated else MARK)


@pytest.mark.parametrize("name", NAMES)
def test_emptiness_is_what_the_directive_declares(name):
    find = DIRECTIVES[name].can_be_empty.find_gaps
    gaps = find_gaps({name: ARGUMENTS[name]}, frozenset())
    assert [gap.reason for gap in gaps] == (
        [f"{name} can come out empty"] if find is None else [gap.reason for gap in find(ARGUMENTS[name], frozenset())]
    )


def test_the_directives_of_an_organisation_are_those_that_read_its_settings():
    assert {name for name in NAMES if DIRECTIVES[name].varies} == {"@date", "@lookup", "@money"}


def test_no_directive_is_registered_by_name_elsewhere():
    root = Path(segxero.mapping.__file__).parent
    entry = re.compile(r'^    "@\w+":', re.MULTILINE)
    assert [path.name for path in root.rglob("*.py") if entry.search(path.read_text())] == []
