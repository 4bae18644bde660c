"""Operations: what a mapping makes of an event, laid out as paths with stamps."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from segxero.mapping.model import Draft, Reference
from segxero.sync.records.operations import (
    FALLBACK,
    FIELD,
    flatten,
    make_draft_operations,
    make_operations,
    stamp,
    unflatten,
)
from tests.support.set_ups.core import NOW, identify, order_completed

T = datetime(2026, 11, 1, 10, tzinfo=UTC)
SLOTS = {"Phones": "PhoneType", "Addresses": "AddressType"}


def paths(operation):
    return {path: value for path, _, value in operation.fields}


def test_later_goes_before_earlier_and_fields_before_fallbacks():
    earlier, later = T, T + timedelta(microseconds=1)
    assert stamp(FIELD, later, "a") > stamp(FIELD, earlier, "z")
    assert stamp(FIELD, earlier, "a") > stamp(FALLBACK, later, "z")
    assert stamp(FALLBACK, later, "a") > stamp(FALLBACK, earlier, "z")


def test_a_stamp_is_text_of_one_length_in_utc():
    there = T.astimezone(timezone(timedelta(hours=13)))
    assert stamp(FIELD, there, "m1") == stamp(FIELD, T, "m1")
    assert stamp(FIELD, T, "m1") == "1|2026-11-01T10:00:00.000000|ca0df2c95aa144c1"
    assert len({len(stamp(rank, T, name)) for rank in (0, 1) for name in ("", "m1", "m\ud800", "x" * 500)}) == 1


def test_events_of_one_moment_are_ordered_by_their_message_ids():
    assert stamp(FIELD, T, "a") != stamp(FIELD, T, "b")
    assert stamp(FIELD, T, "a") == stamp(FIELD, T, "a")


def test_lists_with_named_slots_are_taken_apart_and_others_kept_whole():
    fields = {
        "Name": "Ann",
        "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "1", "PhoneAreaCode": None}, {"PhoneNumber": "no type"}, "x"],
        "ContactPersons": [{"FirstName": "Bob"}],
        "Addresses": "elsewhere",
    }
    assert list(flatten(fields, SLOTS)) == [
        ("Name", "Ann"),
        ("Phones[MOBILE].PhoneNumber", "1"),
        ("Phones[MOBILE].PhoneAreaCode", None),
        ("ContactPersons", [{"FirstName": "Bob"}]),
        ("Addresses", "elsewhere"),
    ]


@given(
    st.dictionaries(
        st.sampled_from(["DEFAULT", "MOBILE", "FAX"]),
        st.dictionaries(st.sampled_from(["PhoneNumber", "PhoneAreaCode"]), st.text() | st.none(), min_size=1),
    ),
    st.text(),
)
def test_what_is_taken_apart_is_put_together_again(phones, name):
    slots = [{"PhoneType": kind, **phones[kind]} for kind in sorted(phones)]
    fields = {"Name": name, **({"Phones": slots} if slots else {})}
    assert unflatten(dict(flatten(fields, SLOTS)), SLOTS) == fields


def test_an_operation_holds_its_fields_references_and_fallbacks():
    draft = Draft(
        mapping="m",
        object="Invoice",
        key="1001",
        fields={"Type": "ACCREC", "Reference": None},
        fallbacks={"Type": "ACCPAY", "Status": "DRAFT"},
        references=(
            Reference(field="Contact", object="Contact", key="u1"),
            Reference(field="Tracking", object="TrackingOption", key="a", optional=True),
            Reference(field="Tracking", object="TrackingOption", key="b", optional=True),
        ),
    )
    (operation,) = make_draft_operations([draft], T, "m1")
    assert (operation.object, operation.key, operation.mapping) == ("Invoice", "1001", "m")
    assert operation.fields == (
        ("Type", stamp(FIELD, T, "m1"), '"ACCREC"'),
        ("Status", stamp(FALLBACK, T, "m1"), '"DRAFT"'),
        ("Reference", stamp(FIELD, T, "m1"), "null"),
        ("@Contact", stamp(FIELD, T, "m1"), '[{"key":"u1","object":"Contact","optional":false}]'),
        (
            "@Tracking",
            stamp(FIELD, T, "m1"),
            (
                '[{"key":"a","object":"TrackingOption","optional":true},'
                '{"key":"b","object":"TrackingOption","optional":true}]'
            ),
        ),
    )


def test_an_operation_says_one_thing_of_a_path():
    twice = [{"PhoneType": "DEFAULT", "PhoneNumber": "1"}, {"PhoneType": "DEFAULT", "PhoneNumber": "2"}]
    (operation,) = make_draft_operations(
        [Draft(mapping="m", object="Contact", key="u1", fields={"Phones": twice}, fallbacks={})], T, "m1"
    )
    assert paths(operation) == {"Phones[DEFAULT].PhoneNumber": '"2"'}
    assert len(operation.fields) == 1


def test_a_label_brings_the_category_that_it_needs_before_it():
    draft = Draft(mapping="m", object="TrackingOption", key="k", fields={"Category": "C", "Option": "O"}, fallbacks={})
    category, option = make_draft_operations([draft], T, "m1")
    assert (category.object, category.key, paths(category)) == ("TrackingCategory", "C", {"Name": '"C"'})
    assert paths(option)["@Category"] == '[{"key":"C","object":"TrackingCategory","optional":false}]'


def test_the_date_of_a_document_is_never_in_the_future_of_its_arrival(core):
    event = {**order_completed("1001", time="2031-01-01T00:00:00Z"), "receivedAt": "2026-11-02T00:00:00Z"}
    made = {operation.object: operation for operation in make_operations(core.mappings, event, NOW, "m1")}
    assert paths(made["Invoice"])["Date"] == '"2026-11-02T00:00:00+00:00"'
    assert made["Invoice"].fields[0][1].startswith("1|2026-11-02T00:00:00.000000|")


def test_an_event_without_a_time_happened_when_it_arrived(core):
    (operation,) = make_operations(core.mappings, identify("u1", "", name="Ann Lee"), NOW, "m1")
    assert operation.fields == (("Name", stamp(FIELD, NOW, "m1"), '"Ann Lee"'),)
