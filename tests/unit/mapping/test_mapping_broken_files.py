"""Broken mapping files: each is refused with its line and a sentence that says what to do."""

import pytest

from segxero.errors import ConfigError
from segxero.mapping.loader import load
from tests.support.mapping_files import MAPPING, OBJECTS, write_mappings


def contacts(old, new):
    assert old in MAPPING
    return {"contacts.yaml": MAPPING.replace(old, new)}


def field(text):
    return contacts("    EmailAddress: $.traits.email\n", text)


def organisations(text):
    return {"organisations.yaml": text}


def table(text):
    return {"tables/accounts.yaml": text}


DEPENDS = MAPPING.replace("Contact", "Invoice").replace("    EmailAddress: $.traits.email\n", "    Date: $.timestamp\n")

BROKEN = [
    # syntax
    (contacts("- name: identify", "- name: identify: x"), "contacts.yaml:1", "a text with a colon and a space"),
    (contacts("  object:", "\tobject:"), "contacts.yaml:2", "indent with spaces"),
    (contacts("  key:", "   key:"), "contacts.yaml:4", "check the indentation"),
    (field("    Name: {@path: x}\n"), "contacts.yaml:6", 'a directive stands in double quotes: "@path"'),
    (field("    Name: {a: 1\n"), "contacts.yaml:7", "a bracket or brace is not closed"),
    (field("    Name: &a x\n"), "contacts.yaml:6", "anchors and aliases"),
    (field("    Name: *a\n"), "contacts.yaml:6", "anchors and aliases"),
    (field("    <<: {a: 1}\n"), "contacts.yaml:6", "should be a plain key"),
    (field("    ? [a]\n    : x\n"), "contacts.yaml:6", "should be a plain key"),
    (field("    Name: !!float 5\n"), "contacts.yaml:6", "a text that starts with ! stands in single quotes"),
    (field("    Name: a\n    Name: b\n"), "contacts.yaml:7", "is there twice: Name stands in line 6 already"),
    ({"contacts.yaml": MAPPING + "---\n" + MAPPING}, "contacts.yaml:7", "one file is one document"),
    (
        contacts('trigger: type = "identify"', 'trigger: !contains(event, "x")'),
        "contacts.yaml:3",
        "stands in single quotes",
    ),
    # the shape of a mapping
    ({"contacts.yaml": "identify:\n  object: Contact\n"}, "contacts.yaml:1", "should be a list of mappings"),
    ({"contacts.yaml": MAPPING + "- text\n"}, "contacts.yaml:7", "should be a mapping with name, object"),
    (contacts("  key: $.userId\n", ""), "contacts.yaml:1", "should have key"),
    (contacts('  trigger: type = "identify"\n', ""), "contacts.yaml:1", "should have trigger"),
    (contacts("name: identify", "when: x"), "contacts.yaml:1", "should have name"),
    (contacts("  object: Contact\n", ""), "contacts.yaml:1", "should have object"),
    (
        contacts("  fields:\n    EmailAddress: $.traits.email\n", ""),
        "contacts.yaml:1",
        "should have fields (or fallbacks)",
    ),
    (contacts("  fields:", "  field:"), "contacts.yaml:5", "is not a part of a mapping: write name"),
    (contacts("name: identify", 'name: ""'), "contacts.yaml:1", "should be a text that says what the mapping is for"),
    (contacts("name: identify", "name: 5"), "contacts.yaml:1", "should be a text that says what the mapping is for"),
    (contacts("Contact", "Customer"), "contacts.yaml:2", "write Contact, Invoice, TrackingOption"),
    ({"contacts.yaml": MAPPING + MAPPING}, "contacts.yaml:7", "is the name of the mapping at contacts.yaml:1 already"),
    ({"more.yaml": MAPPING}, "more.yaml:1", "is the name of the mapping at contacts.yaml:1 already"),
    # triggers
    (contacts('"identify"', "'identify'"), "contacts.yaml:3", "column 8: ' cannot be read"),
    (contacts('type = "identify"', 'anonymousId = "x"'), "contacts.yaml:3", "column 1: anonymousId is not a field"),
    (contacts('type = "identify"', "5"), "contacts.yaml:3", 'should be a text such as type = "track"'),
    (contacts('type = "identify"', '""'), "contacts.yaml:3", "the trigger is empty"),
    # keys
    (contacts("$.userId", '""'), "contacts.yaml:4", "is always empty: write a path such as $.userId"),
    (contacts("$.userId", '{"@literal": ""}'), "contacts.yaml:4", "is always empty"),
    (contacts("$.userId", '{"@template": " "}'), "contacts.yaml:4", "is always empty"),
    (contacts("$.userId", "null"), "contacts.yaml:4", "should be a path, a directive or a text"),
    (contacts("$.userId", "[$.userId]"), "contacts.yaml:4", "should be a path, a directive or a text"),
    (contacts("$.userId", "true"), "contacts.yaml:4", "should be a path, a directive or a text"),
    # fields
    (
        field("    EmailAdress: $.traits.email\n"),
        "contacts.yaml:6",
        "is not a field of Contact: did you mean EmailAddress?",
    ),
    (field("    Zzz: 1\n"), "contacts.yaml:6", "is not a field of Contact: write AccountNumber"),
    (
        contacts("fields:\n    EmailAddress: $.traits.email", "fields: $.traits"),
        "contacts.yaml:5",
        "list of Xero's fields",
    ),
    (
        contacts("fields:\n    EmailAddress: $.traits.email", 'fields: {"@path": $.traits}'),
        "contacts.yaml:5",
        "list of Xero's fields",
    ),
    ({"contacts.yaml": MAPPING + "  fallbacks:\n    Nam: x\n"}, "contacts.yaml:8", "did you mean Name?"),
    # directives
    (field('    Name: {"@pth": x}\n'), "contacts.yaml:6", "is not a directive that we know"),
    (field('    Name: {"@liquid": "{{ x }}"}\n'), "contacts.yaml:6", "is not a directive that we know"),
    (field('    Name: {"@path": 5}\n'), "contacts.yaml:6", "should be a text or a directive"),
    (field('    Name: {"@path": $}\n'), "contacts.yaml:6", 'write "$." for the whole event'),
    (field('    Name: {"@path": a, b: c}\n'), "contacts.yaml:6", "should hold one directive and nothing else"),
    (
        field('    Name:\n      "@if":\n        exist: $.a\n        then: 1\n'),
        "contacts.yaml:8",
        "did you mean exists?",
    ),
    (field('    Name: {"@if": {exists: $.a, then: 1, else: 0}}\n'), "contacts.yaml:6", "write it in a @literal"),
    (field('    Name: {"@template": "{{$.userId}}"}\n'), "contacts.yaml:6", "leave the $. out in a template"),
    (field('    Name: "Dear {{name}}"\n'), "contacts.yaml:6", 'write {"@template": "…"}'),
    (field("    Name: $traits.name\n"), "contacts.yaml:6", 'a path starts with "$."'),
    (field('    Name: {"@case": {operator: Upper, value: $.a}}\n'), "contacts.yaml:6", "should be lower or upper"),
    (field('    Name: {"@lookup": {table: nope, key: $.a}}\n'), "contacts.yaml:6", "make tables/nope.yaml"),
    (field('    Name: {"@lookup": {table: accounts}}\n'), "contacts.yaml:6", "should have key"),
    (field('    Name: {"@arrayPath": [$.a, {b: $.b}, c]}\n'), "contacts.yaml:6", "takes two entries"),
    (field('    Phones:\n      - a\n      - b: {"@path": 5}\n'), "contacts.yaml:8", "should be a text or a directive"),
    (field('    Name: {"@arrayPath": [$.a, b]}\n'), "contacts.yaml:6", "should be an object, a directive or a path"),
    (field('    Name: {"@json": {mode: ENCODE, value: $.a}}\n'), "contacts.yaml:6", "in small letters"),
    (field('    Name: {"@merge": {objects: [$.a], direction: Left}}\n'), "contacts.yaml:6", "in small letters"),
    (field('    Name: {"@if": {exists: $.a, blank: $.a, then: 1}}\n'), "contacts.yaml:6", "leave blank out"),
    (field("    Name: " + "[" * 3000 + "]" * 3000 + "\n"), "contacts.yaml:1", "cannot be read as YAML"),
    # dependencies
    ({"contacts.yaml": DEPENDS + "  depends_on: [x]\n"}, "contacts.yaml:7", "should be a field with {object"),
    ({"contacts.yaml": DEPENDS + "  depends_on:\n    Contact: x\n"}, "contacts.yaml:8", "should have object and key"),
    (
        {"contacts.yaml": DEPENDS + "  depends_on:\n    Contact: {object: Person, key: $.userId}\n"},
        "contacts.yaml:8",
        "Person is not an object we keep in Xero",
    ),
    (
        {"contacts.yaml": DEPENDS + "  depends_on:\n    Client: {object: Contact, key: $.userId}\n"},
        "contacts.yaml:8",
        "is not a field of Invoice",
    ),
    (
        {"contacts.yaml": DEPENDS + "  depends_on:\n    Contact: {object: Contact, key: a, optional: maybe}\n"},
        "contacts.yaml:8",
        "should be true or false",
    ),
    (
        {"contacts.yaml": DEPENDS + "  depends_on:\n    Contact:\n      - {object: Contact, key: a, opt: true}\n"},
        "contacts.yaml:9",
        "is not a part of a dependency",
    ),
    # tables and organisations
    (table("default:\n"), "tables/accounts.yaml:1", "should have one text or number behind the colon"),
    (table("default: [a]\n"), "tables/accounts.yaml:1", "should have one text or number behind the colon"),
    (table("- default\n"), "tables/accounts.yaml:1", "should be a table: one line for each row"),
    (table("a: 1\na: 2\n"), "tables/accounts.yaml:2", "is there twice"),
    (table("\n"), "tables/accounts.yaml:1", "should be a table"),
    (
        organisations("main: {sources: all, colour: red}\n"),
        "organisations.yaml:1",
        "is not a setting of an organisation",
    ),
    (organisations("main: {due_days: 5}\n"), "organisations.yaml:1", "should have sources: all"),
    (organisations("main: {sources: some}\n"), "organisations.yaml:1", "should be all, or a list"),
    (organisations("main: {sources: []}\n"), "organisations.yaml:1", "should be all, or a list"),
    (organisations("main:\n  sources: all\n  due_days: -1\n"), "organisations.yaml:3", "0 or more"),
    (organisations("main:\n  sources: all\n  currency: eur\n"), "organisations.yaml:3", "three capital letters"),
    (
        organisations("main:\n  sources: all\n  order_id_in: Number\n"),
        "organisations.yaml:3",
        "InvoiceNumber or Reference",
    ),
    (organisations("a: {sources: all}\nb: {sources: all}\n"), "organisations.yaml:2", "all goes to a already"),
    (organisations("a: {sources: [x]}\nb: {sources: [x]}\n"), "organisations.yaml:2", "x goes to a already"),
    (organisations("- main\n"), "organisations.yaml:1", "should name at least one organisation"),
    (organisations("main: all\n"), "organisations.yaml:1", "should have settings: sources, order_id_in"),
    ({"organisations.yaml": None}, "organisations.yaml", "is missing: write which sources"),
    # files
    ({"invoices.yml": ""}, "invoices.yml", "is not used: name it invoices.yaml"),
    ({"contacts.yaml": None}, "", "has no mapping: write at least one"),
    ({"contacts.yaml": "# nothing yet\n"}, "", "has no mapping: write at least one"),
]


