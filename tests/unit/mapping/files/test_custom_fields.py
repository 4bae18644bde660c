"""Custom fields: each is what one would write by hand, and a block that cannot be kept is refused with its place."""

import pytest

from segxero.errors import ConfigError
from segxero.mapping.files.loader import load
from segxero.xero.objects.table import FIELDS

ORGANISATIONS = "main: {sources: all}\n"
CONTACT = """\
- name: customer
  object: Contact
  trigger: type = "identify"
  key: $.userId
  without_key: refuse
"""
ORDER = """\
- name: order
  object: Invoice
  trigger: type = "track" and event = "Order Completed"
  key: $.properties.order_id
  without_key: refuse
  fields:
    Date: $.timestamp
    LineItems:
      "@arrayPath":
        - $.properties.products
        - Description: $.name
          UnitAmount: $.price
"""


def write(directory, text, organisations=ORGANISATIONS):
    (directory / "own.yaml").write_text(text)
    (directory / "organisations.yaml").write_text(organisations)
    return directory


def drafts(directory, text, event):
    loaded = load(write(directory, text), FIELDS)
    assert loaded.warnings == ()
    return {draft.mapping: draft for draft in loaded.drafts({"projectId": "shop", **event})}


def contact(directory, field, **traits):
    text = f"{CONTACT}  custom:\n    Plan: {field}\n"
    return drafts(directory, text, {"type": "identify", "userId": "u1", "traits": traits})


def order(directory, field, **properties):
    text = f"{ORDER}  custom:\n    Gift: {field}\n"
    body = {"order_id": "o1", "products": [{"name": "Mug", "price": 5, "gift": "yes"}, {"name": "Cup", "price": 1}]}
    return drafts(directory, text, {"type": "track", "event": "Order Completed", "properties": {**body, **properties}})


def references(draft):
    return [(one.field, one.object, one.key, one.optional) for one in draft.references]


def test_a_contact_group_is_a_membership_of_its_own(tmp_path):
    made = contact(tmp_path, "{value: $.traits.plan, kept_in: contact group}", plan="gold")
    assert made.keys() == {"customer-plan"}
    member = made["customer-plan"]
    assert (member.object, member.key, member.fields) == ("ContactGroupMember", "u1 | Plan", {"Group": "Plan: gold"})
    assert references(member) == [("Contact", "Contact", "u1", False)]


@pytest.mark.parametrize("empty", [None, ""])
def test_an_emptied_field_leaves_its_group_and_a_missing_one_changes_nothing(tmp_path, empty):
    field = "{value: $.traits.plan, kept_in: contact group}"
    assert contact(tmp_path, field, plan=empty)["customer-plan"].fields == {"Group": empty}
    assert contact(tmp_path, field) == {}


def test_an_account_number_is_a_field_of_the_contact(tmp_path):
    made = contact(tmp_path, "{value: $.traits.number, kept_in: account number}", number="C-7")
    assert made["customer"].fields == {"AccountNumber": "C-7"}


def test_a_tracking_option_labels_the_contact_and_the_order(tmp_path):
    made = contact(tmp_path, "{value: $.traits.plan, kept_in: tracking option}", plan="gold")
    option = made["customer-plan"]
    assert (option.object, option.key) == ("TrackingOption", "Plan: gold")
    assert option.fields == {"Category": "Plan", "Option": "gold"}
    assert references(made["customer"]) == [("SalesTracking/Plan", "TrackingOption", "Plan: gold", True)]
    made = order(tmp_path, "{value: $.properties.gift, kept_in: tracking option}", gift="yes")
    assert references(made["order"]) == [("Tracking/Gift", "TrackingOption", "Gift: yes", True)]


def test_without_a_value_there_is_no_label(tmp_path):
    made = contact(tmp_path, "{value: $.traits.plan, kept_in: tracking option}")
    assert made.keys() == {"customer"}
    assert made["customer"].references == ()


def test_a_reference_is_a_field_of_the_invoice(tmp_path):
    made = order(tmp_path, "{value: $.properties.gift, kept_in: reference}", gift="for Bo")
    assert made["order"].fields["Reference"] == "for Bo"


def test_a_line_description_has_the_products_own_value_behind_it(tmp_path):
    made = order(tmp_path, "{value: $.gift, kept_in: line description}")
    assert [line["Description"] for line in made["order"].fields["LineItems"]] == ["Mug (Gift: yes)", "Cup"]


