"""Loading: what a good directory becomes."""

import pytest

from segxero.errors import ConfigError, MappingError
from segxero.mapping.files.loader import load
from segxero.mapping.model import Reference
from segxero.mapping.organisations import Organisation
from tests.support.set_ups.mapping_files import MAPPING, OBJECTS, write_mappings


def mappings(tmp_path, fields, *, key="$.userId", more=""):
    text = MAPPING.replace("    EmailAddress: $.traits.email\n", fields).replace("$.userId", key) + more
    return load(write_mappings(tmp_path, {"contacts.yaml": text}), OBJECTS)


def draft(tmp_path, event, fields="    Name: x\n", **options):
    (made,) = mappings(tmp_path, fields, **options).drafts({"type": "identify", "userId": "u1", **event})
    return made


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("$.traits.a", 1),
        ('"$.traits.a"', 1),
        ("'$.traits.list[1]'", "y"),
        ('{"@if": {exists: $.traits.a, then: $.traits.b}}', {"c": 2}),
        ('{"@literal": $.traits.a}', "$.traits.a"),
        ('{"@literal": {x: $.traits.a, y: {"@path": $.traits.a}}}', {"x": "$.traits.a", "y": 1}),
        ('{"@arrayPath": [$.traits.list, $]}', ["x", "y"]),
        ('{"@arrayPath": [$.traits.rows, $.id]}', [1, 2]),
        ('{"@arrayPath": [$.traits.rows, {n: $.id}]}', [{"n": 1}, {"n": 2}]),
        ('{"@merge": {objects: [{a: 1}, $.traits.b], direction: right}}', {"a": 1, "c": 2}),
        ('{"@transform": {apply: $.traits, mapping: $.b.c}}', 2),
        ('{"@template": "$.{{userId}}"}', "$.u1"),
        ("[$.traits.a, $.traits.missing, b]", [1, None, "b"]),
        ("$5 off", "$5 off"),
        ("0200", "0200"),
    ],
)
def test_a_text_that_starts_with_dollar_dot_is_a_path(tmp_path, written, value):
    event = {"traits": {"a": 1, "b": {"c": 2}, "list": ["x", "y"], "rows": [{"id": 1}, {"id": 2}]}}
    assert draft(tmp_path, event, f"    Name: {written}\n").fields == {"Name": value}


def test_a_lone_dollar_is_the_whole_event(tmp_path):
    event = {"type": "identify", "userId": "u1"}
    assert draft(tmp_path, {}, "    Name: $\n").fields == {"Name": event}


@pytest.mark.parametrize(("key", "text"), [("abc", "abc"), (" abc ", "abc"), (17, "17"), (0, "0")])
def test_a_key_is_a_text(tmp_path, key, text):
    assert draft(tmp_path, {"userId": key}).key == text


@pytest.mark.parametrize("key", [None, "", "  "])
def test_an_empty_key_names_the_mapping_and_its_place(tmp_path, key):
    with pytest.raises(MappingError, match=r"Mapping identify \(contacts.yaml:1\): the key is empty"):
        draft(tmp_path, {"userId": key})


@pytest.mark.parametrize("key", [True, ["a"], {"a": 1}])
def test_a_key_that_is_no_text_is_refused(tmp_path, key):
    with pytest.raises(MappingError, match="should be a text or a number but is a"):
        draft(tmp_path, {"userId": key})


def test_a_directive_that_fails_names_the_mapping_and_its_place(tmp_path):
    fields = '    Name: {"@template": {"@path": "$.traits.x"}}\n'
    with pytest.raises(MappingError, match=r"Mapping identify \(contacts.yaml:1\): /0/fields/Name/@template"):
        draft(tmp_path, {}, fields)


def test_dependencies_with_a_key_become_references(tmp_path):
    more = """\
- name: order
  object: Invoice
  trigger: type = "track"
  key: $.properties.order_id
  fields: {Status: DRAFT}
  depends_on:
    Contact: {object: Contact, key: $.userId}
    Tracking:
      - {object: TrackingOption, key: $.properties.missing}
      - {object: TrackingOption, key: {"@template": "A: {{properties.a}}"}, optional: true}
"""
    event = {"type": "track", "userId": 5, "properties": {"order_id": "1", "a": "b"}}
    (made,) = mappings(tmp_path, "    Name: x\n", more=more).drafts(event)
    assert made.references == (
        Reference(field="Contact", object="Contact", key="5", optional=False),
        Reference(field="Tracking", object="TrackingOption", key="A: b", optional=True),
    )


def test_a_lookup_finds_its_row_default_or_marker(tmp_path):
    fields = (
        '    Name: {"@lookup": {table: accounts, key: default}}\n'
        '    FirstName: {"@lookup": {table: accounts, key: $.traits.x, default: none}}\n'
        '    LastName: {"@lookup": {table: accounts, key: Games}}\n'
    )
    assert draft(tmp_path, {}, fields).fields == {
        "Name": "200",
        "FirstName": "none",
        "LastName": {"@lookup": {"table": "accounts", "key": "Games"}},
    }


