"""What loads but is hardly meant: warnings with file, line and a sentence that says what to do."""

from pathlib import Path

import pytest

from segxero.mapping.files.loader import load
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.mapping_files import DESCRIBED, MAPPING, OBJECTS, write_mappings

QUIET = MAPPING.replace('type = "identify"', 'type = "identify" and userId != null')


def warnings(tmp_path, files):
    return load(write_mappings(tmp_path, files), OBJECTS).warnings


def contact(name, trigger, key="$.userId", field="EmailAddress: $.traits.email", more="", part="fields"):
    head = f"- name: {name}\n  object: Contact\n  trigger: {trigger}\n  key: {key}\n{more}"
    return f"{head}  {part}:\n    {field}\n"


def test_a_mapping_that_says_all_it_means_has_no_warning(tmp_path):
    assert warnings(tmp_path, {"contacts.yaml": QUIET}) == ()


def test_the_earlier_mappings_have_no_warning():
    assert load(Path(__file__).parents[4] / "mappings", FIELDS).warnings == ()


TRACK = 'type = "track"'
KNOWN = f"{TRACK} and userId != null"
KEYS = [
    ("$.userId", TRACK, "userId can be missing"),
    ("$.userId", KNOWN, ""),
    ("$.userId", f'{TRACK} and userId = "u1"', ""),
    ("$.userId", f'{TRACK} and (userId != null or event = "A")', "userId can be missing"),
    ("$.userId", f'({TRACK} and userId != null) or (type = "page" and match(userId, "u*"))', ""),
    ("$.properties.id", f"{TRACK} and properties.id > 0", ""),
    ("$.properties.id", f"{TRACK} and !(properties.id = null)", ""),
    ("$.properties.id", f'{TRACK} and !contains(properties.id, "x")', ""),
    ("$.properties.id", f'{TRACK} and properties.id != "x"', "properties.id can be missing"),
    ("$.groupId", 'type = "group"', ""),
    ("$.groupId", f'type = "group" or {TRACK}', "groupId can be missing"),
    ("$.event", TRACK, ""),
    ("$.messageId", TRACK, ""),
    ("a constant", TRACK, ""),
    ('{"@path": "$.userId"}', TRACK, "userId can be missing"),
    ('{"@first": [$.userId, $.anonymousId]}', TRACK, "userId can be missing and anonymousId can be missing"),
    ('{"@first": [$.userId, $.anonymousId, nobody]}', TRACK, ""),
    ('{"@if": {exists: $.userId, then: $.userId, else: nobody}}', TRACK, ""),
    ('{"@if": {exists: $.userId, then: $.userId}}', TRACK, "userId can be missing"),
    ('{"@if": {exists: $.userId, then: $.anonymousId, else: nobody}}', TRACK, "anonymousId can be missing"),
    ('{"@template": "{{userId}}"}', TRACK, "userId can be missing"),
    ('{"@template": "user {{userId}}"}', TRACK, 'userId can be missing, and the rest "user" names another record'),
    ('{"@template": "{{userId}}-{{event}}"}', TRACK, "userId can be missing, and the rest"),
    ('{"@template": "user {{userId}}"}', KNOWN, ""),
    ('{"@case": {operator: lower, value: $.userId}}', TRACK, "userId can be missing"),
    ('{"@lookup": {table: accounts, key: $.event, default: x}}', TRACK, ""),
    ('{"@lookup": {table: accounts, key: $.event}}', TRACK, "the table can lack the row"),
    ('{"@liquid": "{{ userId }}"}', TRACK, "@liquid can come out empty"),
    ('{"@literal": x}', TRACK, ""),
]


@pytest.mark.parametrize(("key", "trigger", "reason"), KEYS)
def test_a_key_that_can_be_empty_is_told(tmp_path, key, trigger, reason):
    found = warnings(tmp_path, {"contacts.yaml": contact("one", trigger, key)})
    found = tuple(warning for warning in found if warning.path == "/0/key")
    if not reason:
        assert found == ()
        return
    (warning,) = found
    assert (warning.file, warning.line, warning.path) == ("contacts.yaml", 4, "/0/key")
    assert f"can be empty, because {reason}" in warning.message
    assert "without_key: refuse (or skip)" in warning.message


@pytest.mark.parametrize("choice", ["refuse", "skip"])
def test_who_says_what_becomes_of_an_event_without_key_is_not_warned(tmp_path, choice):
    assert warnings(tmp_path, {"contacts.yaml": contact("one", TRACK, more=f"  without_key: {choice}\n")}) == ()


def test_a_dependency_that_can_name_the_wrong_record_is_told(tmp_path):
    text = """\
- name: order
  object: Invoice
  trigger: type = "track" and properties.id != null
  key: $.properties.id
  fields: {Status: DRAFT}
  depends_on:
    Contact: {object: Contact, key: $.userId}
    Tracking:
      - {object: TrackingOption, key: {"@template": "Shop: {{properties.shop}}"}}
      - {object: TrackingOption, key: {"@if": {exists: $.properties.x, then: {"@template": "X: {{properties.x}}"}}}}
"""
    (warning,) = warnings(tmp_path, {"contacts.yaml": QUIET, "invoices.yaml": text})
    assert (warning.file, warning.line, warning.path) == ("invoices.yaml", 9, "/0/depends_on/Tracking/0/key")
    assert 'properties.shop can be missing, and the rest "Shop:" names another record' in warning.message