def test_a_history_note_has_a_key_for_each_value_so_that_it_is_written_once(tmp_path):
    made = contact(tmp_path, "{value: $.traits.plan, kept_in: history note}", plan="gold")
    note = made["customer-plan"]
    assert (note.object, note.key) == ("HistoryNote", "u1 | Plan: gold")
    assert note.fields == {"Details": "Plan: gold"}
    assert references(note) == [("Record", "Contact", "u1", False)]
    assert contact(tmp_path, "{value: $.traits.plan, kept_in: history note}") == {}


def test_all_attachments_of_a_record_are_one_file(tmp_path):
    text = CONTACT + (
        "  custom:\n"
        "    Plan: {value: $.traits.plan, kept_in: attachment}\n"
        "    Shop: {value: $.source.name, kept_in: attachment}\n"
    )
    made = drafts(tmp_path, text, {"type": "identify", "userId": "u1", "traits": {"plan": "gold"}})
    assert made.keys() == {"customer-plan"}
    assert made["customer-plan"].fields == {
        "FileName": "segment-custom-fields",
        "Content": {"Plan": "gold", "Shop": "shop"},
    }


def faults(directory, text, organisations=ORGANISATIONS):
    with pytest.raises(ConfigError) as caught:
        load(write(directory, text, organisations), FIELDS)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (CONTACT + "  custom: []\n", "own.yaml:6: /0/custom: should name custom fields"),
        (CONTACT + "  custom:\n    Plan: gold\n", "own.yaml:7: /0/custom/Plan: should have value and kept_in"),
        (
            CONTACT + "  custom:\n    Plan: {value: $.a, kept_in: drawer}\n",
            "own.yaml:7: /0/custom/Plan: cannot be kept in drawer: write tracking option, contact group, account",
        ),
        (
            CONTACT + "  custom:\n    Plan: {value: $.a, kept_in: [drawer]}\n",
            "own.yaml:7: /0/custom/Plan: cannot be kept in ['drawer']: write tracking option",
        ),
        (
            CONTACT + "  custom:\n    Plan: {value: $.a, kept_in: reference}\n",
            "own.yaml:7: /0/custom/Plan: is not possible for Contact: reference is for Invoice",
        ),
        (
            ORDER + "  custom:\n    Plan: {value: $.a, kept_in: account number}\n",
            "own.yaml:14: /0/custom/Plan: is not possible for Invoice: account number is for Contact",
        ),
        (
            CONTACT + "  custom:\n    A: {value: $.a, kept_in: account number}\n"
            "    B: {value: $.b, kept_in: account number}\n",
            "own.yaml:8: /0/custom/B: is kept in AccountNumber, which the mapping already writes: remove one of them",
        ),
        (
            CONTACT + "  fields: {AccountNumber: $.a}\n  custom:\n    B: {value: $.b, kept_in: account number}\n",
            "own.yaml:8: /0/custom/B: is kept in AccountNumber, which the mapping already writes: remove one of them",
        ),
        (
            CONTACT.replace("Contact", "Invoice") + "  custom:\n    B: {value: $.b, kept_in: line description}\n",
            "own.yaml:7: /0/custom/B: needs LineItems with @arrayPath and a Description in fields",
        ),
        (
            CONTACT + "  custom:\n    Plan: {value: {'@upper': $.a}, kept_in: account number}\n",
            "@upper: is not a known directive",
        ),
        (
            CONTACT + f"  custom:\n    Plan: {{value: {'x' * 51}, kept_in: account number}}\n",
            "has 51 characters: Xero takes 50",
        ),
    ],
)
def test_a_field_that_cannot_be_kept_so_is_refused_with_its_place(tmp_path, text, wanted):
    found = faults(tmp_path, text)
    assert [fault for fault in found if wanted in fault] != [], found


def test_a_reference_that_holds_the_orders_number_has_no_room(tmp_path):
    text = ORDER + "  custom:\n    Gift: {value: $.a, kept_in: reference}\n"
    (found,) = faults(tmp_path, text, "main: {sources: all, order_id_in: Reference}\n")
    assert found.startswith("own.yaml:14: /0/custom/Gift: cannot be kept in the reference: order_id_in puts")


def test_a_mapping_that_is_switched_off_keeps_nobody_from_changing_a_setting(tmp_path):
    text = ORDER + "  enabled: false\n  custom:\n    Gift: {value: $.a, kept_in: reference}\n"
    loaded = load(write(tmp_path, text, "main: {sources: all, order_id_in: Reference}\n"), FIELDS)
    assert loaded.enabled == ()
