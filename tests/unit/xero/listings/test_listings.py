"""Listings: which of our records an element of Xero's lists is, and what it tells of it."""

from decimal import Decimal

import pytest

from segxero.xero.listings import LISTINGS, contacts, credit_notes, invoices, payments, settings
from segxero.xero.listings.listing import SHORTENED, read_change
from segxero.xero.money import lines
from segxero.xero.objects.context import Context
from segxero.xero.objects.numbering import fit_key

D = Decimal
TABLES = {"accounts": {"default": "200", "shipping": "200", "discount": "200"}, "tax_types": {"0": "NONE", "15": "T15"}}
CONTEXT = Context(tables=TABLES)
KNOWN = {("Contact", "c-1"): "u1", ("Invoice", "i-1"): "1001"}
ANN = {"ContactID": "C-1", "ContactNumber": "u1", "Name": "Ann Able", "EmailAddress": "ann@example.com"}


def found(listing, element, context=CONTEXT):
    return list(listing.read(element, KNOWN, context))


def test_each_object_that_is_listed_has_one_listing():
    names = [name for listing in LISTINGS for name in listing.objects]
    assert sorted(names) == sorted(set(names))


def test_a_contact_without_our_number_is_not_ours():
    assert found(contacts.LISTING, {**ANN, "ContactNumber": ""}) == []


@pytest.mark.parametrize(
    ("name", "plain", "guessed"),
    [
        ("Ann Able", "Ann Able", set()),
        ("Ann Able (ann@example.com)", "Ann Able", set()),
        ("Ann Able (u1)", "Ann Able", set()),
        ("Ann Able (Ltd)", "Ann Able (Ltd)", set()),
        ("ann@example.com", "ann@example.com", {"Name"}),
        ("u1", "u1", {"Name"}),
    ],
)
def test_a_contacts_name_is_told_without_what_our_naming_put_behind_it(name, plain, guessed):
    (contact,) = found(contacts.LISTING, {**ANN, "Name": name})
    assert (contact.fields["Name"], contact.guessed) == (plain, guessed)


def test_a_contact_tells_what_is_filled_and_no_empty_slot():
    element = {
        **ANN,
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1"}, {"PhoneType": "FAX", "PhoneNumber": ""}],
        "Addresses": [{"AddressType": "POBOX", "City": "Napier", "Region": ""}, {"AddressType": "STREET", "City": ""}],
        "AccountNumber": "by hand",
    }
    (contact,) = found(contacts.LISTING, element)
    assert contact.fields == {
        "Name": "Ann Able",
        "EmailAddress": "ann@example.com",
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1"}],
        "Addresses": [{"AddressType": "POBOX", "City": "Napier"}],
    }


def test_a_merged_contact_is_the_one_that_it_was_merged_into():
    (contact,) = found(contacts.LISTING, {**ANN, "MergedToContactID": "C-9", "ContactStatus": "ARCHIVED"})
    assert contact.xero_id == "C-9"
    assert list(contacts.ids({**ANN, "MergedToContactID": "C-9"})) == [("Contact", "c-1"), ("Contact", "c-9")]


def test_a_group_of_a_custom_field_is_a_membership_and_another_group_is_none():
    groups = [{"ContactGroupID": "G-1", "Name": "Plan: gold"}, {"ContactGroupID": "G-2", "Name": "Friends"}]
    _, member = found(contacts.LISTING, {**ANN, "ContactGroups": groups})
    assert (member.object, member.key, member.xero_id) == ("ContactGroupMember", "u1 | Plan", "G-1")


def invoice(**changes):
    return {
        "InvoiceID": "I-1",
        "InvoiceNumber": "1001",
        "Type": "ACCREC",
        "Contact": {"ContactID": "c-1"},
        "DateString": "2026-11-20T00:00:00",
        "CurrencyCode": "NZD",
        "Status": "AUTHORISED",
        "TotalTax": D("3.30"),
        "Total": D("25.30"),
        "LineItems": [
            {"Description": "Mug", "Quantity": D(1), "UnitAmount": D("20.00"), "AccountCode": "200", "LineItemID": "a"},
            {"Description": "Discount", "Quantity": D(1), "UnitAmount": D("-2.00"), "AccountCode": "200"},
            {"Description": "Shipping", "Quantity": D(1), "UnitAmount": D("4.00"), "AccountCode": "200"},
        ],
        **changes,
    }


def test_an_invoice_tells_the_order_that_makes_the_same_lines_and_total_again():
    (one,) = found(invoices.LISTING, invoice())
    made = lines.make_lines(one.fields, TABLES)
    assert [(line["Description"], line["UnitAmount"]) for line in made.items] == [
        ("Mug", D(20)),
        ("Discount", D("-2.00")),
        ("Shipping", D("4.00")),
    ]
    assert (made.total, made.tax, one.key, one.xero_id) == (D("25.30"), D("3.30"), "1001", "I-1")
    assert one.references == {"Contact": [("Contact", "u1")]}


