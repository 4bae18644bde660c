import re

import pytest

from tests.support.xero.sandbox_client import connected

CONTACT = {"Contacts": [{"Name": "Ann Able"}]}


def test_an_answer_carries_the_recorded_envelope_in_its_order():
    reply = connected().put("Contacts", CONTACT)
    assert list(reply.json) == ["Id", "Status", "ProviderName", "DateTimeUTC", "Contacts"]
    assert reply.json["DateTimeUTC"] == "/Date(1795500000000)/"
    assert reply.json["Status"] == "OK"
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("accept", [None, "*/*", "application/xml"])
def test_the_answer_is_xml_unless_json_is_asked_for(accept):
    xero = connected()
    xero.put("Contacts", CONTACT)
    reply = xero.get("Contacts", Accept=accept)
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert "<Contacts><Contact><ContactID>" in reply.text


def test_a_bare_object_and_an_envelope_in_any_case_are_taken():
    xero = connected()
    assert xero.put("Contacts", {"Name": "Ben"}).only("Contacts")["Name"] == "Ben"
    assert xero.put("Contacts", {"contacts": [{"Name": "Cid"}]}).only("Contacts")["Name"] == "Cid"


@pytest.mark.parametrize("body", [[{"Name": "Ann"}], {"Contacts": []}, {"Invoices": [{}]}, {}, ""])
def test_an_empty_or_wrong_envelope_is_told_which_data_is_expected(body):
    reply = connected().put("Contacts", body)
    assert reply.status == 400
    assert reply.json["Type"] == "NoDataProcessedException"
    assert "This endpoint is expecting Contact data" in reply.json["Message"]


@pytest.mark.parametrize(
    ("collection", "element", "path"),
    [
        ("Contacts", {"Name": {}}, "Contacts[0].Name"),
        ("Contacts", {"Name": "Ann", "ContactStatus": "GONE"}, "Contacts[0].ContactStatus"),
        ("Contacts", {"ContactID": "17"}, "Contacts[0].ContactID"),
        ("Contacts", {"Phones": [{"PhoneType": "HOME"}]}, "Contacts[0].Phones[0].PhoneType"),
        ("Invoices", {"Type": "SALE"}, "Invoices[0].Type"),
        ("Invoices", {"LineAmountTypes": "Gross"}, "Invoices[0].LineAmountTypes"),
        ("Invoices", {"Date": "20 November"}, "Invoices[0].Date"),
        ("Invoices", {"LineItems": [{"Quantity": "two"}]}, "Invoices[0].LineItems[0].Quantity"),
        ("Invoices", {"LineItems": {}}, "Invoices[0].LineItems"),
        ("Invoices", {"CurrencyCode": "dollar"}, "Invoices[0].CurrencyCode"),
        ("Invoices", {"SentToContact": 1}, "Invoices[0].SentToContact"),
    ],
)
def test_wrong_types_and_unknown_words_refuse_the_whole_body_with_the_path(collection, element, path):
    xero = connected()
    reply = xero.post(f"{collection}?summarizeErrors=false", {collection: [element, {"Name": "Good"}]})
    assert reply.status == 400
    assert (reply.json["ErrorNumber"], reply.json["Type"]) == (14, "PostDataInvalidException")
    assert f"Path '{path}'" in reply.json["Message"]
    assert xero.control("GET", "summary").json["records"]["Contacts"] == 0


def test_a_body_that_is_not_json_or_of_another_type_is_refused():
    xero = connected()
    assert xero.put("Contacts", '{"Contacts": [').json["ErrorNumber"] == 14
    assert xero.put("Contacts", CONTACT, Content_Type="text/csv").status == 415


def test_more_than_ten_megabytes_are_refused():
    body = '{"Contacts":[{"Name":"' + "x" * (10 * 1024 * 1024) + '"}]}'
    reply = connected().put("Contacts", body)
    assert (reply.status, reply.json["Title"], reply.json["Detail"]) == (
        413,
        "RequestEntityTooLarge",
        "PayloadTooLarge",
    )


def test_unknown_ids_and_paths_are_404_with_an_empty_page():
    xero = connected()
    for path in ("Invoices/d4ad8fd6-5c72-4924-91b1-07f1472eb4c3", "Contacts/nobody", "Nonsense"):
        reply = xero.get(path)
        assert (reply.status, reply.text) == (404, "")
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"


def test_put_on_one_contact_is_500_and_post_on_the_organisation_501():
    xero = connected()
    contact = xero.contact()
    reply = xero.put(f"Contacts/{contact['ContactID']}", {"Name": "Ann"})
    assert (reply.status, reply.json["Title"]) == (500, "An error occurred")
    assert xero.post("Organisation", {"Name": "Mine"}).status == 501


def test_by_default_a_400_lists_the_failing_elements_only_while_the_others_are_saved():
    xero = connected()
    reply = xero.put("Contacts", {"Contacts": [{"Name": "Ann"}, {"Name": "<Ben>"}, {"Name": "Cid"}]})
    assert reply.status == 400
    assert (reply.json["ErrorNumber"], reply.json["Type"]) == (10, "ValidationException")
    assert reply.json["Message"] == "A validation exception occurred"
    assert [element["Name"] for element in reply.json["Elements"]] == ["<Ben>"]
    assert sorted(contact["Name"] for contact in xero.get("Contacts").json["Contacts"]) == ["Ann", "Cid"]


@pytest.mark.parametrize("name", ["summarizeErrors=false", "SummarizeErrors=False"])
def test_without_summary_each_element_has_its_own_status(name):
    xero = connected()
    reply = xero.put(f"Contacts?{name}", {"Contacts": [{"Name": "Ann"}, {"Name": "<Ben>", "EmailAddress": "b@b.nz"}]})
    assert reply.status == 200
    good, bad = reply.json["Contacts"]
    assert (good["StatusAttributeString"], good["HasValidationErrors"]) == ("OK", False)
    assert (bad["StatusAttributeString"], bad["HasValidationErrors"]) == ("ERROR", True)
    assert bad["ContactID"] == "00000000-0000-0000-0000-000000000000"
    assert (bad["Name"], bad["EmailAddress"]) == ("<Ben>", "b@b.nz")
    assert len(bad["ValidationErrors"]) == 1


def test_a_summarised_success_carries_no_status():
    assert "StatusAttributeString" not in connected().put("Contacts", CONTACT).only("Contacts")


def test_moments_are_milliseconds_in_utc():
    contact = connected().contact()
    assert contact["UpdatedDateUTC"] == "/Date(1795500000000+0000)/"


def test_properties_that_xero_does_not_keep_are_ignored_and_named_in_the_record():
    xero = connected()
    xero.contact(IsCustomer=True, Nickname="Annie", Phones=[{"PhoneType": "DDI", "Extension": "7"}])
    contact = xero.get("Contacts").only("Contacts")
    assert contact["IsCustomer"] is False
    assert "Nickname" not in contact
    ignored = xero.control("GET", "calls").json[1]["ignored"]
    assert ignored == ["Contacts[0].IsCustomer", "Contacts[0].Nickname", "Contacts[0].Phones[0].Extension"]
    assert xero.control("GET", "summary").json["ignored_properties"]["Contacts.Nickname"] == 1


def test_ids_are_uuids():
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", connected().contact()["ContactID"])
