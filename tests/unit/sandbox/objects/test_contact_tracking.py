import pytest

from tests.support.xero.sandbox_client import connected, sale

EACH = "Contacts?summarizeErrors=false"
SOURCE = {"TrackingCategoryName": "Source", "TrackingOptionName": "Web"}


def pair(category, option):
    return {"TrackingCategoryName": category, "TrackingOptionName": option}


@pytest.fixture
def xero():
    xero = connected()
    for category, options in {"Source": ("Web", "Shop"), "Region": ("North",)}.items():
        made = xero.put("TrackingCategories", {"Name": category}).only("TrackingCategories")
        for option in options:
            xero.put(f"TrackingCategories/{made['TrackingCategoryID']}/Options", {"Name": option})
    return xero


def category_id(xero, name):
    return xero.get(f'TrackingCategories?where=Name=="{name}"').only("TrackingCategories")["TrackingCategoryID"]


def test_default_tracking_is_kept_under_the_names_that_xero_has(xero):
    sales = [pair("source", "WEB"), pair("Region", "North")]
    ann = xero.contact(SalesTrackingCategories=sales, PurchasesTrackingCategories=[pair("Source", "Shop")])
    assert ann["SalesTrackingCategories"] == [SOURCE, pair("Region", "North")]
    found = xero.get(f"Contacts/{ann['ContactID']}").only("Contacts")
    assert found["PurchasesTrackingCategories"] == [pair("Source", "Shop")]
    assert "SalesTrackingCategories" not in xero.get("Contacts").only("Contacts")


def test_a_list_that_is_not_sent_stays_and_an_empty_one_clears(xero):
    ann = xero.contact(SalesTrackingCategories=[SOURCE])["ContactID"]
    changed = xero.post(EACH, {"ContactID": ann, "LastName": "Able"}).only("Contacts")
    assert changed["SalesTrackingCategories"] == [SOURCE]
    cleared = xero.post(EACH, {"ContactID": ann, "SalesTrackingCategories": []}).only("Contacts")
    assert cleared["SalesTrackingCategories"] == []


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (pair("Colour", "Red"), "There is no ACTIVE tracking category with the name 'Colour'"),
        (pair("", "Web"), "SalesCategory is missing a TrackingCategoryName"),
        (
            pair("Source", "Fax"),
            "There is no ACTIVE tracking option with the name 'Fax' in the tracking category 'Source'",
        ),
    ],
)
def test_unknown_names_are_refused(xero, sent, sentence):
    reply = xero.put("Contacts", {"Name": "Ann", "SalesTrackingCategories": [sent]})
    assert reply.errors() == [sentence]
    assert xero.control("GET", "summary").json["records"]["Contacts"] == 0


def test_unknown_names_are_dropped_with_a_warning_when_the_sandbox_is_told_so(xero):
    xero.control("POST", "settings", {"tracking_unknown": "drop"})
    ann = xero.put(EACH, {"Name": "Ann", "SalesTrackingCategories": [pair("Source", "Fax"), pair("Region", "North")]})
    ann = ann.only("Contacts")
    assert (ann["StatusAttributeString"], ann["SalesTrackingCategories"]) == ("WARNING", [pair("Region", "North")])
    assert ann["Warnings"] == [
        {"Message": "The tracking option 'Source: Fax' was removed because it could not be found."}
    ]
    missing = xero.put(EACH, {"Name": "Ben", "PurchasesTrackingCategories": [{"TrackingOptionName": "Web"}]})
    assert missing.errors("Contacts") == ["PurchasesCategory is missing a TrackingCategoryName"]


def test_archived_categories_are_unknown(xero):
    xero.post(f"TrackingCategories/{category_id(xero, 'Region')}", {"Status": "ARCHIVED"})
    reply = xero.put("Contacts", {"Name": "Ann", "SalesTrackingCategories": [pair("Region", "North")]})
    assert reply.errors() == ["There is no ACTIVE tracking category with the name 'Region'"]


@pytest.mark.parametrize(
    "sent",
    [
        [SOURCE, pair("Source", "Shop")],
        [SOURCE, pair("Region", "North"), pair("Source", "Shop")],
    ],
)
def test_each_category_has_one_default_option(xero, sent):
    reply = xero.put("Contacts", {"Name": "Ann", "SalesTrackingCategories": sent})
    assert reply.errors() == ["A contact can have one default option for each of 2 tracking categories."]


def test_a_contact_that_rides_in_an_invoice_is_checked_as_well(xero):
    body = sale(Contact={"Name": "Ann", "SalesTrackingCategories": [pair("Source", "Fax")]})
    assert xero.put("Invoices", body).status == 400
    xero.control("POST", "settings", {"tracking_unknown": "drop"})
    invoice = xero.put("Invoices?summarizeErrors=false", body).only("Invoices")
    assert invoice["Warnings"] == [
        {"Message": "The tracking option 'Source: Fax' was removed because it could not be found."}
    ]
