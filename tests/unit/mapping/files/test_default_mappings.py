"""The mapping files that are shipped: exact drafts for the events of Segment's own specification."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.errors import MappingError
from segxero.mapping.files.loader import load
from segxero.mapping.model import Draft, Reference
from segxero.mapping.organisations import Organisation
from segxero.mapping.tax_settings import TaxSettings
from segxero.xero.objects.table import FIELDS

MAPPINGS = load(Path(__file__).parents[4] / "mappings", FIELDS)


NAMES = ["name", "firstName", "address", "company", "phone", "products", "campaign", "affiliation", "price", "quantity"]


def order(**changes):
    """Segment's example of Order Completed, from its e-commerce specification."""
    properties = {
        "checkout_id": "fksdjfsdjfisjf9sdfjsd9f",
        "order_id": "50314b8e9bcf000000000000",
        "affiliation": "Google Store",
        "total": Decimal("27.50"),
        "subtotal": Decimal("22.50"),
        "revenue": Decimal("22.50"),
        "shipping": 3,
        "tax": 2,
        "discount": Decimal("2.5"),
        "coupon": "hasbros",
        "currency": "USD",
        "products": [
            {
                "product_id": "507f1f77bcf86cd799439011",
                "sku": "45790-32",
                "name": "Monopoly: 3rd Edition",
                "price": 19,
                "quantity": 1,
                "category": "Games",
            },
            {
                "product_id": "505bd76785ebb509fc183733",
                "sku": "46493-32",
                "name": "Uno Card Game",
                "price": 3,
                "quantity": 2,
                "category": "Games",
            },
        ],
    }
    return {
        "type": "track",
        "event": "Order Completed",
        "userId": "u1",
        "timestamp": "2026-11-01T10:00:00.000Z",
        "context": {"campaign": {"name": "Spring sale"}, "traits": {"email": "ann@example.com"}},
        "properties": {**properties, **changes},
    }


INVOICE = Draft(
    mapping="order-completed",
    object="Order",
    key="50314b8e9bcf000000000000",
    fields={
        "Fact": "version",
        "Status": "AUTHORISED",
        "Date": "2026-11-01T10:00:00.000Z",
        "Reference": "50314b8e9bcf000000000000",
        "CurrencyCode": "USD",
        "LineItems": [
            {
                "Description": "Monopoly: 3rd Edition",
                "Quantity": 1,
                "UnitAmount": 19,
                "Sku": "45790-32",
                "AccountCode": "200",
                "Category": "Games",
            },
            {
                "Description": "Uno Card Game",
                "Quantity": 2,
                "UnitAmount": 3,
                "Sku": "46493-32",
                "AccountCode": "200",
                "Category": "Games",
            },
        ],
        "Shipping": 3,
        "Discount": Decimal("2.5"),
        "Tax": 2,
        "Subtotal": Decimal("22.50"),
        "Total": Decimal("27.50"),
    },
    fallbacks={},
    references=(
        Reference(field="Contact", object="Contact", key="u1", optional=False),
        Reference(field="Tracking", object="TrackingOption", key="Sales channel: Google Store", optional=True),
        Reference(field="Tracking", object="TrackingOption", key="Campaign: Spring sale", optional=True),
    ),
)


def invoice_of(event):
    (draft,) = [draft for draft in MAPPINGS.drafts(event) if draft.object == "Order"]
    return draft


def test_the_order_of_the_specification_becomes_these_drafts():
    assert MAPPINGS.drafts(order()) == [
        Draft(
            mapping="order-customer",
            object="Contact",
            key="u1",
            fields={},
            fallbacks={"EmailAddress": "ann@example.com"},
        ),
        INVOICE,
        Draft(
            mapping="sales-channel",
            object="TrackingOption",
            key="Sales channel: Google Store",
            fields={"Category": "Sales channel", "Option": "Google Store"},
            fallbacks={},
        ),
        Draft(
            mapping="campaign",
            object="TrackingOption",
            key="Campaign: Spring sale",
            fields={"Category": "Campaign", "Option": "Spring sale"},
            fallbacks={},
        ),
    ]


def test_the_old_name_of_the_event_makes_the_same_drafts():
    assert MAPPINGS.drafts({**order(), "event": "Completed Order"}) == MAPPINGS.drafts(order())


