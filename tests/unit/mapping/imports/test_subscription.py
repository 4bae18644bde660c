"""Importing Segment's subscriptions: what becomes of triggers, constants and fields, and the warnings."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.errors import ConfigError
from segxero.mapping.files.loader import load
from segxero.mapping.files.strict_yaml import read
from segxero.mapping.imports.subscription import import_subscription, write_yaml
from tests.support.set_ups.mapping_files import DESCRIBED, OBJECTS, write_mappings

ORDER = {
    "id": "7y2wH6jWjFDKgPVBxpFsMY",
    "name": "Order Completed Calls",
    "actionId": "x",
    "actionSlug": "orderCompleted",
    "destinationId": "y",
    "enabled": True,
    "trigger": 'type = "track" and event = "Order Completed"',
    "settings": {
        "order_id": {"@path": "$.properties.order_id"},
        "currency": {"@case": {"operator": "upper", "value": {"@path": "$.properties.currency"}}},
        "total": {"@path": "$.properties.total"},
        "products": {
            "@arrayPath": [
                "$.properties.products",
                {
                    "name": {"@path": "$.name"},
                    "price": {"@path": "$.price"},
                    "quantity": {
                        "@if": {"exists": {"@path": "$.quantity"}, "then": {"@path": "$.quantity"}, "else": 1}
                    },
                },
            ]
        },
        "warehouse": {"@path": "$.properties.warehouse"},
        "__segment_internal_sync_mode": "upsert",
    },
}
IDENTIFY = {
    "name": "Identify Calls",
    "trigger": 'type = "identify"',
    "settings": {"email": {"@path": "$.traits.email", "_metadata": {"label": "Email"}}},
}


def subscription(settings, **changes):
    return {**IDENTIFY, "settings": settings, **changes}


def made(tmp_path, data, objects=OBJECTS, **options):
    """Import *data*, load the result beside a mapping that is sure to be there; return mappings and warnings."""
    imported = import_subscription(data, objects, **options)
    files = {"imported.yaml": imported.yaml_text, "sure.yaml": SURE, "contacts.yaml": None}
    loaded = load(write_mappings(tmp_path, files), objects)
    return [mapping for mapping in loaded.mappings if mapping.file == "imported.yaml"], imported.warnings


SURE = '- {name: sure, object: Contact, trigger: type = "alias", key: $.userId, fields: {Name: x}}\n'


def fields(tmp_path, settings, event=None, **options):
    (mapping,), warnings = made(tmp_path, subscription(settings), **options)
    draft = mapping.apply({"type": "identify", "userId": "u1", "traits": {"email": "a@b.c", "n": 5}, **(event or {})})
    return draft.fields, [warning for warning in warnings if "is a guess" not in warning]


def test_an_order_becomes_an_invoice(tmp_path):
    (mapping,), warnings = made(
        tmp_path,
        ORDER,
        DESCRIBED | {"Invoice": {**DESCRIBED["Invoice"], "CurrencyCode": DESCRIBED["Contact"]["AccountNumber"]}},
    )
    assert (mapping.name, mapping.object) == ("order-completed-calls", "Invoice")
    products = [{"name": "Uno", "price": 3, "quantity": 2}, {"name": "Go", "price": Decimal("19.90")}]
    properties = {"order_id": "1", "currency": "usd", "total": Decimal("25.90"), "products": products}
    event = {"type": "track", "event": "Order Completed", "userId": "u1", "properties": properties}
    draft = mapping.apply(event)
    assert draft.key == "1"
    assert draft.fields == {
        "Reference": "1",
        "CurrencyCode": "USD",
        "Total": Decimal("25.90"),
        "LineItems": [
            {"Description": "Uno", "UnitAmount": 3, "Quantity": 2},
            {"Description": "Go", "UnitAmount": Decimal("19.90"), "Quantity": 1},
        ],
    }
    assert [(one.object, one.key) for one in draft.references] == [("Contact", "u1")]
    assert warnings == (
        "order-completed-calls: its key $.properties.order_id is a guess: it says which Invoice an event is about",
        "order-completed-calls: warehouse is written as a comment: Invoice has no such field",
        "order-completed-calls: __segment_internal_sync_mode is left out: it steers Segment's own delivery",
    )


def test_the_text_reads_well():
    text = import_subscription(
        subscription({"email": {"@path": "$.traits.email"}, "zip": {"@path": "$.traits.zip"}}), OBJECTS
    )
    assert (
        text.yaml_text
        == """\
# Imported from Segment. Read it before you use it: fields that Xero does not know stand in comments, and the key
# (which record an event is about) is a guess.

- name: identify-calls
  object: Contact
  trigger: type = "identify"
  key: $.userId
  fields:
    EmailAddress: $.traits.email
  # zip: Contact has no such field
  #   "$.traits.zip"
