"""Folding, in the real Lua: promise 2, and everything in one step."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from segxero.dead_letters import DeadLetter
from segxero.mapping.model import Draft
from segxero.store import keys
from segxero.sync.folding.inbox import Arrival
from segxero.sync.records.operations import make_draft_operations
from segxero.telemetry.figures import Counts
from tests.support.set_ups.core import ORG, identify, order_completed

T = datetime(2026, 11, 1, 10, tzinfo=UTC)
CONTACT = keys.record(ORG, "Contact|u1")
numbers = itertools.count(1)


def arrival(message_id):
    return Arrival(
        id=f"arrival-{next(numbers)}",
        organisation=ORG,
        endpoint="webhook",
        message_id=message_id,
        received_at=T,
        event=f'{{"messageId":"{message_id}"}}',
    )


def draft(key="u1", object_name="Contact", **values):
    """Return a draft; values by keyword, those that begin with `maybe_` are fallbacks."""
    fallbacks = {name.removeprefix("maybe_"): value for name, value in values.items() if name.startswith("maybe_")}
    fields = {name: value for name, value in values.items() if not name.startswith("maybe_")}
    return Draft(mapping="m", object=object_name, key=key, fields=fields, fallbacks=fallbacks)


def fold(core, message_id, second, *drafts):
    """Accept an event and fold it: one delivery of it."""
    arrived = arrival(message_id)
    core.inbox.accept([arrived])
    return core.fold.fold(arrived, make_draft_operations(drafts, T + timedelta(seconds=second), message_id))


def fields(core, ref="Contact|u1"):
    """Return path -> (stamp, JSON) of a record."""
    stored = core.store.hgetall(keys.record(ORG, ref))
    return {name[2:]: tuple(text.split("\n", 1)) for name, text in stored.items() if name.startswith("f:")}


def values(core, ref="Contact|u1"):
    return {path: text for path, (_, text) in fields(core, ref).items()}


def reference_fold(events):
    """Fold *events* (message id, second, drafts) as plainly as can be: of all that set a path, the greatest wins."""
    records = {}
    for message_id, second, drafts in events:
        for operation in make_draft_operations(drafts, T + timedelta(seconds=second), message_id):
            record = records.setdefault(keys.reference(operation.object, operation.key), {})
            for path, stamp, value in operation.fields:
                record[path] = max(record.get(path, ("", "")), (stamp, value))
    return records


leaves = st.sampled_from(["Ann", "Bob", "", None, 1, "Ünïcode\n|"])
phones = st.lists(
    st.fixed_dictionaries({"PhoneType": st.sampled_from(["DEFAULT", "MOBILE"]), "PhoneNumber": leaves}), max_size=2
)
some_fields = st.dictionaries(st.sampled_from(["Name", "FirstName", "EmailAddress"]), leaves, max_size=3)
drafts = st.builds(
    lambda key, settled, maybe, slots: Draft(
        mapping="m",
        object="Contact",
        key=key,
        fields={**settled, **({"Phones": slots} if slots else {})},
        fallbacks=maybe,
    ),
    st.sampled_from(["u1", "u2"]),
    some_fields,
    some_fields,
    phones,
)
histories = st.lists(st.tuples(st.integers(0, 3), st.lists(drafts, min_size=1, max_size=2)), min_size=1, max_size=6)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=histories, data=st.data())
def test_same_end_whatever_the_road(core, history, data):
    """Promise 2: order, repetition and batching of events do not change the record."""
    core.store.flushall()
    # One mapping sets a path of a record once; two drafts of one event for one record and path do not occur.
    events = [
        (f"m{number}", second, list({made.key: made for made in made_drafts}.values()))
        for number, (second, made_drafts) in enumerate(history)
    ]
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=4))
    road = data.draw(st.permutations([*events, *repeated]))
    for message_id, second, made_drafts in road:
        # An event may also come in parts, when a mapping was added and the event is replayed.
        if len(made_drafts) > 1 and data.draw(st.booleans()):
            fold(core, message_id, second, made_drafts[0])
        fold(core, message_id, second, *made_drafts)
    expected = reference_fold(events)
    for ref in ("Contact|u1", "Contact|u2"):
        assert fields(core, ref) == expected.get(ref, {})


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(seconds=[0, 0, 0], order=[2, 1, 0])
@given(seconds=st.lists(st.integers(0, 2), min_size=3, max_size=3), order=st.permutations([0, 1, 2]))
def test_same_end_whatever_the_road_fallbacks_never_win_over_fields(core, seconds, order):
    core.store.flushall()
    steps = [
        ("m0", seconds[0], draft(Name="from a field")),
        ("m1", seconds[1], draft(maybe_Name="from a fallback")),
        ("m2", seconds[2], draft(maybe_Name="from another fallback", LastName="Lee")),
    ]
    for index in order:
        fold(core, *steps[index])
    assert values(core) == {"Name": '"from a field"', "LastName": '"Lee"'}


def test_later_wins_field_by_field(core):
    fold(core, "m2", 20, draft(Name="later", LastName="Lee"))
    fold(core, "m1", 10, draft(Name="earlier", FirstName="Ann"))
    assert values(core) == {"Name": '"later"', "FirstName": '"Ann"', "LastName": '"Lee"'}


def test_partial_traits_leave_the_other_fields_alone(core):
    fold(core, "m1", 10, draft(Name="Ann", EmailAddress="ann@example.com"))
    fold(core, "m2", 20, draft(Name="Ann Lee"))
    assert values(core) == {"Name": '"Ann Lee"', "EmailAddress": '"ann@example.com"'}


def test_null_is_a_value_that_wins_when_it_is_later(core):
    fold(core, "m2", 20, draft(EmailAddress=None))
    fold(core, "m1", 10, draft(EmailAddress="ann@example.com"))
    assert values(core) == {"EmailAddress": "null"}
    fold(core, "m3", 30, draft(EmailAddress="new@example.com"))
    assert values(core) == {"EmailAddress": '"new@example.com"'}


def test_each_slot_of_a_list_is_a_field_of_its_own(core):
    fold(core, "m2", 20, draft(Phones=[{"PhoneType": "MOBILE", "PhoneNumber": "2"}]))
    fold(core, "m1", 10, draft(Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": "1", "PhoneAreaCode": "09"}]))
    fold(core, "m3", 30, draft(Addresses=[{"AddressType": "POBOX", "City": "Auckland"}]))
    fold(core, "m4", 40, draft(Addresses=[{"AddressType": "POBOX", "Country": "New Zealand"}]))
    assert core.record("Contact", "u1").fields == {
        "Phones": [
            {"PhoneType": "DEFAULT", "PhoneAreaCode": "09", "PhoneNumber": "1"},
            {"PhoneType": "MOBILE", "PhoneNumber": "2"},
        ],
        "Addresses": [{"AddressType": "POBOX", "City": "Auckland", "Country": "New Zealand"}],
    }


def test_numbers_go_through_lua_untouched(core):

    made = Draft(
        mapping="m",
        object="Invoice",
        key="1",
        fields={"Total": Decimal("12345678901234567890.10"), "Tax": 9007199254740993},
        fallbacks={},
    )
    fold(core, "m1", 0, made)
    assert values(core, "Invoice|1") == {"Total": "12345678901234567890.10", "Tax": "9007199254740993"}


def test_a_change_makes_the_record_pending_and_due_with_its_event_kept(core):
    assert fold(core, "m1", 10, draft(Name="Ann")) == 1
    stored = core.store.hgetall(CONTACT)
    assert (stored["version"], stored["disposition"], stored["reason"]) == ("1", "pending", "")
    assert core.store.hgetall(keys.events(ORG, "Contact|u1")) == {"m1": '{"messageId":"m1"}'}
    assert core.outbox.due(ORG, "contacts", 10) == ["Contact|u1"]


def test_an_event_that_says_nothing_new_changes_nothing(core):
    fold(core, "m1", 10, draft(Name="Ann"))
    core.store.delete(keys.outbox(ORG, "contacts"))
    assert fold(core, "m2", 20, draft(Name="Ann")) == 0
    assert fold(core, "m3", 5, draft(Name="Eve")) == 0
    assert core.store.hget(CONTACT, "version") == "1"
    assert not core.is_due("contacts")
    assert core.store.hkeys(keys.events(ORG, "Contact|u1")) == ["m1"]
    assert Counts(core.store).all() == {"events|accepted": 3, "events|folded": 1, "events|unchanged": 2}


def test_the_newer_stamp_is_kept_also_when_the_value_is_the_same(core):
    fold(core, "m1", 10, draft(Name="Ann"))
    fold(core, "m2", 30, draft(Name="Ann"))
    fold(core, "m3", 20, draft(Name="Eve"))
    assert values(core) == {"Name": '"Ann"'}


def test_a_parked_record_that_changes_is_due_again(core):
    fold(core, "m1", 10, draft(Name="Ann"))
    core.store.delete(keys.outbox(ORG, "contacts"))
    core.store.zadd(keys.parked(ORG, "contacts"), {"Contact|u1": 1})
    fold(core, "m2", 20, draft(Name="Ann Lee"))
    assert core.outbox.parked(ORG, "contacts") == 0
    assert core.outbox.due(ORG, "contacts", 10) == ["Contact|u1"]


def test_a_record_that_is_due_later_is_not_due_earlier_for_a_change(core):
    fold(core, "m1", 10, draft(Name="Ann"))
    core.store.zadd(keys.outbox(ORG, "contacts"), {"Contact|u1": 4_000_000_000})
    fold(core, "m2", 20, draft(Name="Ann Lee"))
    assert core.store.zscore(keys.outbox(ORG, "contacts"), "Contact|u1") == 4_000_000_000


def test_the_event_leaves_the_inbox_in_the_same_step(core):
    arrived = arrival("m1")
    core.inbox.accept([arrived])
    assert core.inbox.waiting(ORG) == 1
    core.fold.fold(arrived, make_draft_operations([draft(Name="Ann")], T, "m1"))
    assert core.inbox.find(arrived.id) is None
    assert core.inbox.waiting(ORG) == 0
    assert core.store.zcard(keys.INBOX_WOKEN) == 0


def test_a_second_fold_of_one_arrival_does_nothing(core):
    arrived = arrival("m1")
    core.inbox.accept([arrived])
    assert core.fold.fold(arrived, make_draft_operations([draft(Name="Ann")], T, "m1")) == 1
    before = core.store.hgetall(CONTACT)
    assert core.fold.fold(arrived, make_draft_operations([draft(Name="Eve")], T + timedelta(days=1), "m1")) is None
    assert core.store.hgetall(CONTACT) == before
    assert core.inbox.waiting(ORG) == 0
    assert Counts(core.store).all() == {"events|accepted": 1, "events|folded": 1}


def test_a_replay_of_the_same_event_is_harmless(core):
    event = {**identify("u1", name="Ann Lee", email="ann@example.com"), "messageId": "m1"}
    assert core.feed(event) == [1]
    core.deliver()
    before = core.store.hgetall(CONTACT)
    assert core.feed(event, event) == [0, 0]
    assert core.store.hgetall(CONTACT) == before
    assert not core.is_due("contacts")


def test_an_event_for_no_record_leaves_the_inbox_too(core):
    assert fold(core, "m1", 0) == 0
    assert core.inbox.waiting(ORG) == 0
    assert Counts(core.store).all() == {"events|accepted": 1, "events|unchanged": 1}


def test_one_wake_up_is_pushed_for_many_events_and_records(core):
    for number in range(20):
        fold(core, f"m{number}", number, draft(f"u{number}", Name="Ann"), draft(f"v{number}", Name="Bob"))
    assert core.store.lrange("contacts", 0, -1) == ['{"queue": "contacts", "organisation": "main"}']
    core.wakes.answered(ORG, "contacts")
    fold(core, "m20", 0, draft("w1", Name="Eve"))
    assert core.store.llen("contacts") == 2


def test_nothing_changed_wakes_nobody(core):
    fold(core, "m1", 10, draft(Name="Ann"))
    core.store.delete("contacts", keys.awake(ORG, "contacts"))
    fold(core, "m2", 20, draft(Name="Ann"))
    assert core.store.llen("contacts") == 0


def test_an_order_wakes_the_queues_of_its_records_only(core):
    core.feed(order_completed("1001"))
    assert {name: core.store.llen(name) for name in ("contacts", "invoices", "tracking")} == {
        "contacts": 1,
        "invoices": 1,
        "tracking": 0,
    }


def test_an_order_makes_all_its_records_in_one_step(core):
    core.feed(order_completed("1001", affiliation="Web"))
    refs = ["Contact|u1", "Invoice|1001", "TrackingOption|Sales channel: Web", "TrackingCategory|Sales channel"]
    assert [core.store.exists(keys.record(ORG, ref)) for ref in refs] == [1, 1, 1, 1]


def letter():
    return DeadLetter(error="MappingError", message="no", next_step="fix", queue="events", id="l1")


def test_burying_takes_the_event_out_of_the_inbox_in_the_same_step(core):
    arrived = arrival("m1")
    core.inbox.accept([arrived])
    assert core.fold.bury(arrived, letter())
    assert core.inbox.find(arrived.id) is None
    assert core.inbox.waiting(ORG) == 0
    assert [kept.id for kept in core.letters] == ["l1"]
    assert not core.fold.bury(arrived, letter())
    assert core.inbox.waiting(ORG) == 0
    assert len(core.letters) == 1


def test_an_event_that_comes_again_after_it_was_buried_makes_no_second_letter(core):
    arrived = arrival("m1")
    core.inbox.accept([arrived])
    assert core.fold.bury(arrived, letter())
    core.inbox.accept([arrived])
    assert core.fold.bury(arrived, letter())
    assert (core.inbox.find(arrived.id), core.inbox.waiting(ORG), len(core.letters)) == (None, 0, 1)


def test_an_event_that_was_folded_is_not_buried(core):
    arrived = arrival("m1")
    core.inbox.accept([arrived])
    core.fold.fold(arrived, [])
    assert not core.fold.bury(arrived, letter())
    assert len(core.letters) == 0


def test_the_same_event_folded_again_with_another_value_replaces_the_value(core):
    """A replay after a change of the mappings: the stamps are equal, and the newer mapping counts."""
    assert fold(core, "m1", 0, draft(Name="Ann")) == 1
    assert fold(core, "m1", 0, draft(Name="Ann Lee")) == 1
    assert core.record("Contact", "u1").fields == {"Name": "Ann Lee"}
    assert core.record("Contact", "u1").version == "2"
