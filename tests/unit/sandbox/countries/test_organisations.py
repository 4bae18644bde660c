"""Organisations of nine countries: their facts, charts and tax rates, and the tax types that they refuse."""

from decimal import Decimal

import pytest

from segxero.errors import ConfigError
from segxero.sandbox import SandboxOptions, read_countries, read_organisations
from tests.support.xero.sandbox_client import connected, line, sale

D = Decimal
FACTS = {
    "AU": ("AU", "AUD", "AUSEASTERNSTANDARDTIME", "ACCRUALS"),
    "NZ": ("NZ", "NZD", "NEWZEALANDSTANDARDTIME", "PAYMENTS"),
    "GB": ("UK", "GBP", "GMTSTANDARDTIME", "ACCRUAL"),
    "US": ("US", "USD", "EASTERNSTANDARDTIME", "ACCRUALS"),
    "IE": ("GLOBAL", "EUR", "GMTSTANDARDTIME", "ACCRUALS"),
    "SG": ("GLOBAL", "SGD", "SINGAPORESTANDARDTIME", "ACCRUALS"),
    "ZA": ("GLOBAL", "ZAR", "SOUTHAFRICASTANDARDTIME", "ACCRUALS"),
    "CA": ("GLOBAL", "CAD", "EASTERNSTANDARDTIME", "ACCRUALS"),
    "FJ": ("GLOBAL", "USD", "UTC", "ACCRUALS"),
}
SALES_RATES = {
    "AU": {
        "OUTPUT": ("GST on Income", 10),
        "EXEMPTOUTPUT": ("GST Free Income", 0),
        "INPUTTAXED": ("Input Taxed", 0),
        "EXEMPTEXPORT": ("GST Free Exports", 0),
        "BASEXCLUDED": ("BAS Excluded", 0),
    },
    "NZ": {"OUTPUT2": ("15% GST on Income", 15), "NONE": ("No GST", 0), "ZERORATED": ("Zero Rated", 0)},
    "GB": {
        "OUTPUT2": ("20% (VAT on Income)", 20),
        "RROUTPUT": ("5% (VAT on Income)", 5),
        "ZERORATEDOUTPUT": ("Zero Rated Income", 0),
        "EXEMPTOUTPUT": ("Exempt Income", 0),
        "ECZROUTPUT": ("Zero Rated EC Goods Income", 0),
        "ECZROUTPUTSERVICES": ("Zero Rated EC Services", 0),
        "NONE": ("No VAT", 0),
        "OUTPUT": ("17.5% (VAT on Income)", D("17.5")),
        "SROUTPUT": ("15% (VAT on Income)", 15),
    },
    "US": {
        "OUTPUT": ("Tax on Sales", 0),
        "NONE": ("Tax Exempt", 0),
        "TAX001": ("New York City Sales Tax", D("8.875")),
    },
    "SG": {
        "OUTPUTY24": ("Standard-Rated Supplies", 9),
        "ZERORATEDOUTPUT": ("Zero-Rated Supplies", 0),
        "ES33OUTPUT": ("Regulation 33 Exempt Supplies", 0),
        "ESN33OUTPUT": ("Non-Regulation 33 Exempt Supplies", 0),
        "OSOUTPUT2": ("Out Of Scope Supplies", 0),
        "NONE": ("No Tax", 0),
        "OUTPUT": ("2022 Standard-Rated Supplies", 7),
        "OUTPUTY23": ("2023 Standard-Rated Supplies", 8),
    },
    "ZA": {
        "OUTPUT3": ("Standard Rate Sales", 15),
        "ZERORATED": ("Zero rate (Excluding Goods Exported)", 0),
        "ZERORATEDOUTPUT": ("Zero Rate (only Exported Goods)", 0),
        "EXEMPTOUTPUT": ("Exempt and Non-Supplies", 0),
        "NONE": ("No VAT", 0),
        "OUTPUT": ("Old Standard Rate Sales", 14),
        "OUTPUT2": ("Old Change in use and Export of Second-hand Goods", 14),
    },
    "FJ": {"OUTPUT": ("Tax on Sales", 0), "NONE": ("Tax Exempt", 0)},
}


def organisation_in(country, **options):
    return connected(country=country, shop_rates=False, **options)


def sold(xero, **fields):
    return xero.put("Invoices", {"Invoices": [sale(LineItems=[line(**fields)])]})


@pytest.mark.parametrize("country", FACTS)
def test_an_organisation_tells_the_facts_of_its_country(country):
    found = organisation_in(country).get("Organisation").only("Organisations")
    assert (found["Version"], found["BaseCurrency"], found["Timezone"], found["SalesTaxBasis"]) == FACTS[country]
    assert found["CountryCode"] == country


@pytest.mark.parametrize("country", SALES_RATES)
def test_an_organisation_has_the_sales_rates_of_its_country_and_no_others(country):
    rates = organisation_in(country).get("TaxRates").json["TaxRates"]
    sales = {rate["TaxType"]: (rate["Name"], rate["EffectiveRate"]) for rate in rates if rate["CanApplyToRevenue"]}
    assert sales == SALES_RATES[country]
    assert {rate["Status"] for rate in rates} == {"ACTIVE"}


def test_irish_and_canadian_rates_are_own_rates_and_one_province_has_two_components():
    irish = organisation_in("IE").get("TaxRates").json["TaxRates"]
    own = {rate["TaxType"]: rate["EffectiveRate"] for rate in irish if rate["TaxType"].startswith("TAX")}
    assert [own[f"TAX00{number}"] for number in (1, 2, 3, 4, 5)] == [23, D("13.5"), 9, D("4.8"), 0]
    quebec = organisation_in("CA").get("TaxRates/TAX008").only("TaxRates")
    assert (quebec["Name"], quebec["EffectiveRate"]) == ("GST/QST QC", D("14.975"))
    assert [(part["Name"], part["Rate"]) for part in quebec["TaxComponents"]] == [("GST", 5), ("QST", D("9.975"))]


