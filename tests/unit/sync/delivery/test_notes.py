"""Notes: last, from spare calls, each once, whatever happens to its call."""

import pytest

from segxero.errors import UncertainError
from segxero.mapping.files.loader import load
from segxero.xero.api.pace import LOOK_AGAIN_SECONDS
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.core import ORG, Core, identify
from tests.support.set_ups.examples import switched_on

KEY = "contact u1 m1"
EVENT = identify("u1", name="Ann") | {"messageId": "m1"}


@pytest.fixture
def core(redis_store, tmp_path):
    return Core(redis_store, mappings=load(switched_on(tmp_path / "mappings", "history"), FIELDS))


def stored(request):
    return {"HistoryRecords": [{"Details": note["Details"]} for note in request.body["HistoryRecords"]]}


def test_a_note_goes_after_all_else_and_once(core):
    core.feed(EVENT)
    assert core.turn("history").again_seconds == LOOK_AGAIN_SECONDS
    core.turn("contacts")
    core.xero.then(stored)
    assert core.turn("history").counts == {"delivered": 1}
    contact = core.record("Contact", "u1").xero_id
    assert core.xero.writes[-1].path == f"/Contacts/{contact}/History"
    core.feed(EVENT)
    assert not core.is_due("history")


def test_a_note_waits_while_the_days_calls_are_scarce(core):
    core.feed(EVENT)
    core.turn("contacts")
    core.budget.calls_left(ORG)
    seconds, _ = core.store.time()
    core.store.hset(f"segxero:budget:{ORG}:state", mapping={"day_left": 800, "day_began": seconds * 1000})
    assert core.turn("history").again_seconds == LOOK_AGAIN_SECONDS
    assert len(core.xero.writes) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_never_twice_a_note_whose_answer_is_lost_is_looked_for(core, arrived):
    core.feed(EVENT)
    core.turn("contacts")
    core.xero.then(UncertainError("lost"))
    with pytest.raises(UncertainError):
        core.turn("history")
    core.make_due("HistoryNote", KEY)
    details = core.record("HistoryNote", KEY).fields["Details"]
    core.xero.then({"HistoryRecords": [{"Details": details}] if arrived else []}, stored)
    core.turn("history")
    if not arrived:
        core.make_due("HistoryNote", KEY)
        core.turn("history")
    assert core.stored("HistoryNote", KEY)["disposition"] == "delivered"
    assert len([call for call in core.xero.writes if call.path.endswith("/History")]) == (1 if arrived else 2)
