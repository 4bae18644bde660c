import pytest

from tests.support.xero.sandbox_client import connected

EACH = "Contacts?summarizeErrors=false"
ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)


def taken(name):
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


def names(xero, query=""):
    return sorted(contact["Name"] for contact in xero.get(f"Contacts{query}").json["Contacts"])


def test_a_new_contact_has_four_phone_slots_and_two_address_slots():
    contact = connected().contact(
        Phones=[{"PhoneType": "MOBILE", "PhoneNumber": "21 123"}],
        Addresses=[{"AddressType": "STREET", "AddressLine1": "1 Main St", "City": "Napier"}],
    )
    assert [phone["PhoneType"] for phone in contact["Phones"]] == ["DEFAULT", "DDI", "FAX", "MOBILE"]
    assert [phone["PhoneNumber"] for phone in contact["Phones"]] == ["", "", "", "21 123"]
    assert [address["AddressType"] for address in contact["Addresses"]] == ["STREET", "POBOX"]
    assert contact["Addresses"][0]["AddressLine1"] == "1 Main St"
    assert contact["BankAccountDetails"] == ""
    assert contact["ContactStatus"] == "ACTIVE"


def test_an_update_merges_slots_by_type_and_leaves_other_fields_alone():
    xero = connected()
    first = xero.contact(EmailAddress="a@b.nz", Phones=[{"PhoneType": "DDI", "PhoneNumber": "1"}])
    xero.post(EACH, {"ContactID": first["ContactID"], "Phones": [{"PhoneType": "FAX", "PhoneNumber": "2"}]})
    contact = xero.get(f"Contacts/{first['ContactID']}").only("Contacts")
    assert [phone["PhoneNumber"] for phone in contact["Phones"]] == ["", "1", "2", ""]
    assert contact["EmailAddress"] == "a@b.nz"


def test_put_refuses_a_name_that_an_active_contact_has_in_any_case():
    xero = connected()
    xero.contact(Name="Ann Able")
    reply = xero.put("Contacts", {"Name": "ANN ABLE"})
    assert reply.status == 400
    assert reply.errors() == [taken("ANN ABLE")]


def test_put_refuses_a_contact_number_that_is_in_use():
    xero = connected()
    xero.contact(ContactNumber="u1")
    assert xero.put("Contacts", {"Name": "Ben", "ContactNumber": "u1"}).status == 400


def test_post_matches_by_id_before_number_before_name():
    xero = connected()
    ann = xero.contact(Name="Ann", ContactNumber="u1")
    ben = xero.contact(Name="Ben", ContactNumber="u2")
    cid = xero.contact(Name="Cid")

    def posted(**fields):
        return xero.post(EACH, {"Contacts": [fields]}).only("Contacts")

    assert posted(ContactID=ann["ContactID"], LastName="A")["ContactID"] == ann["ContactID"]
    assert posted(ContactNumber="u2", Name="Benny")["ContactID"] == ben["ContactID"]
    assert posted(Name="cid", EmailAddress="c@d.nz")["ContactID"] == cid["ContactID"]
    assert posted(Name="CID", ContactNumber="u3")["ContactID"] == cid["ContactID"]
    assert names(xero) == ["Ann", "Benny", "CID"]


def test_post_does_not_hand_the_contact_of_one_number_to_another_number():
    xero = connected()
    xero.contact(Name="Ann", ContactNumber="u1")
    reply = xero.post(EACH, {"Name": "Ann", "ContactNumber": "u2"})
    assert reply.errors("Contacts") == [taken("Ann")]


def test_post_takes_it_over_when_the_sandbox_is_told_so():
    xero = connected(name_match="take")
    xero.contact(Name="Ann", ContactNumber="u1")
    assert xero.post(EACH, {"Name": "Ann", "ContactNumber": "u2"}).only("Contacts")["ContactNumber"] == "u2"


def test_a_rename_onto_another_contacts_name_is_refused():
    xero = connected()
    xero.contact(Name="Ann", ContactNumber="u1")
    xero.contact(Name="Ben", ContactNumber="u2")
    reply = xero.post(EACH, {"ContactNumber": "u2", "Name": "ann"})
    assert reply.errors("Contacts") == [taken("ann")]
    assert names(xero) == ["Ann", "Ben"]


def test_account_numbers_are_unique_too():
    xero = connected()
    xero.contact(Name="Ann", AccountNumber="A1")
    reply = xero.put("Contacts", {"Name": "Ben", "AccountNumber": "A1"})
    assert reply.errors() == ["The Account Number already exists. Please enter a different Account Number."]


def test_an_unknown_contact_id_in_a_write_is_404_for_the_whole_request():
    xero = connected()
    unknown = {"ContactID": "d4ad8fd6-5c72-4924-91b1-07f1472eb4c3", "Name": "Ben"}
    assert xero.post(EACH, {"Contacts": [{"Name": "Ann"}, unknown]}).status == 404
    assert names(xero) == []


