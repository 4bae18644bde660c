"""The sandbox against Xero's own description of its API: what it takes and what it answers."""

from decimal import Decimal

import pytest

from segxero.jsontext import loads
from tests.support.xero.openapi import EXCEPTIONS, MISSING, Spec
from tests.support.xero.sandbox_client import BASE, connected, credit, line, sale

SPEC = Spec.load()
pytestmark = pytest.mark.skipif(SPEC is None, reason=MISSING)
UNKNOWN = "d4ad8fd6-5c72-4924-91b1-07f1472eb4c3"
HEADERS = {"Accept": "application/json"}


@pytest.fixture
def spec():
    return SPEC


@pytest.fixture
def xero():
    return connected()


def check_all(spec, xero):
    """Check every call that the sandbox has recorded as a request; answers are checked where they are made."""
    calls = [call for call in xero.control("GET", "calls").json if call["tenant"]]
    for call in calls:
        spec.check_request(call["method"], call["path"], call["query"], call["headers"], call["body"])
    return len(calls)


def answered(spec, xero, method, path, body=None, **headers):
    reply = xero.call(method, path, body, **headers)
    is_json = reply.headers.get("Content-Type", "").startswith("application/json")
    spec.check_answer(method, f"{BASE}/{path}".partition("?")[0], reply.status, loads(reply.text) if is_json else None)
    return reply


def test_contacts_are_taken_and_answered_as_described(spec, xero):
    element = {
        "Name": "Ann Able",
        "ContactNumber": "u1",
        "EmailAddress": "ann@b.nz",
        "FirstName": "Ann",
        "DefaultCurrency": "NZD",
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1", "PhoneCountryCode": "64"}],
        "Addresses": [{"AddressType": "POBOX", "AddressLine1": "1 Main St", "City": "Napier", "Country": "NZ"}],
        "ContactPersons": [{"FirstName": "Bo", "IncludeInEmails": True}],
        "PaymentTerms": {"Sales": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}},
        "SalesTrackingCategories": [{"TrackingCategoryName": "Source", "TrackingOptionName": "Web"}],
        "PurchasesTrackingCategories": [{"TrackingCategoryName": "Source", "TrackingOptionName": "Web"}],
    }
    made = xero.put("TrackingCategories", {"Name": "Source"}).only("TrackingCategories")
    xero.put(f"TrackingCategories/{made['TrackingCategoryID']}/Options", {"Name": "Web"})
    body = {"Contacts": [element, {"Name": "<Ben>"}]}
    made = answered(spec, xero, "PUT", "Contacts?summarizeErrors=false", body, Idempotency_Key="k")
    identity = made.json["Contacts"][0]["ContactID"]
    answered(spec, xero, "PUT", "Contacts", {"Contacts": [{"Name": "Ann Able"}]})
    answered(spec, xero, "POST", f"Contacts/{identity}", {"Contacts": [{"LastName": "Baker"}]})
    answered(spec, xero, "GET", f"Contacts/{identity}")
    answered(
        spec, xero, "GET", 'Contacts?where=Name=="Ann Able"&includeArchived=true&page=1&pageSize=50&order=Name ASC'
    )
    answered(spec, xero, "GET", f"Contacts?IDs={identity}&summaryOnly=true", If_Modified_Since="2026-11-24T00:00:00")
    answered(spec, xero, "PUT", f"Contacts/{identity}/History", {"HistoryRecords": [{"Details": "A"}]})
    answered(spec, xero, "GET", f"Contacts/{identity}/History")
    assert check_all(spec, xero) == 10


