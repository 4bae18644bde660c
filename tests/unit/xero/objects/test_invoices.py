"""Invoices: exact payloads, dates, currencies, labels, updates, look-ups and refusals."""

from dataclasses import replace
from decimal import Decimal

import pytest

from segxero import jsontext
from segxero.errors import ParkedError, PermanentError
from segxero.xero.api.request import Request
from segxero.xero.objects.invoices import Invoices
from segxero.xero.objects.wanted import Wanted
from tests.support.segment.orders import product
from tests.support.xero.wanted import CONTACT_ID, CONTEXT, INVOICE_ID, contact_link, option_link

D = Decimal
INVOICES = Invoices()
FIELDS = {
    "Type": "ACCREC",
    "Status": "AUTHORISED",
    "Date": "2026-11-01T10:00:00+00:00",
    "Reference": "1001",
    "CurrencyCode": "USD",
    "LineItems": [product("10.00", 2)],
    "Tax": D("3.00"),
    "Total": D("23.00"),
}
LINE = {
    "Description": "Mug",
    "Quantity": D(2),
    "UnitAmount": D(10),
    "AccountCode": "200",
    "TaxType": "OUTPUT2",
    "TaxAmount": D("3.00"),
}
PAYLOAD = {
    "Type": "ACCREC",
    "Status": "AUTHORISED",
    "Contact": {"ContactID": CONTACT_ID},
    "Date": "2026-11-01",
    "DueDate": "2026-11-15",
    "LineAmountTypes": "Exclusive",
    "LineItems": [LINE],
    "InvoiceNumber": "1001",
    "Reference": "1001",
    "CurrencyCode": "USD",
}
BY_REFERENCE = replace(CONTEXT, order_id_in="Reference")


ANN = contact_link()


def invoice(key="1001", *, labels=(), contacts=(ANN,), xero_id="", lines=None, **changes):
    return Wanted(
        key=key,
        fields={**FIELDS, **changes},
        references={"Contact": tuple(contacts), "Tracking": tuple(labels)},
        xero_id=xero_id,
        remembered={} if lines is None else {"lines": jsontext.dumps(lines)},
    )


def payload(record, context=CONTEXT):
    return INVOICES.prepare(record, context).payload


def test_an_order_becomes_this_invoice():
    prepared = INVOICES.prepare(invoice(), CONTEXT)
    assert prepared.payload == PAYLOAD
    assert prepared.total == D("23.00")


def test_its_numbers_are_exact_on_the_wire():
    text = jsontext.dumps(payload(invoice(LineItems=[product("19.90", 3)], Tax=0, Total="59.70"))["LineItems"])
    assert text == ('[{"Description":"Mug","Quantity":3,"UnitAmount":19.9,"AccountCode":"200","TaxType":"NONE"}]')


def test_a_new_invoice_is_created_by_put_so_that_none_is_overwritten():
    record = invoice()
    assert INVOICES.write([(record, payload(record))]) == Request(
        method="PUT",
        path="/Invoices",
        params={"summarizeErrors": "false", "unitdp": "4"},
        body={"Invoices": [PAYLOAD]},
    )


def test_a_known_invoice_is_posted_with_its_id_and_those_of_its_lines_and_without_its_number():
    record = invoice(
        xero_id=INVOICE_ID, lines=["l1", "l2"], LineItems=[product("10.00", 2), product(1), product(1)], Tax=0, Total=22
    )
    request = INVOICES.write([(record, payload(record))])
    assert request.method == "POST"
    (element,) = request.body["Invoices"]
    assert element["InvoiceID"] == INVOICE_ID
    assert "InvoiceNumber" not in element
    assert [line.get("LineItemID") for line in element["LineItems"]] == ["l1", "l2", None]


def test_a_line_fewer_leaves_the_last_id_out_so_that_xero_deletes_that_line():
    record = invoice(xero_id=INVOICE_ID, lines=["l1", "l2"])
    (element,) = INVOICES.write([(record, payload(record))]).body["Invoices"]
    assert element["LineItems"] == [{"LineItemID": "l1", **LINE}]


def test_a_known_invoice_whose_lines_nobody_remembers_gets_new_ones():
    record = invoice(xero_id=INVOICE_ID)
    (element,) = INVOICES.write([(record, payload(record))]).body["Invoices"]
    assert element["LineItems"] == [LINE]


