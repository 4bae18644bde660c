from decimal import Decimal

import pytest

from tests.support.xero.sandbox_client import connected, line, sale

EACH = "Invoices?summarizeErrors=false"
ZERO_ID = "00000000-0000-0000-0000-000000000000"


def refused(reply):
    """Return the sentences of the one element that was refused in a call without summary."""
    assert reply.json["Invoices"][0]["StatusAttributeString"] == "ERROR", reply.text
    return reply.errors("Invoices")


def put(xero, **fields):
    return xero.put(EACH, {"Invoices": [sale(**fields)]})


def post(xero, **fields):
    return xero.post(EACH, {"Invoices": [fields]})


def settle(xero, identity, amount):
    """Apply money to an invoice, as a person in Xero would."""
    world = xero.client.application.extensions["sandbox"]
    invoice = next(iter(world.books.values())).invoices.get(identity)
    invoice["AmountPaid"] = Decimal(amount)


def test_an_approved_invoice_comes_back_as_recorded():
    invoice = connected().invoice(
        Reference="recording", LineItems=[line(Quantity=2, UnitAmount="10.5")], InvoiceNumber="O-1"
    )
    assert (invoice["SubTotal"], invoice["TotalTax"], invoice["Total"]) == (
        Decimal(21),
        Decimal("3.15"),
        Decimal("24.15"),
    )
    assert (invoice["AmountDue"], invoice["AmountPaid"]) == (Decimal("24.15"), Decimal(0))
    assert (invoice["Date"], invoice["DateString"]) == ("/Date(1795132800000+0000)/", "2026-11-20T00:00:00")
    assert (invoice["DueDate"], invoice["DueDateString"]) == ("/Date(1797724800000+0000)/", "2026-12-20T00:00:00")
    assert invoice["UpdatedDateUTCString"] == "2026-11-24T06:00:00Z"
    assert (invoice["CurrencyCode"], invoice["CurrencyRate"]) == ("NZD", Decimal(1))
    assert (invoice["HasErrors"], invoice["SentToContact"]) == (False, False)
    assert invoice["Contact"]["Name"] == "Ann Able"
    only = invoice["LineItems"][0]
    assert (only["TaxType"], only["TaxAmount"], only["LineAmount"]) == ("OUTPUT2", Decimal("3.15"), Decimal(21))


def test_numbers_are_given_from_inv_0001_upward_and_skip_taken_ones():
    xero = connected()
    xero.invoice(InvoiceNumber="INV-0002")
    assert [xero.invoice()["InvoiceNumber"] for _ in range(2)] == ["INV-0001", "INV-0003"]


def test_put_refuses_a_number_that_exists_even_when_it_was_voided():
    xero = connected()
    xero.invoice(InvoiceNumber="O-1")
    post(xero, InvoiceNumber="O-1", Status="VOIDED")
    reply = put(xero, InvoiceNumber="o-1")
    assert refused(reply) == ["Invoice # must be unique."]
    assert reply.json["Invoices"][0]["InvoiceID"] == ZERO_ID
    assert reply.json["Invoices"][0]["HasErrors"] is True


def test_the_second_of_two_equal_numbers_in_one_put_is_refused():
    xero = connected()
    reply = xero.put(EACH, {"Invoices": [sale(InvoiceNumber="O-1"), sale(InvoiceNumber="O-1")]})
    assert [each["StatusAttributeString"] for each in reply.json["Invoices"]] == ["OK", "ERROR"]


def test_post_with_a_known_number_silently_edits_that_invoice():
    xero = connected()
    first = xero.invoice(InvoiceNumber="O-1")
    second = post(xero, Type="ACCREC", InvoiceNumber="O-1", Reference="edited").only("Invoices")
    assert (second["InvoiceID"], second["Reference"]) == (first["InvoiceID"], "edited")
    assert second["LineItems"] == first["LineItems"]