def test_invoices_are_taken_and_answered_as_described(spec, xero):
    body = {
        "Invoices": [sale(InvoiceNumber="O-1", LineAmountTypes="Inclusive", CurrencyCode="USD"), sale(LineItems=[])]
    }
    made = answered(spec, xero, "PUT", "Invoices?summarizeErrors=false&unitdp=4", body)
    identity = made.json["Invoices"][0]["InvoiceID"]
    answered(spec, xero, "PUT", "Invoices", {"Invoices": [sale(InvoiceNumber="O-1")]})
    changed = {"InvoiceID": identity, "LineItems": [line(Quantity=Decimal("1.5"), DiscountRate=10)]}
    answered(spec, xero, "POST", "Invoices", {"Invoices": [changed]})
    answered(spec, xero, "POST", f"Invoices/{identity}", {"Invoices": [{"Status": "VOIDED"}]})
    answered(spec, xero, "GET", f"Invoices/{identity}?unitdp=4")
    answered(spec, xero, "GET", 'Invoices?InvoiceNumbers=O-1,O-2&where=Type=="ACCREC"')
    answered(spec, xero, "GET", "Invoices?Statuses=VOIDED,DRAFT&page=1&summaryOnly=true")
    answered(spec, xero, "PUT", f"Invoices/{identity}/History", {"HistoryRecords": [{"Details": "A"}]})
    answered(spec, xero, "PUT", f"Invoices/{UNKNOWN}/History", {"HistoryRecords": [{"Details": "A"}]})
    assert check_all(spec, xero) == 9


def test_tracking_is_taken_and_answered_as_described(spec, xero):
    made = answered(spec, xero, "PUT", "TrackingCategories", {"Name": "Source"})
    path = f"TrackingCategories/{made.only('TrackingCategories')['TrackingCategoryID']}"
    web = answered(spec, xero, "PUT", f"{path}/Options", {"Name": "Web"}, Idempotency_Key="k").only("Options")
    answered(spec, xero, "PUT", f"{path}/Options", {"Options": [{"Name": "Shop"}]})
    answered(spec, xero, "PUT", f"{path}/Options", {"Name": "Web"})
    answered(spec, xero, "POST", f"{path}/Options/{web['TrackingOptionID']}", {"Name": "Online"})
    answered(spec, xero, "DELETE", f"{path}/Options/{web['TrackingOptionID']}")
    answered(spec, xero, "GET", "TrackingCategories?includeArchived=true")
    answered(spec, xero, "POST", path, {"TrackingCategories": [{"Status": "ARCHIVED"}]})
    answered(spec, xero, "DELETE", path)
    assert check_all(spec, xero) == 9


def test_contact_groups_are_taken_and_answered_as_described(spec, xero):
    ann = xero.contact()["ContactID"]
    made = answered(spec, xero, "PUT", "ContactGroups", {"ContactGroups": [{"Name": "VIPs"}]}, Idempotency_Key="k")
    path = f"ContactGroups/{made.only('ContactGroups')['ContactGroupID']}"
    answered(spec, xero, "PUT", "ContactGroups", {"ContactGroups": [{"Name": "VIPs"}]})
    answered(spec, xero, "POST", "ContactGroups", {"ContactGroups": [{"Name": "Gold"}]})
    members = {"Contacts": [{"ContactID": ann}, {"ContactID": UNKNOWN}]}
    assert answered(spec, xero, "PUT", f"{path}/Contacts", members).status == 400
    answered(spec, xero, "PUT", f"{path}/Contacts", {"Contacts": [{"ContactID": ann}]})
    answered(spec, xero, "GET", 'ContactGroups?where=Name=="VIPs"&order=Name ASC')
    answered(spec, xero, "GET", path)
    answered(spec, xero, "GET", f"Contacts/{ann}")
    answered(spec, xero, "DELETE", f"{path}/Contacts/{ann}")
    answered(spec, xero, "DELETE", f"{path}/Contacts")
    answered(spec, xero, "POST", path, {"ContactGroups": [{"Name": "Best"}]})
    answered(spec, xero, "POST", path, {"ContactGroups": [{"Status": "DELETED"}]})
    assert check_all(spec, xero) == 13