def test_an_archived_contact_refuses_every_write_and_gives_its_name_free():
    xero = connected()
    ann = xero.contact(ContactNumber="u1")
    identity = ann["ContactID"]
    assert xero.post(EACH, {"ContactID": identity, "ContactStatus": "ARCHIVED"}).status == 200
    for element in ({"ContactID": identity, "ContactStatus": "ACTIVE"}, {"ContactNumber": "u1", "LastName": "B"}):
        reply = xero.post(EACH, element)
        assert reply.errors("Contacts") == [ARCHIVED]
        assert reply.json["Contacts"][0]["ContactID"] == identity
    assert xero.put("Contacts", {"Name": "Ann Able"}).status == 200
    assert len(names(xero)) == 1
    assert len(names(xero, "?includeArchived=true")) == 2


def test_persons_are_replaced_as_a_whole_and_at_most_five():
    xero = connected()
    people = [{"FirstName": f"P{number}"} for number in range(6)]
    ann = xero.contact(ContactPersons=people[:5])
    xero.post(EACH, {"ContactID": ann["ContactID"], "ContactPersons": people[5:]})
    assert xero.get(f"Contacts/{ann['ContactID']}").only("Contacts")["ContactPersons"] == [{"FirstName": "P5"}]
    assert xero.put("Contacts", {"Name": "Ben", "ContactPersons": people}).status == 400


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"Name": "x" * 256}, "The field Name must be a string with a maximum length of 255."),
        ({"ContactNumber": "x" * 51}, "The field ContactNumber must be a string with a maximum length of 50."),
        ({"EmailAddress": "ann"}, "Email address must be valid."),
        ({"EmailAddress": "jörg@b.de"}, "Email address must be valid."),
        ({"Name": "Ann  Able"}, "The contact name cannot begin or end with a space or contain two spaces in a row."),
        (
            {"Phones": [{"PhoneType": "DDI", "PhoneNumber": "1" * 51}]},
            "The field PhoneNumber must be a string with a maximum length of 50.",
        ),
        (
            {"Addresses": [{"AddressType": "POBOX", "Country": "NZ2"}]},
            "The Country of an address can only contain letters.",
        ),
    ],
)
def test_values_that_cannot_be_are_refused(fields, sentence):
    assert connected().put("Contacts", {"Name": "Ann", **fields}).errors() == [sentence]


def test_a_contact_without_any_identity_is_refused():
    reply = connected().post("Contacts", {"EmailAddress": "a@b.nz"})
    assert reply.errors() == [
        (
            "The Contact must contain at least 1 of the following elements to identify the contact: "
            "Name, ContactID, ContactNumber"
        )
    ]


def test_a_contact_is_found_by_id_or_number_in_the_path():
    xero = connected()
    ann = xero.contact(ContactNumber="u1")
    assert xero.get("Contacts/u1").only("Contacts")["ContactID"] == ann["ContactID"]
    assert xero.get(f"Contacts/{ann['ContactID'].upper()}").only("Contacts")["ContactNumber"] == "u1"
    updated = xero.post("Contacts/u1", {"LastName": "Baker"}).only("Contacts")
    assert updated["LastName"] == "Baker"


def test_lists_search_filter_by_id_and_page():
    xero = connected()
    people = [xero.contact(Name=f"P{number}", EmailAddress=f"p{number}@b.nz") for number in range(5)]
    ids = ",".join(person["ContactID"] for person in people[1:3])
    assert names(xero, f"?IDs={ids}") == ["P1", "P2"]
    assert names(xero, "?searchTerm=P3@B") == ["P3"]
    reply = xero.get("Contacts?page=2&pageSize=2&order=Name")
    assert [contact["Name"] for contact in reply.json["Contacts"]] == ["P2", "P3"]
    assert reply.json["pagination"] == {"page": 2, "pageSize": 2, "pageCount": 3, "itemCount": 5}
    assert xero.get("Contacts?page=9").json["Contacts"] == []
    assert xero.get("Contacts?page=1&pageSize=9999").json["pagination"]["pageSize"] == 1000
    assert "pagination" not in xero.get("Contacts").json


def test_a_list_without_pages_and_a_summary_leave_properties_out():
    xero = connected()
    xero.contact(ContactPersons=[{"FirstName": "P"}])
    assert "ContactPersons" not in xero.get("Contacts").only("Contacts")
    assert "ContactPersons" in xero.get("Contacts?page=1").only("Contacts")
    summary = xero.get("Contacts?summaryOnly=true")
    assert "Addresses" not in summary.only("Contacts")
    assert summary.json["pagination"]["itemCount"] == 1


def test_if_modified_since_leaves_out_what_is_older():
    xero = connected()
    xero.contact(Name="Ann")
    xero.clock.now += 100
    xero.contact(Name="Ben")
    reply = xero.get("Contacts", If_Modified_Since="2026-11-24T06:01:00")
    assert [contact["Name"] for contact in reply.json["Contacts"]] == ["Ben"]
    assert xero.get("Contacts", If_Modified_Since="yesterday").status == 412


def test_the_first_sales_invoice_makes_a_customer_without_touching_its_date():
    xero = connected()
    ann = xero.contact()
    xero.clock.now += 100
    xero.invoice(Contact={"ContactID": ann["ContactID"]})
    after = xero.get("Contacts").only("Contacts")
    assert (after["IsCustomer"], after["UpdatedDateUTC"]) == (True, ann["UpdatedDateUTC"])