"""
    )


@pytest.mark.parametrize(
    ("settings", "result", "warning"),
    [
        ({"email": {"@path": "$.traits.email"}}, {"EmailAddress": "a@b.c"}, ""),
        ({"email": {"@path": "traits.email"}}, {"EmailAddress": "a@b.c"}, ""),
        ({"email": "$.traits.email"}, {"EmailAddress": "$.traits.email"}, "is plain text in Segment and stays so"),
        ({"email": "$"}, {"EmailAddress": "$"}, "is plain text in Segment and stays so"),
        ({"email": "{{traits.email}}"}, {"EmailAddress": "{{traits.email}}"}, "is plain text in Segment and stays so"),
        ({"email": "NO"}, {"EmailAddress": "NO"}, ""),
        ({"email": "0200"}, {"EmailAddress": "0200"}, ""),
        ({"email": 5}, {"EmailAddress": 5}, ""),
        ({"email": Decimal("10.50")}, {"EmailAddress": Decimal("10.50")}, ""),
        ({"email": {"@template": "{{traits.email}}!"}}, {"EmailAddress": "a@b.c!"}, ""),
        ({"email": {"@liquid": "{{ traits.n | times: 2 }}"}}, {"EmailAddress": "10"}, ""),
        ({"phone": {"@path": "$.traits.n"}}, {"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": 5}]}, ""),
        ({"first_name": "Ann", "LASTNAME": "Lee"}, {"FirstName": "Ann", "LastName": "Lee"}, ""),
        (
            {"email": {"@if": {"exists": {"@path": "$.traits.x"}, "then": "a", "else": ""}}},
            {},
            "else: '' is left out, because Segment ignores it",
        ),
        (
            {
                "email": {
                    "@if": {"exists": {"@path": "$.traits.n"}, "blank": {"@path": "$.x"}, "then": "a", "else": "b"}
                }
            },
            {"EmailAddress": "a"},
            "Segment looks at exists only",
        ),
        (
            {"name": {"@merge": {"objects": [{"a": 1}, {"a": "$.x"}], "direction": "Left"}}},
            {"Name": {"a": "$.x"}},
            'direction "Left" acts as right in Segment',
        ),
        ({"name": {"@excludeWhenNull": "$.x"}}, {"Name": "$.x"}, "is put into a @literal"),
        ({"name": {"@replace": {"value": {"@path": "$.userId"}, "pattern": "$."}}}, {"Name": "u1"}, ""),
        (
            {"name": {"@json": {"mode": "encode", "value": {"a": "$.x"}}}},
            {"Name": '{"a":"$.x"}'},
            "is put into a @literal",
        ),
        ({"name": {"@arrayPath": ["$.traits.list", {"a": "$.b"}]}}, {}, "is put into a @literal"),
        ({"name": {"@arrayPath": ["$.traits.email", {}]}}, {"Name": "a@b.c"}, ""),
        ({"name": {"@path": {"@template": "traits.email"}}}, {"Name": "a@b.c"}, ""),
        (
            {"name": {"@transform": {"apply": {"x": "$.y"}, "mapping": {"z": {"@path": "$.x"}}}}},
            {"Name": {"z": "$.y"}},
            "is put into a @literal",
        ),
    ],
)
def test_a_value_keeps_what_it_means_in_segment(tmp_path, settings, result, warning):
    found, warnings = fields(tmp_path, settings)
    assert found == result
    assert warning in " ".join(warnings)
    assert bool(warning) is bool(warnings)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (
            {"email": {"@template": "{{$.traits.email}}"}},
            "email is written as a comment: /@template reads {{$.traits.email}} as",
        ),
        ({"email": {"@json": {"mode": "ENCODE", "value": {"@path": "$.x"}}}}, "in small letters"),
        ({"email": {"@case": {"operator": "Upper", "value": {"@path": "$.x"}}}}, "should be lower or upper"),
        ({"email": {"@unknown": 1}}, "is not a known directive"),
        ({"email": {"@liquid": "{% for a in b %}{% endfor %}"}}, "cannot use the tag for"),
        ({"email": {"@path": "$.x", "@template": "y"}}, "should hold one directive and nothing else"),
        ({"shoe_size": 5}, "shoe_size is written as a comment: Contact has no such field"),
    ],
)
def test_what_cannot_be_brought_along_stands_in_a_comment(tmp_path, settings, reason):
    found, warnings = fields(tmp_path, {"first_name": "Ann", **settings})
    assert found == {"FirstName": "Ann"}
    assert reason in " ".join(warnings)


def test_what_xero_never_takes_stands_in_a_comment(tmp_path):
    settings = {"name": "Ann", "account_number": "x" * 60, "addresses": [{"city": "Oslo", "town": "x"}]}
    found, warnings = fields(tmp_path, settings, objects=DESCRIBED)
    assert found == {"Name": "Ann", "Addresses": [{"City": "Oslo"}]}
    assert any("account_number is written as a comment:  has 60 characters" in warning for warning in warnings)
    assert any("town is left out: Xero has no such field there" in warning for warning in warnings)


def test_a_second_name_for_one_field_stands_in_a_comment(tmp_path):
    found, warnings = fields(tmp_path, {"email": "a", "email_address": "b"})
    assert found == {"EmailAddress": "a"}
    assert warnings == ["identify-calls: email_address is written as a comment: EmailAddress is taken already"]


def test_without_any_known_field_only_the_key_is_written(tmp_path):
    (mapping,), warnings = made(tmp_path, subscription({"shoe_size": 5}))
    draft = mapping.apply({"type": "identify", "userId": "u1"})
    assert (draft.key, draft.fields, draft.fallbacks) == ("u1", {}, {"Name": "u1"})
    assert "identify-calls: Xero knows none of its fields, so only the key is written" in warnings


@pytest.mark.parametrize(
    ("trigger", "reason"),
    [
        ("type = 'track'", "Segment does not read its trigger as it is written, column 8: ' cannot be read"),
        ('type = "track" and anonymousId != null', "column 20: anonymousId is not a field"),
        ('type = "track" and type = "page"', "no event can match its trigger"),
        ("", "the trigger is empty"),
    ],
)
def test_a_mapping_whose_trigger_cannot_be_kept_stands_in_a_comment(tmp_path, trigger, reason):
    mappings, warnings = made(tmp_path, [subscription({"email": "x"}, trigger=trigger), IDENTIFY])
    assert [mapping.name for mapping in mappings] == ["identify-calls-2"]
    assert reason in " ".join(warnings)
    text = import_subscription(subscription({"email": "x"}, trigger=trigger), OBJECTS).yaml_text
    assert all(line.startswith("#") or not line for line in text.splitlines())
    assert "#   trigger:" in text


def test_a_trigger_that_segment_misreads_is_kept_with_a_warning(tmp_path):
    trigger = 'type = "track" and event = "A" or event = "B"'
    (mapping,), warnings = made(tmp_path, subscription({"email": "x"}, trigger=trigger))
    assert str(mapping.trigger) == trigger
    assert warnings[0].startswith('identify-calls: Segment reads this as: type = "track" or event = "A" or event = "B"')


def test_a_mapping_that_is_switched_off_in_segment_is_so_here(tmp_path):
    (mapping,), warnings = made(tmp_path, subscription({"email": "x"}, enabled=False))
    assert not mapping.enabled
    assert "identify-calls: it is switched off in Segment, and here as well: enabled: false" in warnings


def test_a_group_gets_the_key_of_groups(tmp_path):
    (mapping,), _ = made(tmp_path, subscription({"name": {"@path": "$.traits.name"}}, trigger='type = "group"'))
    assert mapping.apply({"type": "group", "groupId": "g1", "traits": {"name": "Initech"}}).key == "g1"


def test_the_object_can_be_named(tmp_path):
    (mapping,), _ = made(tmp_path, ORDER, object_name="Contact")
    assert mapping.object == "Contact"
    with pytest.raises(ConfigError, match="Order is not an object we keep in Xero: write Contact, Invoice"):
        import_subscription(ORDER, OBJECTS, object_name="Order")


@pytest.mark.parametrize(
    "answer",
    [
        IDENTIFY,
        [IDENTIFY],
        {"data": {"subscriptions": [IDENTIFY]}},
        {"data": {"subscription": IDENTIFY}},
        {"subscriptions": [IDENTIFY]},
        {"name": "Identify Calls", "subscribe": IDENTIFY["trigger"], "mapping": IDENTIFY["settings"]},
    ],
    ids=["one", "list", "list answer", "answer", "bare list answer", "preset"],
)
def test_every_form_of_the_answer_is_read(tmp_path, answer):
    (mapping,), _ = made(tmp_path, answer)
    assert mapping.name == "identify-calls"


@pytest.mark.parametrize(
    "data", [5, "x", None, {}, [], {"data": {}}, [{"settings": {}}], {"trigger": 5, "settings": {}}]
)
def test_what_is_no_subscription_is_refused(data):
    with pytest.raises(ConfigError, match="subscription"):
        import_subscription(data, OBJECTS)


@pytest.mark.parametrize("end", ["\n", "\r", "\x85", "\u2028"])
def test_nothing_leaves_its_comment(tmp_path, end):
    settings = {f"a{end}- name: x": f"b{end}- name: y", "email": "x"}
    (mapping,), _ = made(tmp_path, subscription(settings, name=f"c{end}- name: z"))
    assert mapping.name == "c-name-z"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, places=2)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_yaml_is_written_as_it_is_read(value):
    document = read(write_yaml({"value": value}), "x.yaml")
    assert (document.faults, document.value) == ([], {"value": value})
