from decimal import Decimal

from tests.support.xero.sandbox_client import connected, sale


def test_the_demo_company_has_the_accounts_that_the_mappings_use():
    accounts = {account["Code"]: account for account in connected().get("Accounts").json["Accounts"]}
    assert {"090", "200", "260", "310", "400", "425", "610", "800"} <= set(accounts)
    assert (accounts["200"]["Name"], accounts["200"]["Class"], accounts["200"]["TaxType"]) == (
        "Sales",
        "REVENUE",
        "OUTPUT2",
    )
    assert accounts["090"]["Type"] == "BANK"


def test_accounts_are_filtered_found_by_id_and_made_one_at_a_time():
    xero = connected()
    banks = xero.get('Accounts?where=Type=="BANK"&order=Code').json["Accounts"]
    assert [account["Code"] for account in banks] == ["090", "091", "092", "093"]
    bank = banks[0]
    assert xero.get(f"Accounts/{bank['AccountID']}").only("Accounts")["Code"] == "090"
    body = {"Code": "830", "Name": "Vouchers", "Type": "REVENUE", "TaxType": "OUTPUT2"}
    assert xero.put("Accounts", body).only("Accounts")["Class"] == "REVENUE"
    assert xero.put("Accounts", body).errors() == ["Please enter a unique Name.", "Please enter a unique Code."]


def test_the_tax_rates_have_the_rates_that_the_lines_use():
    rates = {rate["TaxType"]: rate["EffectiveRate"] for rate in connected().get("TaxRates").json["TaxRates"]}
    assert rates == {
        "OUTPUT2": Decimal(15),
        "INPUT2": Decimal(15),
        "OUTPUT": Decimal(10),
        "INPUT": Decimal(10),
        "NONE": Decimal(0),
        "ZERORATED": Decimal(0),
        "ZERORATEDOUTPUT": Decimal(0),
        "EXEMPTOUTPUT": Decimal(0),
    }
    assert connected().get("TaxRates/OUTPUT2").only("TaxRates")["DisplayTaxRate"] == Decimal(15)


def test_currencies_can_be_added():
    xero = connected()
    codes = [currency["Code"] for currency in xero.get("Currencies").json["Currencies"]]
    assert codes == ["NZD", "USD", "EUR", "GBP", "AUD"]
    assert xero.put("Currencies", {"Code": "CAD"}).only("Currencies")["Code"] == "CAD"
    assert len(xero.get("Currencies").json["Currencies"]) == 6


def test_the_organisation_is_a_demo_company_with_a_base_currency_of_choice():
    organisation = connected(base_currency="GBP", country="GB").get("Organisation").only("Organisations")
    assert (organisation["BaseCurrency"], organisation["CountryCode"], organisation["Version"]) == ("GBP", "GB", "UK")
    assert (organisation["IsDemoCompany"], organisation["Class"]) == (True, "DEMO")
    assert organisation["PeriodLockDate"] == "/Date(1254268800000+0000)/"


def test_actions_say_what_an_app_may_do():
    actions = {action["Name"]: action["Status"] for action in connected().get("Organisation/Actions").json["Actions"]}
    assert actions["CreateApprovedInvoice"] == "ALLOWED"
    assert actions["ApproveTransactionsBeforePeriodLockDate"] == "NOT-ALLOWED"


def test_users_can_be_read():
    xero = connected()
    users = xero.get("Users?order=EmailAddress").json["Users"]
    assert [user["EmailAddress"] for user in users] == [
        "ann.owner@demo.example",
        "ben.sales@demo.example",
        "cleo.support@demo.example",
    ]
    assert xero.get(f"Users/{users[0]['UserID']}").only("Users") == {
        "UserID": users[0]["UserID"],
        "EmailAddress": "ann.owner@demo.example",
        "FirstName": "Ann",
        "LastName": "Owner",
        "IsSubscriber": True,
        "OrganisationRole": "FINANCIALADVISER",
        "UpdatedDateUTC": "/Date(1795500000000+0000)/",
    }
    assert xero.get("Users/d4ad8fd6-5c72-4924-91b1-07f1472eb4c3").status == 404


def test_a_user_is_found_by_the_e_mail_address_in_any_case():
    ben = connected().get('Users?where=EmailAddress=="BEN.sales@demo.example"').only("Users")
    assert (ben["FirstName"], ben["IsSubscriber"], ben["OrganisationRole"]) == ("Ben", False, "STANDARD")


def test_other_users_can_be_set_and_only_as_e_mail_addresses():
    xero = connected()
    assert xero.control("POST", "settings", {"users": ["dora@shop.example"]}).status == 200
    dora = xero.get("Users").only("Users")
    assert (dora["FirstName"], dora["LastName"], dora["IsSubscriber"]) == ("Dora", "", True)
    for users in ("dora@shop.example", [{"EmailAddress": "dora@shop.example"}], ["dora"]):
        reply = xero.control("POST", "settings", {"users": users})
        assert (reply.status, reply.json["error"]) == (400, "users must be a list of e-mail addresses.")


def test_currencies_that_are_switched_off_are_refused_until_somebody_adds_them():
    xero = connected()
    xero.control("POST", "settings", {"currencies": ["USD"]})
    reply = xero.put("Invoices", {"Invoices": [sale(CurrencyCode="EUR")]})
    assert reply.errors() == ["Organisation is not subscribed to currency EUR"]
    assert xero.put("Currencies", {"Code": "EUR"}).only("Currencies") == {"Code": "EUR", "Description": "Euro"}
    assert xero.invoice(CurrencyCode="EUR")["CurrencyCode"] == "EUR"
    assert xero.control("POST", "settings", {"currencies": ["euro"]}).status == 400


def test_a_plan_takes_so_many_approved_sales_invoices_and_any_number_of_drafts():
    xero = connected()
    xero.control("POST", "settings", {"approvals_left": 2})
    draft = xero.invoice(Status="DRAFT")["InvoiceID"]
    first = xero.invoice()["InvoiceID"]
    xero.post(f"Invoices/{draft}", {"Status": "AUTHORISED"})
    refused = xero.put("Invoices", {"Invoices": [sale()]})
    assert refused.errors() == ["You have reached the limit of invoices you can approve"]
    assert xero.post(f"Invoices/{first}", {"Reference": "changed"}).status == 200
    assert xero.invoice(Status="DRAFT")["Status"] == "DRAFT"
    xero.control("POST", "settings", {"approvals_left": None})
    assert xero.invoice()["Status"] == "AUTHORISED"


def test_the_end_of_the_year_is_locked_too():
    xero = connected()
    xero.control("POST", "settings", {"end_of_year_lock_date": "2026-11-20"})
    assert xero.get("Organisation").only("Organisations")["EndOfYearLockDate"] == "/Date(1795132800000+0000)/"
    (sentence,) = xero.put("Invoices", {"Invoices": [sale()]}).errors()
    assert (
        sentence == "The document date cannot be before the end of year lock date, currently set at 20 November 2026."
    )
    assert xero.invoice(Date="2026-11-21")["DateString"] == "2026-11-21T00:00:00"
