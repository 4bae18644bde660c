"""Planning: send, look up, wait or nothing, decided without a call."""

import pytest

from segxero.dead_letters import DeadLetter
from segxero.errors import MappingError, PermanentError, XeroValidationError
from segxero.jsontext import loads
from segxero.sync.delivery.planning import Planner, resolve_references
from segxero.sync.records.letters import write_letter
from segxero.sync.records.ready import Wait
from segxero.sync.records.record import Record
from segxero.xero.objects.context import Context
from tests.support.segment.orders import TABLES, TAX
from tests.support.set_ups.core import ORG, identify, order_completed


def record(key="u1", object_name="Contact", **values):
    return Record(
        **{
            "organisation": ORG,
            "object": object_name,
            "key": key,
            "version": "1",
            "disposition": "pending",
            "fields": {},
            **values,
        }
    )


def needing(*entries):
    """An invoice that refers to (field, key, optional)."""
    references = {}
    for field, key, optional in entries:
        name = "Contact" if field == "Contact" else "TrackingOption"
        references.setdefault(field, []).append({"object": name, "key": key, "optional": optional})
    return record("1001", "Invoice", references=references)


IN_XERO = record(xero_id="c1")
LABEL = record("web", "TrackingOption", xero_id="o1", remembered={"name": "Web"})
CONTACT_FIRST = Wait(object="Contact", key="u1")
LABEL_FIRST = Wait(object="TrackingOption", key="web")


@pytest.mark.parametrize(
    ("others", "optional", "linked", "waits", "without"),
    [
        ({"Contact|u1": IN_XERO, "TrackingOption|web": LABEL}, True, ["c1", "o1"], (), ()),
        ({"TrackingOption|web": LABEL}, True, ["o1"], (CONTACT_FIRST,), ()),
        ({"Contact|u1": record(), "TrackingOption|web": LABEL}, True, ["o1"], (CONTACT_FIRST,), ()),
        ({"Contact|u1": record(stuck=True), "TrackingOption|web": LABEL}, True, ["o1"], (CONTACT_FIRST,), ()),
        # An optional label on its way is waited for; without one, or with one that needs a person, the invoice goes.
        (
            {"Contact|u1": IN_XERO, "TrackingOption|web": record("web", "TrackingOption")},
            True,
            ["c1"],
            (LABEL_FIRST,),
            (),
        ),
        (
            {"Contact|u1": IN_XERO, "TrackingOption|web": record("web", "TrackingOption", stuck=True)},
            True,
            ["c1"],
            (),
            (LABEL_FIRST,),
        ),
        ({"Contact|u1": IN_XERO}, True, ["c1"], (), (LABEL_FIRST,)),
        ({"Contact|u1": IN_XERO}, False, ["c1"], (LABEL_FIRST,), ()),
    ],
)
def test_what_a_record_refers_to_is_there_waited_for_or_gone_without(others, optional, linked, waits, without):
    invoice = needing(("Contact", "u1", False), ("Tracking", "web", optional))
    links, waited, missing = resolve_references(invoice, others)
    assert [link.xero_id for links_of_field in links.values() for link in links_of_field] == linked
    assert (waited, missing) == (waits, without)


def plan(core, *records, tables=TABLES):
    return Planner(core.store).plan(ORG, records, Context(tables=tables, due_days=14, tax=TAX))


def test_a_new_record_is_ready(core):
    core.feed(identify("u1", name="Ann"))
    made = plan(core, core.record("Contact", "u1"))
    assert [ready.prepared.payload for ready in made.ready] == [{"Name": "Ann"}]
    assert (made.look, made.settled) == ([], [])


@pytest.mark.parametrize("flag", ["uncertain", "taken"])
def test_a_record_whose_outcome_is_unknown_is_looked_up_unless_its_id_is_known(core, flag):
    made = plan(core, record(**{flag: True}), record("u2", xero_id="c2", **{flag: True}))
    assert [ready.record.key for ready in made.look] == ["u1"]
    assert [ready.record.key for ready in made.ready] == ["u2"]


def test_a_label_is_always_looked_for_first(core):
    category = record("Region", "TrackingCategory", fields={"Name": "Region"})
    assert [ready.record.key for ready in plan(core, category).look] == ["Region"]


def test_a_record_that_waits_is_parked_with_whom_it_waits_for(core):
    core.feed(order_completed("1001"))
    (result,) = plan(core, core.record("Invoice", "1001")).settled
    assert (result.disposition, result.reason) == ("parked", "waits for Contact u1")
    assert result.waits == (CONTACT_FIRST,)
    assert not result.stuck


