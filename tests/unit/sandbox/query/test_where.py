import pytest

from tests.support.xero.sandbox_client import connected


@pytest.fixture(scope="module")
def xero():
    xero = connected()
    xero.contact(Name="Ann Able", EmailAddress="ann@b.nz", ContactNumber="u1", AccountNumber="A-1")
    xero.contact(Name="Ben Baker", EmailAddress="ben@b.nz", ContactNumber="u2")
    xero.contact(Name="Cid")
    xero.invoice(InvoiceNumber="O-1", Reference="one", Contact={"Name": "Ann Able"})
    xero.invoice(InvoiceNumber="O-2", Reference="two", Contact={"Name": "Ben Baker"}, Date="2026-11-01")
    xero.invoice(InvoiceNumber="O-3", Status="DRAFT", Contact={"Name": "Ben Baker"})
    return xero


def listed(xero, collection, field, where):
    reply = xero.call("GET", f"{collection}?where={where.replace('&', '%26').replace('+', '%2B')}")
    assert reply.status == 200, reply.text
    return sorted(element[field] for element in reply.json[collection])


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('Name=="Ann Able"', ["Ann Able"]),
        ('Name="ANN ABLE"', ["Ann Able"]),
        ('EmailAddress=="BEN@b.nz"', ["Ben Baker"]),
        ('AccountNumber=="A-1"', ["Ann Able"]),
        ('ContactNumber=="u2" OR Name=="cid"', ["Ben Baker", "Cid"]),
        ('ContactNumber=="u2" AND Name=="cid"', []),
        ('(ContactNumber=="u1" || ContactNumber=="u2") && Name=="Ben Baker"', ["Ben Baker"]),
        ('ContactStatus=="ACTIVE" AND Name!="Cid"', ["Ann Able", "Ben Baker"]),
        ("EmailAddress==null", ["Cid"]),
        ('EmailAddress!=null && EmailAddress.Contains("ben")', ["Ben Baker"]),
        ('Name.StartsWith("a")', ["Ann Able"]),
        ("IsCustomer==true", ["Ann Able", "Ben Baker"]),
    ],
)
def test_contacts_are_found(xero, where, found):
    assert listed(xero, "Contacts", "Name", where) == found


def test_a_contact_is_found_by_its_guid(xero):
    identity = xero.get("Contacts/u1").only("Contacts")["ContactID"]
    assert listed(xero, "Contacts", "Name", f'ContactID==guid("{identity}")') == ["Ann Able"]
    assert listed(xero, "Invoices", "InvoiceNumber", f'Contact.ContactID==Guid("{identity.upper()}")') == ["O-1"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('Reference=="two"', ["O-2"]),
        ('InvoiceNumber=="o-1" OR InvoiceNumber=="O-3"', ["O-1", "O-3"]),
        ('Type=="ACCREC" AND Status=="DRAFT"', ["O-3"]),
        ('Contact.Name=="Ben Baker" AND Status=="AUTHORISED"', ["O-2"]),
        ('Contact.ContactNumber=="u1"', ["O-1"]),
        ("Date>=DateTime(2026,11,20)", ["O-1", "O-3"]),
        ("Date<DateTime(2026,11,20,0,0,0) AND Total>20", ["O-2"]),
        ("AmountDue==23.00 AND AmountPaid==0", ["O-1", "O-2", "O-3"]),
    ],
)
def test_invoices_are_found(xero, where, found):
    assert listed(xero, "Invoices", "InvoiceNumber", where) == found


@pytest.mark.parametrize(
    "where",
    [
        "Name==",
        'Nickname=="Ann"',
        'ContactID=="d4ad8fd6-5c72-4924-91b1-07f1472eb4c3"',
        "Name==17",
        'Name.Sounds("a")',
        'EmailAddress.Contains("ben")',
        'Name=="a" XOR Name=="b"',
    ],
)
def test_what_xero_cannot_parse_is_a_query_exception(xero, where):
    reply = xero.get(f"Contacts?where={where}")
    assert reply.status == 400
    assert (reply.json["ErrorNumber"], reply.json["Type"]) == (16, "QueryParseException")


def test_an_unknown_property_to_order_by_is_refused(xero):
    assert xero.get("Contacts?order=Nickname").json["ErrorNumber"] == 16
    names = [contact["Name"] for contact in xero.get("Contacts?order=Name DESC").json["Contacts"]]
    assert names == ["Cid", "Ben Baker", "Ann Able"]