@pytest.mark.parametrize("collection", ["Contacts", "Invoices"])
def test_attachments_are_taken_and_answered_as_described(spec, xero, collection):
    invoice = xero.invoice()
    identity = invoice["Contact"]["ContactID"] if collection == "Contacts" else invoice["InvoiceID"]
    path = f"{collection}/{identity}/Attachments"
    online = "?IncludeOnline=true" if collection == "Invoices" else ""
    answered(spec, xero, "PUT", f"{path}/a.txt{online}", b"A", Content_Type="text/plain", Idempotency_Key="k")
    answered(spec, xero, "POST", f"{path}/a.txt", b"B", Content_Type="text/plain")
    answered(spec, xero, "PUT", f"{path}/a.json", b"{}", Content_Type="application/json")
    answered(spec, xero, "GET", path)
    answered(spec, xero, "GET", f"{path}/a.txt", Accept="*/*")
    answered(spec, xero, "GET", f"{collection}/{identity}")
    assert check_all(spec, xero) == 7


@pytest.mark.parametrize(
    "path", ["Organisation", "Organisation/Actions", "Accounts", "TaxRates", "TaxRates/OUTPUT2", "Currencies", "Users"]
)
def test_settings_are_answered_as_described(spec, xero, path):
    assert answered(spec, xero, "GET", path).status == 200
    assert check_all(spec, xero) == 1


def test_a_currency_is_taken_and_answered_as_described(spec, xero):
    assert answered(spec, xero, "PUT", "Currencies", {"Code": "CAD"}).status == 200
    assert answered(spec, xero, "GET", "Currencies").status == 200
    assert check_all(spec, xero) == 2


def test_what_the_policies_are_for_is_refused_as_described(spec, xero):
    paid = xero.invoice()["InvoiceID"]
    money = {"Invoice": {"InvoiceID": paid}, "Account": {"Code": "090"}, "Amount": 20, "Date": "2026-11-24"}
    answered(spec, xero, "PUT", "Payments", {"Payments": [money]})
    xero.control(
        "POST", "settings", {"currencies": ["USD"], "approvals_left": 0, "end_of_year_lock_date": "2026-10-31"}
    )
    answered(spec, xero, "GET", "Organisation")
    more = {"InvoiceID": paid, "LineItems": [line(), line()]}
    allowed = {"InvoiceID": paid, "Reference": "new", "DueDate": "2026-12-24"}
    said = answered(spec, xero, "POST", "Invoices?summarizeErrors=false", {"Invoices": [more, allowed]})
    new = [sale(CurrencyCode="EUR", Status="DRAFT"), sale(), sale(Date="2026-10-31", Status="DRAFT")]
    said = [said, answered(spec, xero, "PUT", "Invoices?summarizeErrors=false", {"Invoices": new})]
    assert [error for reply in said for error in reply.errors("Invoices")] == [
        "This document cannot be edited as it has a payment or credit note allocated to it.",
        "Organisation is not subscribed to currency EUR",
        "You have reached the limit of invoices you can approve",
        "The document date cannot be before the end of year lock date, currently set at 31 October 2026.",
    ]
    assert check_all(spec, xero) == 5


def test_an_account_is_taken_and_answered_as_described(spec, xero):
    body = {"Code": "830", "Name": "Vouchers", "Type": "REVENUE"}
    assert answered(spec, xero, "PUT", "Accounts", body).status == 200
    assert answered(spec, xero, "PUT", "Accounts", body).status == 400
    assert check_all(spec, xero) == 2