def test_the_ids_of_the_lines_are_remembered():
    element = {"LineItems": [{"LineItemID": "l1"}, {"Description": "no id"}, {"LineItemID": "l2"}]}
    assert INVOICES.remembers(element, invoice()) == {"lines": '["l1","l2"]', "labels": "[]"}
    assert INVOICES.remembers({}, invoice()) == {}
    assert INVOICES.remembers({"LineItems": None}, invoice()) == {}


def test_what_a_credit_note_needs_of_the_invoice_is_remembered():
    label = {"Name": "Campaign", "Option": "Spring", "TrackingCategoryID": "c1", "Options": []}
    element = {"Contact": {"ContactID": "c1"}, "LineItems": [{"Tracking": [label]}, {"Tracking": [label]}]}
    assert INVOICES.remembers(element, invoice()) == {
        "contact": "c1",
        "labels": '[{"Name":"Campaign","Option":"Spring"}]',
    }


def test_an_invoice_of_which_only_refunds_and_payments_have_come_waits_for_no_person():
    with pytest.raises(ParkedError, match="only refunds or payments of this order have come") as parked:
        INVOICES.prepare(
            Wanted(key="1001", fields={"Refunds": [{"Refund": "a"}], "Payments": [{"Payment": "b"}]}), CONTEXT
        )
    assert not parked.value.stuck


def test_labels_stand_on_every_line_as_xero_spells_them():
    record = invoice(
        labels=[option_link("Google Store"), option_link("Spring", "Campaign")],
        LineItems=[product("10.00", 2), product(1)],
        Tax=0,
        Total=21,
    )
    named = [{"Name": "Sales channel", "Option": "Google Store"}, {"Name": "Campaign", "Option": "Spring"}]
    assert [line["Tracking"] for line in payload(record)["LineItems"]] == [named, named]


def test_a_third_label_is_refused_before_xero_drops_it():
    labels = [option_link(name, name) for name in ("A", "B", "C")]
    with pytest.raises(PermanentError, match=r"LineItems.0.Tracking: Longer than maximum length 2"):
        payload(invoice(labels=labels))


def test_the_reference_may_hold_the_order_number_instead():
    made = payload(invoice(Reference="from the mapping"), BY_REFERENCE)
    assert made["Reference"] == "1001"
    assert "InvoiceNumber" not in made


def test_a_number_that_xero_cannot_hold_is_replaced_by_one_that_it_can():
    assert payload(invoice("Bestellung №7", Reference=None))["InvoiceNumber"].startswith("Bestellung 7~")
    long = payload(invoice("9" * 300, Reference=None))["InvoiceNumber"]
    assert (len(long), long[:238]) == (255, "9" * 238)


@pytest.mark.parametrize(
    ("changes", "issued", "due"),
    [
        ({}, "2026-11-01", "2026-11-15"),
        ({"Date": "2026-12-25"}, "2026-12-25", "2027-01-08"),
        ({"Date": "2026-11-01T23:30:00-05:00"}, "2026-11-02", "2026-11-16"),
        ({"Date": "2028-02-20T00:00:00Z"}, "2028-02-20", "2028-03-05"),
        ({"DueDate": "2026-11-30"}, "2026-11-01", "2026-11-30"),
        ({"DueDate": None}, "2026-11-01", "2026-11-15"),
    ],
)
def test_the_dates_are_days_and_the_due_date_is_always_sent(changes, issued, due):
    made = payload(invoice(**changes))
    assert (made["Date"], made["DueDate"]) == (issued, due)


@pytest.mark.parametrize("value", ["yesterday", "", None, "2026-02-30", "99999-01-01", 20261101.5])
def test_a_date_that_is_none_is_a_fault_of_the_event(value):
    with pytest.raises(PermanentError, match=r"^Date should be an ISO 8601 date, not "):
        payload(invoice(Date=value))


@pytest.mark.parametrize(
    ("currency", "default", "sent"),
    [("USD", "", "USD"), ("usd", "", "USD"), (" eur ", "NZD", "EUR"), (None, "NZD", "NZD"), ("", "NZD", "NZD")],
)
def test_an_order_without_currency_has_the_one_of_the_organisation(currency, default, sent):
    assert payload(invoice(CurrencyCode=currency), replace(CONTEXT, currency=default))["CurrencyCode"] == sent


def test_no_currency_at_all_is_left_to_xero():
    assert "CurrencyCode" not in payload(invoice(CurrencyCode=None))