TRIGGERS = [
    ('type = "track" and event = "A" or event = "B"', 'Segment reads this as: type = "track" or event = "A" or'),
    ('type = "track" and (contains(event, "Q") or contains(event, "R"))', "Segment reads this as: type = "),
    ('type = "track" and (event = "A" or (event = "B"))', "in Segment this trigger never matches, because it nests"),
    ('type = "track" and !(event = "A")', 'Segment reads this as: type = "track" and event = "A"'),
    ('\'!contains(event, "A") and type = "track"\'', ""),
    ('type = "track" and (contains(event, "Q"))', ""),
    ('(type = "track") and (event = "A" or event = "B")', ""),
    ('type = "track"and event = "A"', 'Segment needs a space after a text: after "track" comes "a"'),
    ('type = "track" and properties.2nd = 1', "Segment cannot read 2nd in properties.2nd"),
    ('type = "track" and properties.null = 1', "Segment cannot read null in properties.null"),
    ('type = "identify" and event = "A"', 'event = "A" will almost never hold: only track events have event'),
    ('type = "track" and name = "Home"', "only page and screen events have name"),
    ('type = "track" and traits.vip = true', ""),
    ('type = "track" and event != "A"', ""),
]


@pytest.mark.parametrize(("trigger", "message"), TRIGGERS)
def test_a_trigger_that_segment_reads_otherwise_is_told(tmp_path, trigger, message):
    found = warnings(tmp_path, {"contacts.yaml": contact("one", trigger, "a constant")})
    assert [(warning.file, warning.line, warning.path) for warning in found] == (
        [("contacts.yaml", 3, "/0/trigger")] if message else []
    )
    assert all(message in warning.message for warning in found)


FIRST = contact("first", KNOWN)
OVERLAPS = [
    # the same record for certain: a fault, see the broken files
    (contact("second", 'type = "identify" and userId != null', field="EmailAddress: x"), ""),
    (contact("second", KNOWN, field="Name: x"), ""),
    (contact("second", KNOWN), ""),
    (contact("second", KNOWN, "$.groupId", "EmailAddress: x", "  without_key: skip\n"), ""),
    (
        contact("second", KNOWN, '{"@template": "group {{userId}}"}', "EmailAddress: x"),
        "may write",
    ),
    (
        contact("second", TRACK, '{"@first": [$.userId, $.anonymousId]}', "EmailAddress: x", "  without_key: skip\n"),
        "may write EmailAddress of the same record as the mapping first (contacts.yaml:1): their keys can be the same",
    ),
    (contact("second", KNOWN, field="EmailAddress: x", part="fallbacks"), ""),
]


@pytest.mark.parametrize(("second", "message"), OVERLAPS)
def test_two_mappings_that_may_write_one_record_are_told(tmp_path, second, message):
    found = warnings(tmp_path, {"contacts.yaml": FIRST, "more.yaml": second})
    assert [(warning.file, warning.path) for warning in found] == (
        [("more.yaml", "/0/fields/EmailAddress")] if message else []
    )
    assert all(message in warning.message for warning in found)


def test_keys_with_different_beginnings_name_different_records(tmp_path):
    texts = [
        contact(name, KNOWN, f'{{"@template": "{name}: {{{{userId}}}}"}}', f"EmailAddress: {name}")
        for name in ("shop", "site")
    ]
    assert warnings(tmp_path, {"contacts.yaml": "".join(texts)}) == ()


def test_mappings_for_different_sources_or_organisations_do_not_meet(tmp_path):
    organisations = "nz: {sources: [a]}\nuk: {sources: [b]}\n"
    for part, names in (("sources", "ab"), ("organisations", ["nz", "uk"])):
        texts = [
            contact(f"to {name}", KNOWN, field=f"EmailAddress: {name}", more=f"  {part}: [{name}]\n") for name in names
        ]
        files = {"contacts.yaml": "".join(texts), "organisations.yaml": organisations}
        assert warnings(tmp_path / part, files) == ()


def test_a_filter_that_nobody_knows_is_told(tmp_path):
    text = QUIET.replace("$.traits.email", '{"@liquid": "{{ traits.email | lower }}"}')
    (warning,) = warnings(tmp_path, {"contacts.yaml": text})
    assert (warning.line, warning.path) == (6, "/0/fields/EmailAddress/@liquid")
    assert warning.message == "lower is not a known filter: the value stays as it is"


def test_warnings_come_once_and_in_order_also_with_several_organisations(tmp_path):
    files = {
        "contacts.yaml": contact("one", TRACK, field='Name: {"@liquid": "{{ x | lower }}"}')
        + contact("two", 'type = "page"', field='Name: {"@date": {value: $.timestamp}}'),
        "organisations.yaml": "nz: {sources: [a], time_zone: Pacific/Auckland}\nuk: {sources: [b], currency: GBP}\n",
    }
    assert [warning.line for warning in warnings(tmp_path, files)] == [4, 6, 10]


def test_a_description_of_the_objects_changes_no_warning(tmp_path):
    assert load(write_mappings(tmp_path, {"contacts.yaml": QUIET}), DESCRIBED).warnings == ()
