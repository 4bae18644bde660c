"""Contact groups: a contact is in the one group that its field names, whatever becomes of the calls on the way."""

import pytest

from segxero.errors import UncertainError
from segxero.mapping.files.loader import load
from segxero.xero.api.answers import NotThereError
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.core import Core, identify
from tests.support.xero.groups import GroupXero

MAPPINGS = """\
- name: customer
  object: Contact
  trigger: type = "identify"
  key: $.userId
  without_key: refuse
  fields: {Name: $.userId}
  custom:
    Plan: {value: $.traits.plan, kept_in: contact group}
"""


@pytest.fixture
def core(redis_store, tmp_path):
    (tmp_path / "own.yaml").write_text(MAPPINGS)
    (tmp_path / "organisations.yaml").write_text("main: {sources: all}\n")
    return Core(redis_store, mappings=load(tmp_path, FIELDS), xero=GroupXero())


def plan(user, value, day=1):
    return identify(user, f"2026-11-{day:02}T00:00:00Z", plan=value)


def group_calls(core):
    return [(call.method, *call.path.split("/")[3:]) for call in core.xero.writes if "ContactGroups" in call.path]


def test_those_who_join_one_group_do_so_in_one_call(core):
    core.feed(plan("u1", "gold"), plan("u2", "gold"), plan("u3", "silver"))
    core.deliver("contacts")
    assert core.xero.membership() == {"Plan: gold": ["u1", "u2"], "Plan: silver": ["u3"]}
    joined = [len(call.body["Contacts"]) for call in core.xero.writes if call.path.endswith("/Contacts") and call.body]
    assert sorted(joined) == [1, 2, 3]


def test_a_new_value_leaves_the_old_group(core):
    core.feed(plan("u1", "gold"))
    core.deliver("contacts")
    core.feed(plan("u1", "silver", 2))
    core.deliver("contacts")
    assert core.xero.membership() == {"Plan: gold": [], "Plan: silver": ["u1"]}
    assert core.record("ContactGroupMember", "u1 | Plan").disposition == "delivered"


def test_an_emptied_value_leaves_the_group_and_can_come_back(core):
    for day, value in enumerate(["gold", None, "gold"], 1):
        core.feed(plan("u1", value, day))
        core.deliver("contacts")
        assert core.xero.membership() == {"Plan: gold": ["u1"] if value else []}
    assert [call[0] for call in group_calls(core) if call[0] == "DELETE"] == ["DELETE"]


def test_a_contact_that_never_had_a_value_costs_no_call(core):
    core.feed(plan("u1", None))
    core.deliver("contacts")
    assert group_calls(core) == []
    assert core.record("ContactGroupMember", "u1 | Plan").disposition == "unchanged"


def test_the_same_value_again_costs_no_call(core):
    core.feed(plan("u1", "gold"))
    core.deliver("contacts")
    calls = len(core.xero.writes)
    core.feed(plan("u1", "gold", 2))
    core.deliver("contacts")
    assert len(core.xero.writes) == calls


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("step", ["DELETE", "PUT"])
def test_a_lost_answer_on_the_way_from_one_group_to_the_next_ends_in_the_next(core, step, arrived):
    core.feed(plan("u1", "gold"))
    core.deliver("contacts")
    core.feed(plan("u1", "silver", 2))
    core.xero.lose(step, "/Contacts", arrived=arrived)
    for _ in range(9):
        core.make_due("ContactGroupMember", "u1 | Plan")
        try:
            core.deliver("contacts")
        except UncertainError:
            continue
    assert core.xero.lost == 1
    assert core.xero.membership() == {"Plan: gold": [], "Plan: silver": ["u1"]}
    assert len(core.letters) == 0


def test_who_was_taken_out_of_the_group_in_xero_still_joins_the_next(core):
    core.feed(plan("u1", "gold"))
    core.deliver("contacts")
    core.xero.members["Plan: gold"].clear()
    core.feed(plan("u1", "silver", 2))
    core.deliver("contacts")
    assert core.xero.membership() == {"Plan: gold": [], "Plan: silver": ["u1"]}
    assert len(core.letters) == 0


def test_one_who_cannot_join_harms_nobody_else(core):
    core.feed(plan("u1", "gold"), plan("u2", "gold"))
    core.xero.unwelcome.add("u2")
    core.deliver("contacts")
    assert core.xero.membership() == {"Plan: gold": ["u1"]}
    (letter,) = core.letters
    assert (letter.object, letter.key) == ("ContactGroupMember", "u2 | Plan")
    assert "Unable to assign an Archived contact." in letter.message


def test_the_hundred_and_first_group_waits_for_a_person(core):
    for number in range(100):
        core.xero.add(f"Group {number}")
    core.feed(plan("u1", "gold"))
    core.deliver("contacts")
    group = core.record("ContactGroup", "Plan: gold")
    assert (group.disposition, group.stuck) == ("parked", True)
    assert group.reason.startswith("Xero allows 100 contact groups and has them all")
    assert len(core.xero.members) == 100


def test_a_group_that_is_gone_from_xero_is_named(core):
    core.feed(plan("u1", "gold"))
    core.deliver("contacts")
    core.feed(plan("u2", "gold"))
    core.xero.fail("PUT", NotThereError("Xero does not know this id (404)"))
    core.deliver("contacts")
    (letter,) = core.letters
    assert letter.error == "NotThereError"
