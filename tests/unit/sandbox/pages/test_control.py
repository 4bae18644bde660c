from decimal import Decimal

import pytest

from segxero.sandbox.state.calls import Call, Calls
from tests.support.xero.sandbox_client import SCOPES, connected, sale


def test_every_call_is_recorded_without_its_credentials():
    xero = connected()
    xero.put("Contacts?summarizeErrors=false", {"Contacts": [{"Name": "Ann"}, {"Name": "Ben"}]}, Idempotency_Key="k")
    token, call = xero.control("GET", "calls").json
    assert (token["path"], token["status"]) == ("/connect/token", 200)
    assert "authorization" not in token["headers"]
    assert token["body"] == {"grant_type": "client_credentials", "scope": SCOPES}
    assert (call["method"], call["path"], call["query"]) == ("PUT", "/api.xro/2.0/Contacts", "summarizeErrors=false")
    assert (call["status"], call["elements"], call["in_flight"]) == (200, 2, 1)
    assert (call["arrived"], call["ended"]) == (Decimal("1795500000.0"), Decimal("1795500000.0"))
    assert call["headers"]["idempotency-key"] == "k"
    assert "authorization" not in call["headers"]
    assert call["body"]["Contacts"][1] == {"Name": "Ben"}


def test_calls_can_be_read_on_from_a_number_and_in_brief():
    xero = connected()
    xero.get("Contacts")
    xero.get("Organisation")
    brief = xero.control("GET", "calls?since=2&compact=1").json
    assert [call["path"] for call in brief] == ["/api.xro/2.0/Organisation"]
    assert "headers" not in brief[0]


def test_the_summary_has_the_figures_that_a_run_is_judged_by():
    xero = connected()
    xero.put("Invoices", {"Invoices": [sale(), sale(CurrencyCode="USD")]})
    xero.put("Invoices", {"Invoices": [sale(Status="DRAFT")]})
    xero.post("Invoices/INV-0003", {"Status": "DELETED"})
    xero.put("Contacts", {"Contacts": [{"Name": f"P{number}"} for number in range(51)]})
    xero.get("Contacts")
    summary = xero.control("GET", "summary").json
    assert summary["by_method"] == {"PUT": 3, "POST": 1, "GET": 1}
    assert summary["by_resource"]["PUT Invoices"] == {"calls": 2, "elements": 3}
    assert summary["by_status"] == {"200": 6}
    assert (summary["accounting_calls"], summary["writes"]) == (5, 4)
    assert (summary["max_elements"], summary["calls_over_50_elements"]) == (51, 1)
    assert summary["max_in_flight"] == 1
    assert summary["invoices_by_currency"]["USD"] == {
        "invoices": 1,
        "SubTotal": Decimal(20),
        "TotalTax": Decimal(3),
        "Total": Decimal(23),
    }
    assert summary["invoices_by_currency"]["NZD"]["invoices"] == 1
    assert summary["invoices_by_status"] == {"AUTHORISED": 2, "DELETED": 1}


def test_records_show_what_is_stored():
    xero = connected()
    identity = xero.invoice(InvoiceNumber="O-1")["InvoiceID"]
    xero.put(f"Invoices/{identity}/History", {"HistoryRecords": [{"Details": "A"}]})
    xero.put("TrackingCategories", {"Name": "Source"})
    records = xero.control("GET", "records").json
    assert [contact["Name"] for contact in records["Contacts"]] == ["Ann Able"]
    assert [invoice["InvoiceNumber"] for invoice in records["Invoices"]] == ["O-1"]
    assert len(records["Invoices"][0]["LineItems"]) == 1
    assert records["TrackingCategories"][0]["Name"] == "Source"
    assert records["HistoryRecords"] == {identity: ["A"]}


def test_reset_empties_the_books_and_switches_faults_off():
    xero = connected()
    xero.contact()
    xero.fault(status=503, times=0)
    xero.control("POST", "reset", {})
    assert xero.control("GET", "summary").json["records"]["Contacts"] == 0
    assert xero.control("GET", "faults").json == []
    assert xero.get("Organisation").status == 401


def test_a_call_that_outlives_a_reset_does_not_upset_the_count_of_those_in_flight():
    calls = Calls()
    old, new = (Call(method="GET", path="/", query="") for _ in range(2))
    Calls().begin(old, "tenant", None, 1.0)
    calls.begin(new, "tenant", None, 1.0)
    calls.end(old, 200, None, 2.0)
    other = Call(method="GET", path="/", query="")
    calls.begin(other, "tenant", None, 1.0)
    assert other.in_flight == 2


def test_the_newest_entries_can_be_asked_for():
    xero = connected()
    for name in ("Ann", "Ben"):
        xero.contact(Name=name)
    xero.contact(Name="Cid")
    xero.post("Contacts", {"Name": "Ann", "LastName": "Able"})
    records = xero.control("GET", "records?last=2").json
    assert [contact["Name"] for contact in records["Contacts"]] == ["Cid", "Ann"]
    assert [call["number"] for call in xero.control("GET", "calls?last=1").json] == [5]