@pytest.mark.parametrize("status", [401, 403, 404, 429, 503])
def test_the_statuses_that_xero_does_not_describe_are_let_through_with_a_reason(spec, status):
    assert EXCEPTIONS["status", str(status)]
    spec.check_answer("GET", f"{BASE}/Contacts", status, None)


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "place"),
    [
        ("PUT", "Contacts", "", {"Contacts": [{"Nam": "Ann"}]}, r"\$\.Contacts\[0\].*Nam"),
        ("PUT", "Contacts", "", {"Contact": [{"Name": "Ann"}]}, r"\$.*Contact"),
        ("PUT", "Contacts", "", {"Contacts": [{"Phones": [{"Number": "1"}]}]}, r"\$\.Contacts\[0\]\.Phones\[0\]"),
        ("PUT", "Contacts", "", {"Contacts": [{"Name": "x" * 256}]}, r"\$\.Contacts\[0\]\.Name"),
        ("POST", "Contacts", "", {"Contacts": [{"ContactID": "17"}]}, r"\$\.Contacts\[0\]\.ContactID"),
        ("PUT", "Invoices", "", {"Invoices": [{"Total": 1}]}, r"\$\.Invoices\[0\].*Total"),
        ("PUT", "Invoices", "", {"Invoices": [{"LineItems": [{"Quantity": "1"}]}]}, r"LineItems\[0\]\.Quantity"),
        ("PUT", "Invoices", "", {"Invoices": [{"Status": "SENT"}]}, r"\$\.Invoices\[0\]\.Status"),
        ("PUT", "Invoices", "summariseErrors=false", {"Invoices": [{}]}, "query parameter summariseErrors"),
        ("GET", "Contacts", "page=one", None, "query page"),
        ("GET", "Contact", "", None, "no such path"),
        ("DELETE", "Contacts", "", None, "no such method"),
        ("PUT", "Contacts", "", None, "needs a body"),
        ("PUT", "TrackingCategories", "", {"TrackingCategories": [{"Title": "A"}]}, r"TrackingCategories\[0\]"),
    ],
)
def test_a_request_that_xero_would_misread_is_refused_with_its_place(spec, method, path, query, body, place):
    with pytest.raises(AssertionError, match=place):
        spec.check_request(method, f"{BASE}/{path}", query, HEADERS, body)


def test_a_request_must_ask_for_json_and_keep_its_key_short(spec):
    with pytest.raises(AssertionError, match="Accept"):
        spec.check_request("GET", f"{BASE}/Contacts", {}, {"Accept": "*/*"}, None)
    body = {"Contacts": [{"Name": "Ann"}]}
    with pytest.raises(AssertionError, match="Idempotency-Key"):
        spec.check_request("PUT", f"{BASE}/Contacts", {}, {**HEADERS, "Idempotency-Key": "k" * 129}, body)


def test_an_answer_that_xero_would_not_give_is_refused(spec):
    with pytest.raises(AssertionError, match=r"\$\.Contacts\[0\]\.IsCustomer"):
        spec.check_answer("GET", f"{BASE}/Contacts", 200, {"Contacts": [{"IsCustomer": "no"}]})
    with pytest.raises(AssertionError, match="201 is not among"):
        spec.check_answer("PUT", f"{BASE}/Contacts", 201, {"Contacts": []})


def test_other_services_are_let_through(spec):
    spec.check_request("POST", "/connect/token", {}, {}, None)


def test_credit_notes_and_allocations_are_taken_and_answered_as_described(spec, xero):
    invoice = xero.invoice()
    body = {"CreditNotes": [credit(CreditNoteNumber="C-1", Reference="O-1"), credit(LineItems=[])]}
    made = answered(spec, xero, "PUT", "CreditNotes?summarizeErrors=false&unitdp=4", body, Idempotency_Key="k")
    identity = made.json["CreditNotes"][0]["CreditNoteID"]
    answered(spec, xero, "PUT", "CreditNotes", {"CreditNotes": [credit(CreditNoteNumber="C-1")]})
    answered(spec, xero, "POST", "CreditNotes", {"CreditNotes": [{"CreditNoteID": identity, "Reference": "O-2"}]})
    answered(spec, xero, "POST", f"CreditNotes/{identity}", {"CreditNotes": [{"Reference": "O-3"}]})
    path = f"CreditNotes/{identity}/Allocations"
    allocation = {"Amount": 5, "Date": "2026-11-21", "Invoice": {"InvoiceID": invoice["InvoiceID"]}}
    answered(spec, xero, "PUT", f"{path}?summarizeErrors=false", {"Allocations": [allocation]}, Idempotency_Key="a")
    answered(spec, xero, "PUT", path, {"Allocations": [{**allocation, "Amount": 50}]})
    answered(spec, xero, "GET", 'CreditNotes?where=CreditNoteNumber=="C-1"&page=1&pageSize=100&unitdp=4')
    note = answered(spec, xero, "GET", f"CreditNotes/{identity}?unitdp=4").only("CreditNotes")
    answered(spec, xero, "GET", f"Invoices/{invoice['InvoiceID']}")
    answered(spec, xero, "DELETE", f"{path}/{note['Allocations'][0]['AllocationID']}")
    assert check_all(spec, xero) == 11