def test_an_order_without_labels_names_no_tracking_option():
    event = {**order(affiliation=""), "context": None}
    assert [draft.mapping for draft in MAPPINGS.drafts(event)] == ["order-customer", "order-completed"]
    assert [reference.field for reference in invoice_of(event).references] == ["Contact"]


def test_an_anonymous_order_belongs_to_its_anonymous_id():
    event = {**order(), "userId": None, "anonymousId": "a1", "context": {}}
    assert MAPPINGS.drafts(event)[0].key == "a1"
    # An id is never shown as a name.
    assert MAPPINGS.drafts(event)[0].fallbacks == {}
    assert invoice_of(event).references[0].key == "a1"


def test_the_customer_in_an_order_suggests_name_and_address():
    customer = {"name": "Ann Lee", "first_name": "Ann", "last_name": "Lee", "email": "ann@lee.example"}
    assert MAPPINGS.drafts(order(customer=customer))[0].fallbacks == {
        "Name": "Ann Lee",
        "FirstName": "Ann",
        "LastName": "Lee",
        "EmailAddress": "ann@lee.example",
    }


def test_a_line_takes_what_the_product_has():
    products = [{"sku": "S1", "price": "3.90"}, {"product_id": "P1", "quantity": 3}, {"name": "", "price": 1}]
    event = order(products=products, currency="eur", total=None)
    assert invoice_of(event).fields["LineItems"] == [
        {"Description": "S1", "Quantity": 1, "UnitAmount": "3.90", "Sku": "S1", "AccountCode": "200"},
        {"Description": "P1", "Quantity": 3, "Sku": "P1", "AccountCode": "200"},
        {"Description": "Product", "Quantity": 1, "UnitAmount": 1, "AccountCode": "200"},
    ]
    assert invoice_of(event).fields["CurrencyCode"] == "EUR"
    assert invoice_of(event).fields["Total"] is None


def test_what_an_order_does_not_say_is_left_out():
    event = {"type": "track", "event": "Order Completed", "userId": "u1", "properties": {"order_id": 1001}}
    draft = invoice_of(event)
    assert draft.key == "1001"
    assert draft.fields == {"Fact": "version", "Status": "AUTHORISED", "Reference": 1001}


def test_an_order_without_its_number_is_refused_with_the_mapping_and_its_place():
    with pytest.raises(MappingError, match=r"Mapping order-completed \(orders.yaml:\d+\): the key is empty"):
        MAPPINGS.drafts(order(order_id=None))


def test_a_full_identify_fills_the_contact():
    traits = {
        "name": "Peter Gibbons",
        "firstName": "Peter",
        "lastName": "Gibbons",
        "email": "peter@example.com",
        "phone": 5550100,
        "company": {"name": "Initech", "id": 7},
        "address": {
            "street": "6th St",
            "city": "San Francisco",
            "state": "CA",
            "postalCode": "94103",
            "country": "USA",
        },
    }
    assert MAPPINGS.drafts({"type": "identify", "userId": "97980cfea0067", "traits": traits}) == [
        Draft(
            mapping="identify",
            object="Contact",
            key="97980cfea0067",
            fields={
                "Name": "Peter Gibbons",
                "FirstName": "Peter",
                "LastName": "Gibbons",
                "EmailAddress": "peter@example.com",
                "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "5550100"}],
                "Addresses": [
                    {
                        "AddressType": "POBOX",
                        "AttentionTo": "Initech",
                        "AddressLine1": "6th St",
                        "City": "San Francisco",
                        "Region": "CA",
                        "PostalCode": "94103",
                        "Country": "USA",
                    }
                ],
            },
            fallbacks={"Name": "Peter"},
        )
    ]


