from tests.support.xero.sandbox_client import connected, line


def category(xero, name="Source"):
    return xero.put("TrackingCategories", {"Name": name}).only("TrackingCategories")


def option(xero, category_id, name):
    return xero.put(f"TrackingCategories/{category_id}/Options", {"Name": name}).only("Options")


def test_a_category_and_its_options_are_made_one_by_one():
    xero = connected()
    made = category(xero)
    assert (made["Name"], made["Status"], made["Options"]) == ("Source", "ACTIVE", [])
    web = option(xero, made["TrackingCategoryID"], "Web")
    assert (web["Name"], web["IsActive"], web["IsArchived"], web["IsDeleted"]) == ("Web", True, False, False)
    listed = xero.get("TrackingCategories").only("TrackingCategories")
    assert [each["Name"] for each in listed["Options"]] == ["Web"]


def test_options_sent_with_a_category_are_not_kept():
    xero = connected()
    body = {"TrackingCategories": [{"Name": "Source", "Options": [{"Name": "Web"}]}]}
    assert xero.put("TrackingCategories", body).only("TrackingCategories")["Options"] == []


def test_a_third_active_category_and_a_fifth_of_all_are_refused():
    xero = connected()
    made = [category(xero, name) for name in ("A", "B")]
    assert xero.put("TrackingCategories", {"Name": "C"}).errors() == [
        "You can have a maximum of 2 active tracking categories."
    ]
    for each in made:
        xero.post(f"TrackingCategories/{each['TrackingCategoryID']}", {"Status": "ARCHIVED"})
    made = [category(xero, name) for name in ("C", "D")]
    for each in made:
        xero.post(f"TrackingCategories/{each['TrackingCategoryID']}", {"Status": "ARCHIVED"})
    assert xero.put("TrackingCategories", {"Name": "E"}).errors() == [
        "You can have a maximum of 4 tracking categories, archived ones included."
    ]
    assert xero.get("TrackingCategories").json["TrackingCategories"] == []
    assert len(xero.get("TrackingCategories?includeArchived=true").json["TrackingCategories"]) == 4


def test_names_are_unique_in_any_case_and_at_most_100_long():
    xero = connected()
    source = category(xero)["TrackingCategoryID"]
    option(xero, source, "Web")
    assert xero.put("TrackingCategories", {"Name": "SOURCE"}).status == 400
    assert xero.put(f"TrackingCategories/{source}/Options", {"Name": "web"}).status == 400
    assert xero.put(f"TrackingCategories/{source}/Options", {"Name": "x" * 101}).status == 400
    assert xero.put(f"TrackingCategories/{source}/Options", {"Name": "x" * 100}).status == 200


def test_more_than_one_option_in_a_call_is_refused():
    xero = connected()
    source = category(xero)["TrackingCategoryID"]
    body = {"Options": [{"Name": "A"}, {"Name": "B"}]}
    assert xero.put(f"TrackingCategories/{source}/Options", body).status == 400


def test_an_unused_option_is_deleted_and_a_used_one_archived():
    xero = connected()
    source = category(xero)["TrackingCategoryID"]
    used, unused = option(xero, source, "Web"), option(xero, source, "Shop")
    xero.invoice(LineItems=[line(Tracking=[{"Name": "Source", "Option": "Web"}])])
    gone = xero.call("DELETE", f"TrackingCategories/{source}/Options/{unused['TrackingOptionID']}").only("Options")
    kept = xero.call("DELETE", f"TrackingCategories/{source}/Options/{used['TrackingOptionID']}").only("Options")
    assert (gone["Status"], gone["IsDeleted"]) == ("DELETED", True)
    assert (kept["Status"], kept["IsArchived"]) == ("ARCHIVED", True)
    assert xero.call("DELETE", f"TrackingCategories/{source}").only("TrackingCategories")["Status"] == "ARCHIVED"


def test_a_renamed_option_is_only_known_by_its_new_name():
    xero = connected()
    source = category(xero)["TrackingCategoryID"]
    web = option(xero, source, "Web")["TrackingOptionID"]
    assert xero.post(f"TrackingCategories/{source}/Options/{web}", {"Name": "Online"}).status == 200
    body = {
        "Type": "ACCREC",
        "Contact": {"Name": "Ann"},
        "LineItems": [line(Tracking=[{"Name": "Source", "Option": "Web"}])],
    }
    assert xero.put("Invoices", body).status == 400


def test_unknown_categories_and_options_are_404():
    xero = connected()
    source = category(xero)["TrackingCategoryID"]
    assert xero.get("TrackingCategories/d4ad8fd6-5c72-4924-91b1-07f1472eb4c3").status == 404
    assert xero.post(f"TrackingCategories/{source}/Options/{source}", {"Name": "A"}).status == 404