def test_an_order_of_nobody_waits():
    with pytest.raises(ParkedError) as caught:
        payload(invoice(contacts=[]))
    assert str(caught.value) == "the order names no customer; give it a userId, or a key in the mapping's depends_on"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"CurrencyCode": "DOLLARS"}, "CurrencyCode: DOLLARS is not a currency code"),
        ({"Type": "ACCPAY"}, "Type: Must be one of: ACCREC."),
        ({"Status": "PAID"}, "Status: Must be one of: DRAFT, SUBMITTED, AUTHORISED."),
        ({"Reference": "x" * 256}, "Reference: Longer than maximum length 255."),
        ({"Url": "nowhere"}, "Url: Not a valid URL."),
        (
            {"LineItems": [product("23.00", AccountCode="x" * 11)], "Tax": 0},
            "LineItems.0.AccountCode: Longer than maximum length 10.",
        ),
        ({"LineItems": [product("23.00", Colour="red")], "Tax": 0}, "LineItems.0.Colour: Unknown field."),
    ],
)
def test_what_xero_would_refuse_costs_no_call(changes, fault):
    with pytest.raises(PermanentError) as caught:
        payload(invoice(**changes))
    assert str(caught.value) == f"Xero would refuse this invoice: {fault}; correct it at its source and replay"


def test_a_draft_stays_a_draft():
    assert payload(invoice(Status="DRAFT"))["Status"] == "DRAFT"


def test_invoices_are_looked_up_by_number_with_their_lines():
    assert INVOICES.lookup([invoice("1001"), invoice("1002")], CONTEXT) == Request(
        method="GET",
        path="/Invoices",
        params={"InvoiceNumbers": "1001,1002", "page": "1", "pageSize": "100", "unitdp": "4"},
    )


def test_a_number_with_a_comma_is_looked_up_by_a_filter():
    params = INVOICES.lookup([invoice("10,01"), invoice("1002")], CONTEXT).params
    assert params["where"] == 'InvoiceNumber=="10,01" OR InvoiceNumber=="1002"'
    assert "InvoiceNumbers" not in params


def test_references_are_looked_up_by_a_filter():
    params = INVOICES.lookup([invoice("1001"), invoice("10, 02")], BY_REFERENCE).params
    assert params["where"] == 'Reference=="1001" OR Reference=="10, 02"'


def test_an_answer_is_matched_by_number_until_the_id_is_known():
    element = {"InvoiceID": INVOICE_ID.upper(), "InvoiceNumber": "1001", "Type": "ACCREC"}
    assert INVOICES.is_same(element, invoice("1001"), CONTEXT)
    assert not INVOICES.is_same(element, invoice("1002"), CONTEXT)
    assert not INVOICES.is_same({**element, "Type": "ACCPAY"}, invoice("1001"), CONTEXT)
    assert INVOICES.is_same(element, invoice("1002", xero_id=INVOICE_ID), CONTEXT)
    assert not INVOICES.is_same(element, invoice("1001", xero_id="another"), CONTEXT)
    assert INVOICES.is_same({"InvoiceNumber": "INV-7", "Reference": "1001"}, invoice("1001"), BY_REFERENCE)
    assert not INVOICES.is_same(element, invoice("1001"), BY_REFERENCE)


FOUND = {
    "InvoiceID": INVOICE_ID,
    "Contact": {"ContactID": CONTACT_ID.upper()},
    "CurrencyCode": "USD",
    "Total": 23,
    "Status": "PAID",
    "LineItems": [{"LineItemID": "l1"}],
}


@pytest.mark.parametrize(
    ("changes", "ours", "as_prepared"),
    [
        ({}, True, True),
        ({"Status": "AUTHORISED", "Total": D("23.00")}, True, True),
        ({"Status": "VOIDED"}, True, False),
        ({"Status": "DELETED"}, True, False),
        ({"Total": D("23.01")}, True, False),
        ({"Total": None}, True, False),
        ({"CurrencyCode": "EUR"}, True, False),
        ({"LineItems": []}, True, False),
        ({"LineItems": [{}, {}]}, True, False),
        ({"Contact": {"ContactID": "another"}}, False, False),
        ({"Contact": {}}, False, False),
    ],
)
def test_an_invoice_of_the_same_number_is_ours_when_its_contact_is(changes, ours, as_prepared):
    prepared = INVOICES.prepare(invoice(), CONTEXT)
    assert INVOICES.is_ours({**FOUND, **changes}, prepared) is ours
    assert INVOICES.is_written({**FOUND, **changes}, prepared) is as_prepared
