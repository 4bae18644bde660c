"""Rules for one organisation or one source: tables, time zone and currency, and who a mapping is for."""

import pytest

from segxero.errors import MappingError
from segxero.mapping.files.loader import load
from tests.support.set_ups.mapping_files import OBJECTS, write_mappings

ORGANISATIONS = """\
nz:
  sources: [shop-nz]
  time_zone: Pacific/Auckland
  currency: NZD
  tables:
    accounts: {Games: "210", default: "211"}
    regions: {north: N}
jp: {sources: [shop-jp], currency: JPY, time_zone: Asia/Tokyo}
rest: {sources: all}
"""
INVOICE = """\
- name: order
  object: Invoice
  trigger: type = "track" and properties.id != null
  key: $.properties.id
  fields:
    Date: {"@date": {value: $.timestamp}}
    Total: {"@money": {value: $.properties.total}}
    Reference:
      "@lookup": {table: accounts, key: $.properties.category, default: {"@lookup": {table: accounts, key: default}}}
    Url: {"@lookup": {table: regions, key: north, default: none}}
  depends_on:
    Contact: {object: Contact, key: {"@lookup": {table: accounts, key: $.properties.category, default: other}}}
"""


def loaded(tmp_path, text=INVOICE, organisations=ORGANISATIONS):
    files = {"contacts.yaml": None, "invoices.yaml": text, "organisations.yaml": organisations}
    return load(write_mappings(tmp_path, files), OBJECTS)


def order(source, **changes):
    properties = {"id": "1", "total": "100.5", "category": "Games", **changes}
    return {"type": "track", "projectId": source, "timestamp": "2026-11-01T20:00:00Z", "properties": properties}


@pytest.mark.parametrize(
    ("source", "fields", "key"),
    [
        ("shop-nz", {"Date": "2026-11-02", "Total": "100.50", "Reference": "210", "Url": "N"}, "210"),
        ("shop-jp", {"Date": "2026-11-02", "Total": "101", "Reference": "200", "Url": "none"}, "other"),
        ("web", {"Date": "2026-11-01", "Total": "100.50", "Reference": "200", "Url": "none"}, "other"),
    ],
)
def test_each_organisation_has_its_tables_time_zone_and_currency(tmp_path, source, fields, key):
    (draft,) = loaded(tmp_path).drafts(order(source))
    assert {**draft.fields, "Total": str(draft.fields["Total"])} == fields
    assert draft.references[0].key == key


def test_the_tables_of_an_organisation_are_its_own_rows_over_those_of_the_files(tmp_path):
    mappings = loaded(tmp_path)
    assert mappings.tables == {"accounts": {"default": "200"}}
    assert mappings.tables_of("nz") == {"accounts": {"default": "211", "Games": "210"}, "regions": {"north": "N"}}
    assert mappings.tables_of("rest") == mappings.tables


def test_a_row_that_only_another_organisation_has_leaves_the_marker(tmp_path):
    text = INVOICE.replace(', default: {"@lookup": {table: accounts, key: default}}', "")
    (draft,) = loaded(tmp_path, text).drafts(order("web"))
    assert draft.fields["Reference"] == {"@lookup": {"table": "accounts", "key": "Games"}}


def test_organisations_have_a_time_zone(tmp_path):
    found = {name: one.time_zone for name, one in loaded(tmp_path).organisations.items()}
    assert found == {"nz": "Pacific/Auckland", "jp": "Asia/Tokyo", "rest": "UTC"}


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ("organisations: [nz]", {"shop-nz": True, "shop-jp": False, "web": False, None: False}),
        ("organisations: [nz, rest]", {"shop-nz": True, "shop-jp": False, "web": True, None: True}),
        ("sources: [shop-jp, 5]", {"shop-nz": False, "shop-jp": True, "5": True, 5: True, None: False}),
        ("sources: [shop-nz]\n  organisations: [rest]", {"shop-nz": False, "web": False}),
    ],
)
def test_a_mapping_is_only_for_the_sources_and_organisations_that_it_names(tmp_path, part, wanted):
    mappings = loaded(tmp_path, INVOICE.replace("  key:", f"  {part}\n  key:"))
    for source, wants in wanted.items():
        assert mappings.wants(order(source)) is wants
        assert [draft.mapping for draft in mappings.drafts(order(source))] == (["order"] if wants else [])


def test_two_organisations_can_book_the_same_event_by_different_mappings(tmp_path):
    second = INVOICE.replace("name: order", "name: order-nz").replace("  key:", "  organisations: [nz]\n  key:")
    first = INVOICE.replace("  key:", "  organisations: [jp, rest]\n  key:")
    mappings = loaded(tmp_path, first + second)
    assert [draft.mapping for draft in mappings.drafts(order("shop-nz"))] == ["order-nz"]
    assert [draft.mapping for draft in mappings.drafts(order("web"))] == ["order"]


GROUP = """\
- name: group
  object: Contact
  trigger: type = "group"
  key: $.groupId
  fields: {Name: $.traits.name}
"""


def test_an_event_without_key_is_passed_by_where_the_mapping_says_so(tmp_path):
    mappings = loaded(tmp_path, GROUP.replace("  key:", "  without_key: skip\n  key:"))
    assert mappings.wants({"type": "group", "groupId": "g1"})
    for empty in (None, "", "  "):
        assert not mappings.wants({"type": "group", "groupId": empty})
        assert mappings.drafts({"type": "group", "groupId": empty}) == []
    assert not mappings.wants({"type": "group"})


def test_a_key_that_is_wrong_is_an_error_even_then(tmp_path):
    mappings = loaded(tmp_path, GROUP.replace("  key:", "  without_key: skip\n  key:"))
    event = {"type": "group", "groupId": {"id": 1}}
    assert mappings.wants(event)
    with pytest.raises(MappingError, match="should be a text or a number"):
        mappings.drafts(event)


@pytest.mark.parametrize("more", ["", "  without_key: refuse\n"])
def test_an_event_without_key_is_an_error_otherwise(tmp_path, more):
    mappings = loaded(tmp_path, GROUP.replace("  key:", f"{more}  key:"))
    with pytest.raises(MappingError, match="the key is empty"):
        mappings.drafts({"type": "group"})