def test_a_record_that_cannot_be_prepared_harms_only_itself(core):
    bad = record("bad", fields={"FirstName": "x" * 256})
    made = plan(core, bad, record("good", fields={"Name": "Ann"}))
    assert [ready.record.key for ready in made.ready] == ["good"]
    (result,) = made.settled
    assert (result.record.key, result.disposition, result.stuck) == ("bad", "dead", True)
    kept = loads(result.letter)
    assert kept["error"] == "PermanentError"
    assert kept["message"].startswith("Xero would refuse this contact: FirstName: Longer than maximum length")
    assert kept["next_step"] == "correct the data or the mapping, then replay"


def test_a_bug_in_one_record_is_a_dead_letter_with_its_traceback(core):
    broken = record("bad", fields={"Name": "Ann", "Phones": {1: 2}})
    made = plan(core, broken, record("good", fields={"Name": "Ann"}))
    assert [ready.record.key for ready in made.ready] == ["good"]
    assert [result.disposition for result in made.settled] == ["dead"]


def test_an_unchanged_payload_has_the_same_digest_whatever_the_order_of_its_fields(core):
    one = plan(core, record(fields={"Name": "Ann", "FirstName": "A"})).ready[0]
    two = plan(core, record(fields={"FirstName": "A", "Name": "Ann"})).ready[0]
    other = plan(core, record(fields={"FirstName": "B", "Name": "Ann"})).ready[0]
    assert one.digest == two.digest != other.digest


@pytest.mark.parametrize(
    ("error", "ours", "sentences"),
    [
        (PermanentError("no"), False, []),
        (MappingError("no"), False, []),
        (XeroValidationError("no", ["a", "b"]), False, ["a", "b"]),
        (ZeroDivisionError("no"), True, []),
    ],
)
def test_a_dead_letter_holds_the_cause_and_its_events(error, ours, sentences):
    kept = loads(write_letter(record(attempts=2), error, ['{"userId":"u1"}'], "do this"))
    assert (kept["error"], kept["message"], kept["next_step"]) == (type(error).__name__, "no", "do this")
    assert (kept["organisation"], kept["object"], kept["key"], kept["queue"]) == (ORG, "Contact", "u1", "contacts")
    assert (kept["attempts"], kept["sentences"], kept["events"]) == (3, sentences, ['{"userId":"u1"}'])
    assert bool(kept["traceback"]) is ours


def test_a_letter_says_which_mapping_made_the_record_and_when_each_attempt_was(core):
    core.feed(identify("u1", name="Ann"))
    core.xero.refuse["u1"] = ("An error occurred in Xero. Check the API Status page",)
    core.turn("contacts")
    core.make_due("Contact", "u1")
    core.turn("contacts")
    record = core.record("Contact", "u1")
    made = DeadLetter.from_json(write_letter(record, XeroValidationError("no"), ["{}"], "next"))
    assert (made.mapping, made.version) == ("identify", core.mappings.version)
    assert len(made.attempted_at) == 2
    assert made.attempted_at[0] == made.first_failed_at
    assert made.attempts == 3


NOTE = {"object_name": "HistoryNote", "fields": {"Details": "shipped"}}
OF = {"Record": [{"object": "Contact", "key": "u1", "optional": False}]}


@pytest.mark.parametrize(
    ("values", "looked_up"),
    [
        ({"uncertain": True}, True),
        # Each note is added to the others: an id tells nothing about the one whose answer is lost.
        ({"uncertain": True, "xero_id": "n1"}, True),
        ({"xero_id": "n1"}, False),
    ],
)
def test_a_lost_note_is_looked_up_although_an_earlier_one_has_an_id(core, values, looked_up):
    core.feed(identify("u1", name="Ann"))
    core.store.hset("segxero:record:main:Contact|u1", "xero_id", "c1")
    note = record("n1", NOTE["object_name"], fields=NOTE["fields"], references=OF, **values)
    plan = core.planner.plan(ORG, [note], Context(tables=TABLES))
    assert ([one.record.key for one in plan.look], [one.record.key for one in plan.ready]) == (
        (["n1"], []) if looked_up else ([], ["n1"])
    )


def test_a_lost_contact_with_an_id_is_sent_again_without_a_look(core):
    contact = record("u1", fields={"Name": "Ann"}, uncertain=True, xero_id="c1")
    plan = core.planner.plan(ORG, [contact], Context(tables=TABLES))
    assert ([one.record.key for one in plan.look], [one.record.key for one in plan.ready]) == ([], ["u1"])