def test_bills_may_share_a_number():
    xero = connected()
    bills = [
        xero.invoice(Type="ACCPAY", InvoiceNumber="B-1", LineItems=[line(AccountCode="400")])["InvoiceID"]
        for _ in range(2)
    ]
    assert bills[0] != bills[1]


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("DRAFT", "SUBMITTED", True),
        ("DRAFT", "AUTHORISED", True),
        ("DRAFT", "DELETED", True),
        ("DRAFT", "VOIDED", False),
        ("SUBMITTED", "DRAFT", True),
        ("SUBMITTED", "DELETED", True),
        ("AUTHORISED", "VOIDED", True),
        ("AUTHORISED", "DRAFT", False),
        ("AUTHORISED", "DELETED", False),
        ("AUTHORISED", "PAID", False),
    ],
)
def test_status_moves_are_those_of_the_table(before, after, allowed):
    xero = connected()
    identity = xero.invoice(Status=before)["InvoiceID"]
    reply = post(xero, InvoiceID=identity, Status=after)
    if allowed:
        assert reply.only("Invoices")["Status"] == after
    else:
        assert refused(reply) == ["Invoice not of valid status for modification"]
        assert xero.get(f"Invoices/{identity}").only("Invoices")["Status"] == before


def test_a_refused_update_shows_the_status_that_was_asked_for_over_the_real_lines():
    xero = connected()
    invoice = xero.invoice()
    echo = post(xero, InvoiceID=invoice["InvoiceID"], Status="DELETED").json["Invoices"][0]
    assert (echo["InvoiceID"], echo["Status"], echo["Total"]) == (invoice["InvoiceID"], "DELETED", invoice["Total"])
    assert echo["LineItems"] == invoice["LineItems"]


@pytest.mark.parametrize("status", ["VOIDED", "DELETED"])
def test_voided_and_deleted_invoices_are_final(status):
    xero = connected()
    identity = xero.invoice(Status="AUTHORISED" if status == "VOIDED" else "DRAFT")["InvoiceID"]
    post(xero, InvoiceID=identity, Status=status)
    assert refused(post(xero, InvoiceID=identity, Reference="late")) == ["Invoice not of valid status for modification"]


def test_a_voided_invoice_keeps_its_amount_due():
    xero = connected()
    voided = post(xero, InvoiceID=xero.invoice()["InvoiceID"], Status="VOIDED").only("Invoices")
    assert voided["AmountDue"] == voided["Total"] == Decimal(23)


@pytest.mark.parametrize("status", ["PAID", "VOIDED", "DELETED"])
def test_an_invoice_cannot_begin_at_its_end(status):
    assert refused(put(connected(), Status=status)) == ["Invoice not of valid status for creation"]


def test_kinds_that_xero_only_shows_cannot_be_created():
    assert refused(put(connected(), Type="ARPREPAYMENT")) == ["Invoice not of valid type for creation"]


def test_lines_with_ids_are_updated_others_added_and_missing_ones_deleted():
    xero = connected()
    invoice = xero.invoice(LineItems=[line(Description="A"), line(Description="B")])
    kept = invoice["LineItems"][1]["LineItemID"]
    updated = post(
        xero,
        InvoiceID=invoice["InvoiceID"],
        LineItems=[{"LineItemID": kept, "Quantity": 3}, line(Description="C", UnitAmount=1)],
    ).only("Invoices")
    assert [each["Description"] for each in updated["LineItems"]] == ["B", "C"]
    assert updated["LineItems"][0]["LineItemID"] == kept
    assert [each["LineAmount"] for each in updated["LineItems"]] == [Decimal(30), Decimal(2)]
    assert updated["Total"] == Decimal("36.80")


@pytest.mark.parametrize(
    "change",
    [
        {"Reference": "new"},
        {"DueDate": "2027-01-31"},
        {"InvoiceNumber": "O-9"},
        {"Url": "https://shop.example/o/9"},
    ],
)
def test_a_paid_invoice_lets_its_non_financial_header_change(change):
    xero = connected()
    identity = xero.invoice()["InvoiceID"]
    settle(xero, identity, "5.00")
    assert post(xero, InvoiceID=identity, **change).status == 200
    assert post(xero, InvoiceID=identity, **change).json["Invoices"][0]["StatusAttributeString"] == "OK"