def test_a_product_that_is_called_shipping_twice_stays_a_product():
    line = {"Description": "Shipping", "Quantity": D(1), "UnitAmount": D("1.00"), "AccountCode": "200"}
    (one,) = found(invoices.LISTING, invoice(LineItems=[line, line], TotalTax=D(0), Total=D("2.00")))
    assert (one.fields["Shipping"], len(one.fields["LineItems"])) == (D("1.00"), 1)
    assert lines.make_lines(one.fields, TABLES).total == D("2.00")


@pytest.mark.parametrize("changes", [{"Contact": {"ContactID": "stranger"}}, {"InvoiceNumber": ""}, {"Contact": {}}])
def test_an_invoice_of_nobody_we_know_or_without_a_number_is_not_ours(changes):
    assert found(invoices.LISTING, invoice(**changes)) == []


def test_where_xero_numbers_the_invoices_ours_is_known_by_its_reference():
    by_reference = Context(tables=TABLES, order_id_in="Reference")
    (one,) = found(invoices.LISTING, invoice(InvoiceNumber="INV-7", Reference="1001"), by_reference)
    assert (one.key, one.remembered["number"], "Reference" in one.fields) == ("1001", "INV-7", False)


def test_a_credit_note_brings_its_allocation_and_what_the_invoice_must_know():
    note = {
        "CreditNoteID": "N-1",
        "CreditNoteNumber": "1001-R-a",
        "Contact": {"ContactID": "C-1"},
        "Total": D("5.00"),
        "LineItems": [{"LineItemID": "x"}],
        "Allocations": [{"AllocationID": "A-1", "Invoice": {"InvoiceID": "I-1"}}, {"Invoice": {"InvoiceID": "other"}}],
    }
    credit, allocation, facts = found(credit_notes.LISTING, note)
    assert credit.remembered == {"lines": '["x"]', "total": "5.00"}
    assert (allocation.object, allocation.key, allocation.xero_id) == ("Allocation", "1001-R-a", "A-1")
    assert (facts.object, facts.key, facts.xero_id) == ("Invoice", "1001", "")
    assert [(one["Key"], one["Total"]) for one in facts.fields["Refunds"]] == [("1001-R-a", D("5.00"))]


def test_a_payment_of_our_invoice_is_ours_and_a_deleted_or_foreign_one_is_not():
    paid = {"PaymentID": "P-1", "Reference": "1001-P-1", "Amount": D("5.00"), "Invoice": {"InvoiceID": "i-1"}}
    payment, facts = found(payments.LISTING, paid)
    assert (payment.key, payment.xero_id, payment.remembered) == ("1001-P-1", "P-1", {"amount": "5.00"})
    assert [one["Amount"] for one in facts.fields["Payments"]] == [D("5.00")]
    assert found(payments.LISTING, {**paid, "Status": "DELETED"}) == []
    assert found(payments.LISTING, {**paid, "Invoice": {"InvoiceID": "other"}}) == []
    assert found(payments.LISTING, {**paid, "Reference": ""}) == []


def test_archived_categories_and_options_are_left_out():
    options = [
        {"TrackingOptionID": "O-1", "Name": "Web", "Status": "ACTIVE"},
        {"TrackingOptionID": "O-2", "Name": "Old", "Status": "ARCHIVED"},
    ]
    category = {"TrackingCategoryID": "T-1", "Name": "Channel", "Status": "ACTIVE", "Options": options}
    assert [(one.object, one.key) for one in found(settings.TRACKING, category)] == [
        ("TrackingCategory", "Channel"),
        ("TrackingOption", "Channel: Web"),
    ]
    assert found(settings.TRACKING, {**category, "Status": "ARCHIVED"}) == []


@pytest.mark.parametrize(
    ("element", "seconds"),
    [
        ({"UpdatedDateUTC": "/Date(1789378199100+0000)/"}, 1789378199.1),
        ({"UpdatedDateUTC": "/Date(1789378199100)/"}, 1789378199.1),
        ({"UpdatedDateUTCString": "2026-09-14T09:29:59Z"}, 1789378199.0),
        ({}, 0.0),
    ],
)
def test_the_last_change_is_read_from_each_form_that_xero_writes(element, seconds):
    assert read_change(element) == seconds


def test_a_shortened_key_is_told_from_a_whole_one():
    assert SHORTENED.search(fit_key("x" * 60))
    assert not SHORTENED.search("u~1")
