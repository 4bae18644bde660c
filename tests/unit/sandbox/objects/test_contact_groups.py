import pytest

from tests.support.xero.sandbox_client import connected

UNKNOWN = "d4ad8fd6-5c72-4924-91b1-07f1472eb4c3"
ZERO = "00000000-0000-0000-0000-000000000000"


def group(xero, name="VIPs"):
    return xero.put("ContactGroups", {"ContactGroups": [{"Name": name}]}).only("ContactGroups")["ContactGroupID"]


def join(xero, group_id, *contact_ids):
    body = {"Contacts": [{"ContactID": identity} for identity in contact_ids]}
    return xero.put(f"ContactGroups/{group_id}/Contacts", body)


def members(xero, group_id):
    return [contact["Name"] for contact in xero.get(f"ContactGroups/{group_id}").only("ContactGroups")["Contacts"]]


def people(xero, *names):
    return [xero.contact(Name=name)["ContactID"] for name in names]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_group_is_made_with_its_name_alone(method):
    xero = connected()
    made = xero.call(method, "ContactGroups", {"Name": "VIPs", "Contacts": [{"ContactID": UNKNOWN}]})
    made = made.only("ContactGroups")
    assert made == {
        "ContactGroupID": made["ContactGroupID"],
        "Name": "VIPs",
        "Status": "ACTIVE",
        "Contacts": [],
        "HasValidationErrors": False,
    }


def test_many_contacts_are_added_with_one_call_and_answered_by_their_ids():
    xero = connected()
    vips, (ann, ben) = group(xero), people(xero, "Ann", "Ben")
    reply = join(xero, vips, ann, ben)
    assert [contact["ContactID"] for contact in reply.json["Contacts"]] == [ann, ben]
    assert reply.json["Contacts"][0] == {
        "ContactID": ann,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
        "ValidationErrors": [],
    }
    assert members(xero, vips) == ["Ann", "Ben"]


def test_only_a_single_group_shows_its_members():
    xero = connected()
    vips = group(xero)
    join(xero, vips, *people(xero, "Ann"))
    assert xero.get("ContactGroups").only("ContactGroups")["Contacts"] == []
    assert members(xero, vips) == ["Ann"]


def test_a_contact_that_is_in_the_group_already_stays_in_it_once():
    xero = connected()
    vips, (ann,) = group(xero), people(xero, "Ann")
    for _ in range(2):
        assert join(xero, vips, ann).status == 200
    assert members(xero, vips) == ["Ann"]


def test_unknown_and_archived_contacts_are_refused_while_the_others_are_added():
    xero = connected()
    vips, (ann, ben) = group(xero), people(xero, "Ann", "Ben")
    xero.post("Contacts", {"ContactID": ben, "ContactStatus": "ARCHIVED"})
    reply = join(xero, vips, UNKNOWN, ann, ben)
    assert (reply.status, reply.json["Type"]) == (400, "ValidationException")
    assert [element["ContactID"] for element in reply.json["Elements"]] == [UNKNOWN, ben]
    assert reply.errors() == [
        "The Contact with the specified ContactID could not be found.",
        "Unable to assign an Archived contact.",
    ]
    assert members(xero, vips) == ["Ann"]


def test_a_contact_is_only_added_by_its_id():
    xero = connected()
    vips = group(xero)
    xero.contact(Name="Ann")
    reply = xero.put(f"ContactGroups/{vips}/Contacts", {"Contacts": [{"Name": "Ann"}]})
    assert reply.errors() == ["The Contact with the specified ContactID could not be found."]
    assert reply.json["Elements"][0]["ContactID"] == ZERO


def test_members_go_one_by_one_or_all_together():
    xero = connected()
    vips, ids = group(xero), people(xero, "Ann", "Ben", "Cid")
    join(xero, vips, *ids)
    gone = xero.delete(f"ContactGroups/{vips}/Contacts/{ids[0].upper()}")
    assert (gone.status, gone.text) == (204, "")
    assert members(xero, vips) == ["Ben", "Cid"]
    assert xero.delete(f"ContactGroups/{vips}/Contacts/{ids[0]}").status == 404
    assert xero.delete(f"ContactGroups/{vips}/Contacts").status == 204
    assert members(xero, vips) == []


def test_a_contact_shows_its_groups_alone_and_in_pages_only():
    xero = connected()
    vips, (ann,) = group(xero), people(xero, "Ann")
    join(xero, vips, ann)
    shown = [{"ContactGroupID": vips, "Name": "VIPs", "Status": "ACTIVE", "Contacts": [], "HasValidationErrors": False}]
    assert xero.get(f"Contacts/{ann}").only("Contacts")["ContactGroups"] == shown
    assert xero.get("Contacts?page=1").only("Contacts")["ContactGroups"] == shown
    assert xero.get("Contacts").only("Contacts")["ContactGroups"] == []
    assert "ContactGroups" not in xero.get("Contacts?summaryOnly=true").only("Contacts")