@pytest.mark.parametrize(
    ("traits", "fields", "fallbacks"),
    [
        ({"email": "a@b.example"}, {"EmailAddress": "a@b.example"}, {}),
        ({"firstName": "Ann"}, {"FirstName": "Ann"}, {"Name": "Ann"}),
        ({"last_name": "Lee"}, {"LastName": "Lee"}, {"Name": "Lee"}),
        (
            {"first_name": "Ann", "last_name": "Lee"},
            {"Name": "Ann Lee", "FirstName": "Ann", "LastName": "Lee"},
            {"Name": "Ann"},
        ),
        (
            {"firstName": "Ann", "lastName": "Lee"},
            {"Name": "Ann Lee", "FirstName": "Ann", "LastName": "Lee"},
            {"Name": "Ann"},
        ),
        ({"name": ""}, {}, {}),
        ({"name": None}, {}, {}),
        (
            {"company": {"name": "Initech"}},
            {"Addresses": [{"AddressType": "POBOX", "AttentionTo": "Initech"}]},
            {},
        ),
        (
            {"address": {"postal_code": "0600", "city": "Auckland"}},
            {"Addresses": [{"AddressType": "POBOX", "City": "Auckland", "PostalCode": "0600"}]},
            {},
        ),
        ({}, {}, {}),
    ],
)
def test_a_partial_identify_leaves_the_other_fields_alone(traits, fields, fallbacks):
    (draft,) = MAPPINGS.drafts({"type": "identify", "userId": "u1", "traits": traits})
    assert draft.fields == fields
    assert draft.fallbacks == fallbacks


def test_a_group_is_a_contact_of_its_own():
    traits = {
        "name": "Initech",
        "email": "office@initech.example",
        "phone": "555 0199",
        "website": "https://initech.example",
        "address": {"street": "1 Main St", "city": "Austin", "state": "TX", "postal_code": "73301", "country": "USA"},
    }
    event = {"type": "group", "userId": "u1", "groupId": "0e8c78ea9d97a7b8185e8632", "traits": traits}
    assert MAPPINGS.drafts(event) == [
        Draft(
            mapping="group",
            object="Contact",
            key="0e8c78ea9d97a7b8185e8632",
            fields={
                "IsCompany": True,
                "Name": "Initech",
                "EmailAddress": "office@initech.example",
                "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "555 0199"}],
                "Addresses": [
                    {
                        "AddressType": "POBOX",
                        "AddressLine1": "1 Main St",
                        "City": "Austin",
                        "Region": "TX",
                        "PostalCode": "73301",
                        "Country": "USA",
                    }
                ],
            },
            fallbacks={},
        )
    ]


@pytest.mark.parametrize(
    "event",
    [
        {"type": "page", "name": "Home"},
        {"type": "track", "event": "Product Viewed"},
        {"type": "identify", "anonymousId": "a1", "traits": {"email": "x"}},
        {"type": "track", "event": "Payment Info Entered"},
    ],
)
def test_other_events_are_not_wanted(event):
    assert not MAPPINGS.wants(event)


def test_the_shipped_organisation_takes_every_source():
    assert MAPPINGS.organisations == {
        "main": Organisation(
            name="main",
            sources=None,
            order_id_in="InvoiceNumber",
            due_days=14,
            currency="",
            tax=TaxSettings(country="NZ", sells=("standard", "exempt"), ships_abroad=False, tax_missing="none"),
        )
    }


def test_the_shipped_tables():
    assert MAPPINGS.tables == {
        "payment_methods": {},
        "accounts": {"default": "200", "shipping": "200", "discount": "200", "foreign_tax": "829"},
        "tax_rows": {
            "NZ standard": "15 OUTPUT2 box 5+7+8",
            "NZ zero_rated": "0 ZERORATED box 5+6",
            "NZ export": "0 ZERORATED box 5+6",
            "NZ reverse_charge": "0 ZERORATED box 5+6",
            "NZ exempt": "0 NONE",
            "NZ no_supply": "0 NONE",
            "NZ not_registered": "0 NONE",
        },
        "tax_classes": {"Gift Cards": "no_supply"},
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(traits=json_values, properties=json_values, context=json_values)
def test_no_shape_of_an_event_breaks_a_mapping(traits, properties, context):
    for kind in [
        {"type": "identify"},
        {"type": "group", "groupId": "g"},
        {"type": "track", "event": "Order Completed"},
        {"type": "track", "event": "Order Refunded"},
        {"type": "track", "event": "Order Cancelled"},
    ]:
        event = {**kind, "userId": "u", "traits": traits, "properties": properties, "context": context}
        for mapping in MAPPINGS.mappings:
            if mapping.wants(event) and mapping.object not in ("Invoice", "CreditNote", "Order"):
                assert mapping.apply(event).object == mapping.object
            elif mapping.wants(event):
                mapping.body.fields(event)