@pytest.mark.parametrize("country", FACTS)
def test_every_chart_has_the_accounts_of_a_web_shop_with_tax_types_that_exist_and_fit(country):
    xero = organisation_in(country)
    accounts = {account["Code"]: account for account in xero.get("Accounts").json["Accounts"]}
    rates = {rate["TaxType"] for rate in xero.get("TaxRates").json["TaxRates"]}
    assert {account["TaxType"] for account in accounts.values()} <= rates
    payable = [code for code, account in sorted(accounts.items()) if account["EnablePaymentsToAccount"]]
    assert payable == ["640", "825", "826", "827", "880"]
    assert [accounts[code]["Type"] for code in ("091", "200", "404", "825", "860")] == [
        *("BANK", "REVENUE", "EXPENSE", "CURRLIAB", "CURRLIAB")
    ]
    for code in ("200", "205", "260", "405", "825", "828", "829", "860"):
        assert sold(xero, AccountCode=code).only("Invoices")["LineItems"][0]["TaxType"] == accounts[code]["TaxType"]


def test_a_tax_type_of_another_country_is_refused():
    assert sold(organisation_in("AU"), TaxType="OUTPUT2").errors() == [
        "The TaxType code 'OUTPUT2' does not exist or cannot be used for this type of transaction."
    ]
    assert sold(organisation_in("NZ"), TaxType="OUTPUT").status == 400
    assert sold(organisation_in("GB"), TaxType="ZERORATED").status == 400


def test_a_tax_type_that_does_not_fit_the_account_is_refused():
    assert sold(organisation_in("GB"), TaxType="INPUT2").errors() == [
        "The TaxType code 'INPUT2' cannot be used with account code '200'."
    ]


def test_an_australian_organisation_swaps_none_without_a_word():
    xero = organisation_in("AU")
    assert "NONE" not in {rate["TaxType"] for rate in xero.get("TaxRates").json["TaxRates"]}
    swapped = sold(xero, TaxType="NONE").only("Invoices")
    assert (swapped["LineItems"][0]["TaxType"], swapped["Total"]) == ("BASEXCLUDED", D("20.00"))
    assert "Warnings" not in swapped
    cost = sold(xero, AccountCode="404", TaxType="NONE").only("Invoices")
    assert cost["LineItems"][0]["TaxType"] == "EXEMPTEXPENSES"


@pytest.mark.parametrize(
    ("country", "tax_type", "sent", "kept"),
    [
        ("GB", "OUTPUT2", None, "4.00"),
        ("SG", "OUTPUTY24", None, "1.80"),
        ("ZA", "OUTPUT3", None, "3.00"),
        ("CA", "TAX008", None, "3.00"),  # 14.975 % of 20.00 is 2.995
        ("US", "TAX001", None, "1.78"),  # 8.875 % of 20.00 is 1.775
        ("US", "TAX001", "1.77", "1.77"),
    ],
)
def test_a_lines_tax_is_kept_as_sent_and_computed_when_it_is_missing(country, tax_type, sent, kept):
    tax = {"TaxAmount": D(sent)} if sent else {}
    invoice = sold(organisation_in(country), TaxType=tax_type, **tax).only("Invoices")
    assert (invoice["LineItems"][0]["TaxAmount"], invoice["TotalTax"]) == (D(kept), D(kept))


def test_a_person_adds_a_rate_of_the_organisations_own():
    xero = organisation_in("GB")
    own = {"TaxType": "TAX001", "Name": "MOSS Germany 19%", "EffectiveRate": 19, "ReportTaxType": "MOSSSALES"}
    assert xero.control("POST", "tax_rates", {"tax_rates": [own]}).json == ["TAX001"]
    found = xero.get("TaxRates/TAX001").only("TaxRates")
    assert (found["Name"], found["ReportTaxType"], found["Status"]) == ("MOSS Germany 19%", "MOSSSALES", "ACTIVE")
    assert sold(xero, TaxType="TAX001").only("Invoices")["TotalTax"] == D("3.80")
    assert xero.control("POST", "tax_rates", {"tax_rates": [{"TaxType": "TAX002"}]}).status == 400


def test_debtors_and_bank_accounts_take_no_lines():
    xero = organisation_in("NZ")
    for code in ("610", "800", "090"):
        assert sold(xero, AccountCode=code).errors()[0] == (
            f"Account code '{code}' is not a valid code for this document."
        )


def test_one_sandbox_has_organisations_of_several_countries():
    text = "Kea NZ, Kea AU=AU, Kea GB=gb"
    assert read_organisations(text) == ("Kea NZ", "Kea AU", "Kea GB")
    assert read_countries(text) == {"Kea AU": "AU", "Kea GB": "GB"}
    xero = connected(organisations=read_organisations(text), countries=read_countries(text))
    books = xero.client.application.extensions["sandbox"].books
    assert [book.organisation["BaseCurrency"] for book in books.values()] == ["NZD", "AUD", "GBP"]


def test_a_country_of_an_unknown_organisation_is_a_fault_of_the_options():
    with pytest.raises(ConfigError) as refused:
        SandboxOptions(countries={"Nobody": "AU"})
    assert [fault.path for fault in refused.value.faults] == ["countries"]


def test_the_demo_shops_rates_are_in_new_zealand_only():
    assert connected().get("TaxRates/OUTPUT").only("TaxRates")["EffectiveRate"] == 10
    assert connected(country="GB").get("TaxRates/OUTPUT").only("TaxRates")["EffectiveRate"] == D("17.5")