def test_payments_are_taken_and_answered_as_described(spec, xero):
    invoice = xero.invoice()
    payment = {
        "Invoice": {"InvoiceID": invoice["InvoiceID"]},
        "Account": {"Code": "090"},
        "Date": "2026-11-21",
        "Amount": 5,
        "Reference": "O-1-P",
    }
    body = {"Payments": [payment, {**payment, "Amount": 500}]}
    made = answered(spec, xero, "PUT", "Payments?summarizeErrors=false", body, Idempotency_Key="k")
    identity = made.json["Payments"][0]["PaymentID"]
    answered(spec, xero, "PUT", "Payments", {"Payments": [{**payment, "Account": {"Code": "200"}}]})
    answered(spec, xero, "GET", 'Payments?where=Reference=="O-1-P"&page=1&pageSize=100')
    answered(spec, xero, "GET", f"Payments/{identity}")
    answered(spec, xero, "GET", f"Invoices/{invoice['InvoiceID']}")
    answered(spec, xero, "POST", f"Payments/{identity}", {"Status": "DELETED"})
    assert check_all(spec, xero) == 7


def test_items_are_taken_and_answered_as_described(spec, xero):
    mug = {"Code": "MUG", "Name": "Mug", "SalesDetails": {"UnitPrice": 10, "AccountCode": "200"}}
    stock = {"InventoryAssetAccountCode": "630", "PurchaseDetails": {"COGSAccountCode": "310"}}
    body = {"Items": [mug, {"Code": "JAR", **stock}, {"Code": "x", "SalesDetails": {"TaxType": "X"}}]}
    answered(spec, xero, "POST", "Items?summarizeErrors=false&unitdp=4", body, Idempotency_Key="k")
    answered(spec, xero, "PUT", "Items", {"Items": [mug]})
    answered(spec, xero, "GET", 'Items?where=Code=="MUG"&unitdp=4')
    item = answered(spec, xero, "GET", "Items/JAR").only("Items")
    answered(spec, xero, "POST", f"Items/{item['ItemID']}", {"Items": [{"Code": "JAR", "Name": "Jar"}]})
    answered(spec, xero, "DELETE", f"Items/{item['ItemID']}")
    assert check_all(spec, xero) == 6


def test_books_that_a_person_changed_at_the_desk_are_answered_as_described(spec, xero):
    xero.control("POST", "accounts", {"accounts": [{"Code": "260", "Status": "ARCHIVED"}]})
    xero.control("POST", "tax_rates", {"tax_rates": [{"TaxType": "OUTPUT2", "CanApplyToRevenue": False}]})
    xero.control("POST", "organisation_settings", {"organisation_settings": {"IsDemoCompany": False}})
    for path in ("Accounts", "TaxRates", "Organisation"):
        assert answered(spec, xero, "GET", path).status == 200
    assert check_all(spec, xero) == 3


@pytest.mark.parametrize("country", ["AU", "NZ", "GB", "US", "IE", "SG", "ZA", "CA", "FJ"])
def test_every_countrys_settings_are_answered_as_described(spec, country):
    xero = connected(country=country, shop_rates=False)
    for path in ("Accounts", "TaxRates", "Organisation", "Currencies"):
        assert answered(spec, xero, "GET", path).status == 200
    assert check_all(spec, xero) == 4