@pytest.mark.parametrize(("files", "place", "message"), BROKEN)
def test_a_broken_file_is_refused_with_its_place_and_advice(tmp_path, files, place, message):
    with pytest.raises(ConfigError) as caught:
        load(write_mappings(tmp_path, files), OBJECTS)
    wanted = [fault for fault in caught.value.faults if message in fault.message]
    assert len(wanted) == 1, caught.value
    assert str(wanted[0]).startswith(place)
    if ":" in place:
        assert f"{wanted[0].file}:{wanted[0].line}" == place


def test_all_faults_of_all_files_come_at_once_in_order(tmp_path):
    files = {
        "contacts.yaml": MAPPING.replace("$.userId", '""').replace("EmailAddress", "Mail"),
        "invoices.yaml": "- name: [\n",
        "organisations.yaml": "main: {sources: all, due_days: soon}\n",
        "tables/accounts.yaml": "default:\n",
        "tracking.yaml": "text\n",
    }
    with pytest.raises(ConfigError) as caught:
        load(write_mappings(tmp_path, files), OBJECTS)
    assert [(fault.file, fault.line, fault.path) for fault in caught.value.faults] == [
        ("contacts.yaml", 4, "/0/key"),
        ("contacts.yaml", 6, "/0/fields/Mail"),
        ("invoices.yaml", 2, ""),
        ("organisations.yaml", 1, "/main/due_days"),
        ("tables/accounts.yaml", 1, "/default"),
        ("tracking.yaml", 1, ""),
    ]


def test_a_directory_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is not a directory"):
        load(tmp_path / "nowhere", OBJECTS)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    (write_mappings(tmp_path) / "contacts.yaml").write_bytes(b"name: \xff\n")
    with pytest.raises(ConfigError, match=r"contacts.yaml:1: cannot be read: save it as UTF-8"):
        load(tmp_path, OBJECTS)