def test_a_paid_invoice_lets_descriptions_change_but_no_amounts():
    xero = connected()
    invoice = xero.invoice()
    identity, only = invoice["InvoiceID"], invoice["LineItems"][0]["LineItemID"]
    settle(xero, identity, "5.00")
    changed = post(xero, InvoiceID=identity, LineItems=[{"LineItemID": only, "Description": "Cup"}]).only("Invoices")
    assert (changed["LineItems"][0]["Description"], changed["Total"]) == ("Cup", Decimal(23))
    for change in (
        {"LineItems": [{"LineItemID": only, "Quantity": 3}]},
        {"LineItems": [line()]},
        {"Date": "2026-11-21"},
    ):
        assert refused(post(xero, InvoiceID=identity, **change)) == [
            "This document cannot be edited as it has a payment or credit note allocated to it."
        ]
    assert refused(post(xero, InvoiceID=identity, Status="VOIDED")) == [
        "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it."
    ]


def test_a_bare_name_creates_the_contact_and_later_finds_it():
    xero = connected()
    first, second = xero.invoice(), xero.invoice(Contact={"Name": "ann able"})
    assert first["Contact"]["ContactID"] == second["Contact"]["ContactID"]


def test_any_contact_field_beside_the_id_is_written_to_the_contact_and_drops_its_persons():
    xero = connected()
    ann = xero.contact(EmailAddress="a@b.nz", ContactPersons=[{"FirstName": "P"}])
    identity = ann["ContactID"]
    xero.invoice(Contact={"ContactID": identity})
    assert xero.get(f"Contacts/{identity}").only("Contacts")["ContactPersons"] == [{"FirstName": "P"}]
    xero.invoice(Contact={"ContactID": identity, "EmailAddress": "new@b.nz"})
    after = xero.get(f"Contacts/{identity}").only("Contacts")
    assert (after["EmailAddress"], after["ContactPersons"]) == ("new@b.nz", [])


def test_a_refused_invoice_leaves_no_contact_behind():
    xero = connected()
    put(xero, LineItems=[line(AccountCode="999")])
    records = xero.control("GET", "summary").json["records"]
    assert (records["Contacts"], records["Invoices"]) == (0, 0)


def test_an_unknown_or_missing_contact_is_refused():
    xero = connected()
    unknown = put(xero, Contact={"ContactID": "d4ad8fd6-5c72-4924-91b1-07f1472eb4c3"})
    assert refused(unknown) == ["The Contact with the specified ContactID could not be found."]
    assert refused(put(xero, Contact=None)) == ["A Contact must be specified for this type of transaction"]


def test_an_archived_contact_gets_no_invoice():
    xero = connected()
    identity = xero.contact()["ContactID"]
    xero.post("Contacts", {"ContactID": identity, "ContactStatus": "ARCHIVED"})
    assert "archived contact" in refused(put(xero, Contact={"ContactID": identity}))[0]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"LineItems": []}, "One or more line items must be specified"),
        ({"LineItems": [line(AccountCode="999")]}, "Account code '999' is not a valid code for this document."),
        ({"LineItems": [line(AccountCode="090")]}, "Account code '090' is not a valid code for this document."),
        (
            {"LineItems": [line(TaxType="VAT")]},
            "The TaxType code 'VAT' does not exist or cannot be used for this type of transaction.",
        ),
        ({"LineItems": [line(TaxType="INPUT2")]}, "The TaxType code 'INPUT2' cannot be used with account code '200'."),
        (
            {"LineItems": [line(LineAmount=19)]},
            "The line total 19.00 does not match the expected line total 20.00",
        ),
        (
            {"LineItems": [line(Tracking=[{"Name": "Source", "Option": "Web"}])]},
            "The tracking option 'Source: Web' could not be found.",
        ),
        ({"CurrencyCode": "CHF"}, "Organisation is not subscribed to currency CHF"),
        ({"Url": "https://go.xero.com/1"}, "Url cannot contain the word xero."),
        ({"InvoiceNumber": "Ö-1"}, "InvoiceNumber can only contain printable ASCII characters."),
        ({"DueDate": None}, "DueDate must be specified for an approved invoice."),
        (
            {"Date": "2009-09-30"},
            "The document date cannot be before the period lock date, currently set at 30 September 2009.",
        ),
    ],
)
def test_an_invoice_that_cannot_be_is_refused_with_the_reason(fields, sentence):
    assert refused(put(connected(), **fields)) == [sentence]


def test_a_draft_may_be_thin():
    draft = put(connected(), Status="DRAFT", LineItems=[], DueDate=None).only("Invoices")
    assert (draft["Total"], draft["LineItems"]) == (Decimal(0), [])
    assert "DueDate" not in draft