def test_money_and_credit_are_taken_back_as_described(spec, xero):
    invoice = xero.invoice()["InvoiceID"]
    note = xero.put("CreditNotes", {"CreditNotes": [credit()]}).only("CreditNotes")["CreditNoteID"]
    allocation = {"Amount": 5, "Date": "2026-11-24", "Invoice": {"InvoiceID": invoice}}
    path = f"CreditNotes/{note}/Allocations"
    answered(spec, xero, "PUT", path, {"Allocations": [allocation]}, Idempotency_Key="k")
    answered(spec, xero, "PUT", path, {"Allocations": [{**allocation, "Amount": 500}]})
    money = {"Account": {"Code": "091"}, "Date": "2026-11-24", "Amount": 5}
    paid = answered(spec, xero, "PUT", "Payments", {"Payments": [{**money, "Invoice": {"InvoiceID": invoice}}]})
    back = answered(spec, xero, "PUT", "Payments", {"Payments": [{**money, "CreditNote": {"CreditNoteID": note}}]})
    payments = [reply.only("Payments")["PaymentID"] for reply in (paid, back)]
    xero.control("POST", "payments", {"payments": [{"PaymentID": payments[0]}]})
    for identity in payments:
        answered(spec, xero, "GET", f"Payments/{identity}")
        answered(spec, xero, "POST", f"Payments/{identity}", {"Status": "DELETED"})
    (held,) = answered(spec, xero, "GET", f"CreditNotes/{note}").only("CreditNotes")["Allocations"]
    answered(spec, xero, "POST", "Invoices", {"Invoices": [{"InvoiceID": invoice, "Status": "VOIDED"}]})
    xero.control("POST", "settings", {"period_lock_date": "2026-11-30"})
    assert answered(spec, xero, "DELETE", f"{path}/{held['AllocationID']}").status == 400
    xero.control("POST", "settings", {"period_lock_date": None})
    assert answered(spec, xero, "DELETE", f"{path}/{held['AllocationID']}").status == 200
    answered(spec, xero, "GET", f"Invoices/{invoice}")
    assert check_all(spec, xero) == 15


def test_bank_transactions_are_taken_and_answered_as_described(spec):
    xero = connected(scope="accounting.banktransactions accounting.contacts")
    body = {
        "Type": "SPEND",
        "Contact": {"Name": "Stripe"},
        "BankAccount": {"Code": "091"},
        "Date": "2026-11-24",
        "LineItems": [line(AccountCode="404")],
    }
    made = answered(spec, xero, "PUT", "BankTransactions", {"BankTransactions": [body]}, Idempotency_Key="k")
    path = f"BankTransactions/{made.only('BankTransactions')['BankTransactionID']}"
    wrong = {**body, "LineItems": [line(AccountCode="400", TaxAmount=1)]}
    assert answered(spec, xero, "PUT", "BankTransactions", {"BankTransactions": [wrong]}).status == 400
    answered(spec, xero, "GET", path)
    answered(spec, xero, "GET", "BankTransactions?page=1")
    answered(spec, xero, "POST", path, {"BankTransactions": [{**body, "Reference": "po_1"}]})
    assert check_all(spec, xero) == 5


def test_overpayments_are_answered_as_described(spec):
    scopes = ("banktransactions", "contacts", "invoices", "payments")
    xero = connected(scope=" ".join(f"accounting.{name}" for name in scopes))
    body = {
        "Type": "RECEIVE-OVERPAYMENT",
        "Contact": {"Name": "Ann Able"},
        "BankAccount": {"Code": "091"},
        "LineItems": [{"Description": "Order 1001", "LineAmount": Decimal("130.00")}],
    }
    made = answered(spec, xero, "PUT", "BankTransactions", {"BankTransactions": [body]})
    identity = made.only("BankTransactions")["OverpaymentID"]
    invoice = xero.invoice()["InvoiceID"]
    path = f"Overpayments/{identity}"
    allocation = {"Amount": 5, "Date": "2026-11-24", "Invoice": {"InvoiceID": invoice}}
    answered(spec, xero, "PUT", f"{path}/Allocations", {"Allocations": [allocation]}, Idempotency_Key="k")
    back = {"Overpayment": {"OverpaymentID": identity}, "Account": {"Code": "091"}, "Amount": 15, "Date": "2026-11-24"}
    answered(spec, xero, "PUT", "Payments", {"Payments": [back]})
    (held,) = answered(spec, xero, "GET", path).only("Overpayments")["Allocations"]
    answered(spec, xero, "GET", f"Invoices/{invoice}")
    answered(spec, xero, "DELETE", f"{path}/Allocations/{held['AllocationID']}")
    answered(spec, xero, "GET", "Overpayments?page=1")
    assert check_all(spec, xero) == 8