def test_tables_hold_texts_as_they_are_written(tmp_path):
    files = {"tables/accounts.yaml": 'default: 200\n0200: 0300\n10: 4.50\nNO: "x"\n'}
    loaded = load(write_mappings(tmp_path, files), OBJECTS)
    assert loaded.tables == {"accounts": {"default": "200", "0200": "0300", "10": "4.50", "NO": "x"}}


def test_organisations_have_defaults(tmp_path):
    text = "nz: {sources: [abc, 5], order_id_in: Reference, due_days: 0, currency: NZD}\nrest: {sources: all}\n"
    loaded = load(write_mappings(tmp_path, {"organisations.yaml": text}), OBJECTS)
    assert loaded.organisations == {
        "nz": Organisation(name="nz", sources=("abc", "5"), order_id_in="Reference", due_days=0, currency="NZD"),
        "rest": Organisation(name="rest", sources=None, order_id_in="InvoiceNumber", due_days=14, currency=""),
    }


@pytest.mark.parametrize(("source", "name"), [("abc", "nz"), ("def", "rest"), (None, "rest")])
def test_an_organisation_that_lists_a_source_goes_before_one_that_takes_all(tmp_path, source, name):
    text = "rest: {sources: all}\nnz: {sources: [abc]}\n"
    loaded = load(write_mappings(tmp_path, {"organisations.yaml": text}), OBJECTS)
    assert loaded.organisation_of({"projectId": source}) == name


def test_a_source_that_stands_nowhere_has_no_organisation(tmp_path):
    loaded = load(write_mappings(tmp_path, {"organisations.yaml": "nz: {sources: [abc]}\n"}), OBJECTS)
    assert loaded.organisation_of({"projectId": "x"}) is None
    assert loaded.organisation_of({}) is None


def test_only_wanted_events_make_drafts(tmp_path):
    loaded = load(write_mappings(tmp_path), OBJECTS)
    assert loaded.wants({"type": "identify"})
    assert not loaded.wants({"type": "page"})
    assert loaded.drafts({"type": "page"}) == []
    assert [(mapping.name, mapping.file, mapping.line) for mapping in loaded.mappings] == [
        ("identify", "contacts.yaml", 1)
    ]


def test_the_version_changes_with_any_file(tmp_path):
    versions = set()
    for number, files in enumerate([{}, {"tables/accounts.yaml": "default: 201\n"}, {"empty.yaml": "# later\n"}]):
        loaded = load(write_mappings(tmp_path / str(number), files), OBJECTS)
        versions.add(loaded.version)
        assert len(loaded.version) == 12
    assert len(versions) == 3
    assert load(write_mappings(tmp_path / "0"), OBJECTS).version in versions


def test_a_byte_order_mark_is_no_fault(tmp_path):
    directory = write_mappings(tmp_path)
    (directory / "contacts.yaml").write_text("\ufeff" + MAPPING, encoding="utf-8")
    assert len(load(directory, OBJECTS).mappings) == 1


def test_each_makes_a_record_of_every_entry_with_a_key(tmp_path):
    loaded = mappings(
        tmp_path, "    Name: $.name\n", key="$.sku", more="  each: $.properties.products\n  without_key: skip\n"
    )
    products = [{"sku": "a", "name": "A"}, {"name": "no key"}, "odd", {"sku": "b", "name": "B"}]
    event = {"type": "identify", "properties": {"products": products}}
    assert [(draft.key, draft.fields) for draft in loaded.drafts(event)] == [("a", {"Name": "A"}), ("b", {"Name": "B"})]
    assert [draft.key for draft in loaded.drafts({**event, "properties": {"products": {"sku": "a"}}})] == ["a"]
    for nothing in ({}, {"products": []}, {"products": [{"name": "no key"}]}):
        assert not loaded.wants({**event, "properties": nothing})
        assert loaded.drafts({**event, "properties": nothing}) == []


def test_each_without_a_key_is_an_error_when_the_mapping_refuses(tmp_path):
    loaded = mappings(tmp_path, "    Name: $.name\n", key="$.sku", more="  each: $.properties.products\n")
    with pytest.raises(MappingError, match="the key is empty"):
        loaded.drafts({"type": "identify", "properties": {"products": [{"sku": "a"}, {"name": "no key"}]}})


@pytest.mark.parametrize("written", ["products", "[1, 2]", '{"@literal": []}', "5"])
def test_each_is_a_path(tmp_path, written):
    with pytest.raises(ConfigError, match="/each: should be the path of a list"):
        mappings(tmp_path, "    Name: x\n", more=f"  each: {written}\n")


def test_a_list_of_keys_names_several_records_once(tmp_path):
    more = (
        "  depends_on:\n    Name:\n      object: TrackingOption\n"
        '      key: {"@arrayPath": [$.traits.labels, $.name]}\n      optional: true\n'
    )
    event = {"type": "identify", "userId": "u1", "traits": {"labels": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}}
    (made,) = mappings(tmp_path, "    Name: x\n", more=more).drafts(event)
    assert [(one.field, one.key, one.optional) for one in made.references] == [
        ("Name", "a", True),
        ("Name", "b", True),
    ]