def test_a_locked_period_lets_nothing_change():
    xero = connected()
    identity = xero.invoice()["InvoiceID"]
    xero.control("POST", "settings", {"period_lock_date": "2026-11-20"})
    assert "period lock date" in refused(post(xero, InvoiceID=identity, Status="VOIDED"))[0]


def test_an_unknown_tracking_option_can_be_dropped_with_a_warning_instead():
    xero = connected(tracking_unknown="drop")
    invoice = put(xero, LineItems=[line(Tracking=[{"Name": "Source", "Option": "Web"}])]).only("Invoices")
    assert invoice["StatusAttributeString"] == "WARNING"
    assert "was removed" in invoice["Warnings"][0]["Message"]
    assert invoice["LineItems"][0]["Tracking"] == []


def test_only_an_approved_invoice_can_be_marked_as_sent():
    invoice = put(connected(), Status="DRAFT", SentToContact=True).only("Invoices")
    assert invoice["Warnings"] == [{"Message": "Only AUTHORISED invoices may have SentToContact updated."}]
    assert invoice["SentToContact"] is False


def test_tracking_on_a_line_comes_back_as_recorded():
    xero = connected()
    category = xero.put("TrackingCategories", {"Name": "Source"}).only("TrackingCategories")["TrackingCategoryID"]
    xero.put(f"TrackingCategories/{category}/Options", {"Name": "Web"})
    invoice = xero.invoice(LineItems=[line(Tracking=[{"Name": "source", "Option": "WEB"}])])
    assert invoice["LineItems"][0]["Tracking"] == [
        {"Name": "Source", "Option": "Web", "TrackingCategoryID": category, "Options": []}
    ]


def test_the_date_defaults_to_today_where_the_organisation_is():
    xero = connected()
    xero.clock.now += 12 * 3600
    xero.sign_in()
    assert xero.invoice(Date=None)["DateString"] == "2026-11-25T00:00:00"


def test_lists_have_lines_only_in_pages():
    xero = connected()
    xero.invoice(InvoiceNumber="O-1")
    assert xero.get("Invoices").only("Invoices")["LineItems"] == []
    paged = xero.get("Invoices?page=1")
    assert len(paged.only("Invoices")["LineItems"]) == 1
    assert paged.only("Invoices")["Contact"]["Phones"] == []
    assert paged.json["pagination"] == {"page": 1, "pageSize": 100, "pageCount": 1, "itemCount": 1}
    assert xero.get("Invoices?Statuses=AUTHORISED").json["pagination"]["itemCount"] == 1
    assert "LineItems" not in xero.get("Invoices?summaryOnly=true").only("Invoices")


def test_lists_are_filtered_by_numbers_ids_contacts_and_statuses():
    xero = connected()
    one = xero.invoice(InvoiceNumber="O-1", Reference="first")
    two = xero.invoice(InvoiceNumber="O-2", Contact={"Name": "Ben"}, Status="DRAFT")

    def numbers(query):
        return [each["InvoiceNumber"] for each in xero.get(f"Invoices?{query}").json["Invoices"]]

    assert numbers("InvoiceNumbers=O-2,O-3") == ["O-2"]
    assert numbers(f"IDs={one['InvoiceID']}") == ["O-1"]
    assert numbers(f"ContactIDs={two['Contact']['ContactID']}") == ["O-2"]
    assert numbers("Statuses=DRAFT,SUBMITTED") == ["O-2"]
    assert numbers("searchTerm=FIRST") == ["O-1"]


def test_an_invoice_is_found_and_edited_by_its_number_in_the_path():
    xero = connected()
    xero.invoice(InvoiceNumber="O-1")
    assert xero.post("Invoices/O-1", {"Reference": "new"}).only("Invoices")["Reference"] == "new"
    assert xero.get("Invoices/O-1").only("Invoices")["Contact"]["Phones"][0]["PhoneType"] == "DEFAULT"


def test_other_currencies_get_a_day_rate_or_keep_the_one_sent():
    xero = connected()
    assert xero.invoice(CurrencyCode="USD")["CurrencyRate"] == Decimal("0.6")
    assert xero.invoice(CurrencyCode="USD", CurrencyRate="0.61")["CurrencyRate"] == Decimal("0.61")