def test_one_fault_can_be_switched_off():
    xero = connected()
    xero.fault(status=503, times=0)
    assert xero.control("DELETE", "faults/1").json == {"removed": True}
    assert xero.control("DELETE", "faults/1").status == 404
    assert xero.get("Organisation").status == 200


def test_settings_that_do_not_exist_are_refused():
    reply = connected().control("POST", "settings", {"colour": "red"})
    assert reply.status == 400
    assert reply.json["error"].startswith("Unknown: colour. Known are ")


def test_tokens_can_be_let_run_out_and_organisations_disconnected():
    xero = connected()
    tenant = xero.client.get("/connections", headers={"Authorization": f"Bearer {xero.token}"}).json[0]["tenantId"]
    xero.control("POST", "settings", {"disconnect": tenant})
    assert xero.get("Organisation").status == 403
    xero.control("POST", "settings", {"reconnect": tenant})
    assert xero.get("Organisation").status == 200
    xero.control("POST", "settings", {"expire_tokens": True})
    assert xero.get("Organisation").json["Detail"].startswith("TokenExpired")


def test_a_person_changes_accounts_tax_rates_and_the_company_at_the_desk():
    xero = connected()
    account = {"Code": "260", "Status": "ARCHIVED"}
    assert xero.control("POST", "accounts", {"accounts": [account]}).status == 201
    assert xero.get("Accounts?where=Code==%22260%22").only("Accounts")["Status"] == "ARCHIVED"
    rate = {"TaxType": "OUTPUT2", "CanApplyToRevenue": False}
    assert xero.control("POST", "tax_rates", {"tax_rates": [rate]}).status == 201
    assert xero.get("TaxRates/OUTPUT2").only("TaxRates")["CanApplyToRevenue"] is False
    company = {"organisation_settings": {"IsDemoCompany": False}}
    assert xero.control("POST", "organisation_settings", company).status == 201
    assert xero.get("Organisation").only("Organisations")["IsDemoCompany"] is False


@pytest.mark.parametrize(
    ("path", "change"), [("accounts", {"Code": "999"}), ("accounts", {}), ("tax_rates", {"TaxType": "NOSUCH"})]
)
def test_the_desk_changes_no_account_and_no_rate_that_is_not_there(path, change):
    reply = connected().control("POST", path, {path: [change]})
    assert (reply.status, reply.json["error"].startswith("There is no")) == (400, True)


def test_a_demo_company_begins_again_under_another_tenant_and_old_tokens_do_not_open_it():
    xero = connected()
    xero.put("Contacts", {"Contacts": [{"Name": "Ann"}]})
    name = xero.get("Organisation").only("Organisations")["Name"]
    assert xero.control("POST", "settings", {"reset_company": name}).status == 200
    assert xero.get("Contacts").status == 403
    assert xero.control("GET", "records").json["Contacts"] == []
    assert xero.control("POST", "settings", {"reset_company": "nobody"}).status == 400


def test_the_app_can_lose_scopes():
    xero = connected()
    assert xero.control("POST", "settings", {"scopes": ["accounting.contacts"]}).status == 200
    form = {"grant_type": "client_credentials", "scope": "accounting.invoices"}
    refused = xero.client.post("/connect/token", data={**form, "client_id": "a", "client_secret": "b"})
    assert (refused.status_code, refused.json) == (400, {"error": "invalid_scope"})


def test_a_form_of_another_site_cannot_play_faults():
    xero = connected()
    assert xero.client.post("/sandbox/faults", data={"status": "503"}).status_code == 400


def test_the_page_shows_the_organisation_and_escapes_it():
    page = connected(organisations=("<b>Mine</b>",)).client.get("/sandbox")
    assert page.status_code == 200
    assert "&lt;b&gt;Mine&lt;/b&gt;" in page.text


def test_a_person_merges_archives_and_adds_contacts_at_the_desk():
    xero = connected()
    ann, bo = xero.control("POST", "contacts", {"contacts": [{"Name": "Ann"}, {"Name": "Bo"}]}).json
    merged = {"ContactID": ann, "ContactStatus": "ARCHIVED", "MergedToContactID": bo}
    assert xero.control("POST", "contacts", {"contacts": [merged]}).json == [ann]
    found = xero.get("Contacts?includeArchived=true&page=1").json["Contacts"]
    assert {contact["Name"]: contact.get("MergedToContactID") for contact in found} == {"Ann": bo, "Bo": None}


@pytest.mark.parametrize(
    "body", [{}, {"contacts": [{"ContactID": "unknown"}]}, {"contacts": [], "organisation": "unknown"}]
)
def test_the_desk_refuses_what_is_not_there(body):
    xero = connected()
    assert xero.control("POST", "contacts", body).status == 400
    assert xero.get("Contacts").json["Contacts"] == []