def test_a_write_to_a_contact_leaves_its_groups_alone():
    xero = connected()
    vips, (ann,) = group(xero), people(xero, "Ann")
    join(xero, vips, ann)
    xero.post("Contacts", {"ContactID": ann, "LastName": "Able", "ContactGroups": []})
    assert members(xero, vips) == ["Ann"]


def test_a_group_is_renamed_with_its_members():
    xero = connected()
    vips, (ann,) = group(xero), people(xero, "Ann")
    join(xero, vips, ann)
    assert xero.post(f"ContactGroups/{vips}", {"Name": "Gold"}).only("ContactGroups")["Name"] == "Gold"
    assert xero.get(f"Contacts/{ann}").only("Contacts")["ContactGroups"][0]["Name"] == "Gold"


def test_a_deleted_group_is_gone_with_its_name_free():
    xero = connected()
    vips, (ann,) = group(xero), people(xero, "Ann")
    join(xero, vips, ann)
    deleted = xero.post(f"ContactGroups/{vips}", {"Status": "DELETED"}).only("ContactGroups")
    assert (deleted["ContactGroupID"], deleted["Status"]) == (vips, "DELETED")
    assert xero.get("ContactGroups").json["ContactGroups"] == []
    assert xero.get(f"ContactGroups/{vips}").status == 404
    assert xero.get(f"Contacts/{ann}").only("Contacts")["ContactGroups"] == []
    assert group(xero) != vips


def test_names_are_unique_in_any_case():
    xero = connected()
    group(xero)
    gold = group(xero, "Gold")
    for reply in (xero.put("ContactGroups", {"Name": "vips"}), xero.post(f"ContactGroups/{gold}", {"Name": "VIPS"})):
        assert reply.errors() == ["A Contact Group already exists with this name"]
    assert xero.post(f"ContactGroups/{gold}", {"Name": "GOLD"}).status == 200
    assert xero.put("ContactGroups", {"Name": " "}).errors() == ["Name must be specified."]


def test_the_hundred_and_first_group_is_refused_with_the_sentence_of_the_specification():
    xero = connected()
    names = [{"Name": f"G{number}"} for number in range(101)]
    reply = xero.put("ContactGroups", {"ContactGroups": names})
    assert reply.json["Elements"] == [
        {
            "Contacts": [],
            "Name": "G100",
            "ContactGroupID": ZERO,
            "HasValidationErrors": True,
            "ValidationErrors": [{"Message": "You\u2019ve reached the limit of 100 contact groups."}],
        }
    ]
    assert len(xero.get("ContactGroups").json["ContactGroups"]) == 100


def test_groups_are_found_by_name_and_unknown_ones_are_404():
    xero = connected()
    vips = group(xero)
    group(xero, "Gold")
    assert xero.get('ContactGroups?where=Name=="VIPs"').only("ContactGroups")["ContactGroupID"] == vips
    assert xero.get(f"ContactGroups/{UNKNOWN}").status == 404
    assert join(xero, UNKNOWN, vips).status == 404
    assert xero.delete(f"ContactGroups/{UNKNOWN}/Contacts").status == 404
    assert xero.post("ContactGroups", {"ContactGroupID": UNKNOWN, "Name": "Gold"}).status == 404


def test_post_without_an_id_in_the_path_updates_by_the_id_in_the_body():
    xero = connected()
    vips = group(xero)
    xero.post("ContactGroups", {"ContactGroupID": vips, "Name": "Gold"})
    assert xero.get("ContactGroups").only("ContactGroups")["Name"] == "Gold"


def test_groups_need_the_scope_of_contacts():
    assert connected("accounting.invoices").get("ContactGroups").status == 401


def test_the_summary_and_the_records_show_groups():
    xero = connected()
    vips, ids = group(xero), people(xero, "Ann", "Ben")
    join(xero, vips, *ids)
    summary = xero.control("GET", "summary").json
    assert (summary["records"]["ContactGroups"], summary["records"]["ContactGroupMembers"]) == (1, 2)
    assert summary["by_resource"]["PUT ContactGroups"] == {"calls": 1, "elements": 1}
    assert summary["by_resource"]["PUT ContactGroups/Contacts"] == {"calls": 1, "elements": 2}
    (shown,) = xero.control("GET", "records").json["ContactGroups"]
    assert [contact["Name"] for contact in shown["Contacts"]] == ["Ann", "Ben"]
