"""After a loss: links are read from Xero, later events update what is there, and nothing is blanked or doubled."""

import time
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segxero.errors import RetryableError
from segxero.store import keys
from segxero.sync.recovery.links import Links
from segxero.sync.recovery.rebuild import Rebuild
from segxero.xero.api.budget import BudgetError
from segxero.xero.listings import contacts
from segxero.xero.listings import listing as shape
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import QUEUES
from tests.support.set_ups.core import ORG, Core, identify, order_completed
from tests.support.xero.sandbox import SandboxXero

D = Decimal
OBJECTS = frozenset({"Contact", "Invoice", "CreditNote", "Payment", "TrackingOption", "ContactGroupMember", "Item"})
QUOTED = 'Shop/"4"'  # Xero holds it without the quotation marks, and shortened as the next
LONG = "a user id that is longer than a contact number may be " * 2


@pytest.fixture
def core(redis_store):
    return Core(store=redis_store, xero=SandboxXero())


def work(core, **changes):
    values = {"store": core.store, "xero": core.xero, "links": Links(core.store), "objects": OBJECTS, **changes}
    return Rebuild(**values)


def rebuild(core, **changes):
    """Rebuild the links; return the outcome, with the calls that it made taken out of the list of calls."""
    run = work(core, **changes)
    list(run.run(ORG, Context.of(core.mappings, ORG)))
    core.xero.calls.clear()
    return run.outcome(ORG)


def lose(core):
    core.store.flushdb()
    core.xero.calls.clear()


def refund(order, message, total):
    properties = {"order_id": order, "refund_id": message, "total": total}
    return {
        "type": "track",
        "event": "Order Refunded",
        "messageId": message,
        "userId": "u1",
        "timestamp": "2026-11-02T10:00:00Z",
        "properties": properties,
    }


def person(core, number="u1"):
    (found,) = [one for one in core.xero.books["Contacts"] if one.get("ContactNumber") == number]
    slots = {one["AddressType"]: one for one in found["Addresses"]}
    phones = {one["PhoneType"]: one["PhoneNumber"] for one in found["Phones"]}
    return found["Name"], found.get("EmailAddress"), slots["POBOX"]["City"], phones["DEFAULT"]


ANN = identify("u1", name="Ann Able", email="ann@example.com", address={"city": "Napier"})


def test_a_later_event_that_says_little_fills_in_and_blanks_nothing(core):
    core.feed(ANN)
    core.deliver()
    lose(core)
    rebuild(core)
    core.feed(identify("u1", "2026-11-03T10:00:00Z", phone="555"))
    core.deliver()
    assert person(core) == ("Ann Able", "ann@example.com", "Napier", "555")
    assert core.xero.writes == ["POST Contacts"]


def test_what_an_event_says_goes_above_what_xero_shows_whatever_its_time_and_later_still_wins(core):
    core.feed(ANN)
    core.deliver()
    lose(core)
    rebuild(core)
    core.feed(
        identify("u1", "2026-11-05T10:00:00Z", email="new@example.com"),
        identify("u1", "2026-11-04T10:00:00Z", email="old@example.com"),
    )
    core.deliver()
    assert person(core)[1] == "new@example.com"


def test_what_an_event_only_suggests_does_not_replace_what_xero_has(core):
    core.feed(ANN)
    core.deliver()
    lose(core)
    rebuild(core)
    core.feed(order_completed("1001", customer={"name": "A. A.", "email": "shop@example.com"}))
    core.deliver()
    assert person(core)[:2] == ("Ann Able", "ann@example.com")
    assert core.xero.writes == ["PUT Invoices"]


def test_one_whose_name_was_only_its_address_gets_the_better_name_that_is_suggested(core):
    core.feed(order_completed("1001", user="guest", customer={"email": "guest@example.com"}))
    core.deliver()
    lose(core)
    rebuild(core)
    core.feed(order_completed("1002", user="guest", customer={"name": "Gus Guest"}))
    core.deliver()
    assert person(core, "guest")[0] == "Gus Guest"


def test_the_same_events_again_cost_no_call(core):
    events = [
        ANN,
        identify("k1", name="Kim Lee", email="kim@example.com"),
        identify("k2", name="Kim Lee", email="lee@example.com"),
        identify(LONG, name="Lea Long"),
        order_completed("1001", affiliation="Web shop"),
        order_completed("1002", user=LONG, tax=3, total=23),
        order_completed(QUOTED),
        refund("1001", "a", 5),
    ]
    for number, event in enumerate(events):
        event["messageId"] = f"m{number}"
    core.feed(*events)
    core.deliver()
    before = core.xero.books
    lose(core)
    outcome = rebuild(core)
    core.feed(*reversed(events))
    core.deliver()
    assert core.xero.calls == []
    assert core.xero.books == before
    assert outcome.figures["Contact"]["linked"] == 4
    assert core.record("Invoice", QUOTED).xero_id != ""


def test_a_refund_that_comes_after_the_rebuild_is_set_off_against_the_linked_invoice(core):
    core.feed(ANN, order_completed("1001", shipping=5, discount=2, tax=3.45, total=26.45), refund("1001", "a", 5))
    core.deliver()
    lose(core)
    rebuild(core)
    core.feed(refund("1001", "b", 20))
    core.deliver()
    (invoice,) = core.xero.books["Invoices"]
    assert (len(core.xero.books["CreditNotes"]), invoice["AmountDue"]) == (2, D("1.45"))


def test_the_refunds_that_xero_has_count_when_another_comes(core):
    core.feed(ANN, order_completed("1001"), refund("1001", "a", 15))
    core.deliver()
    lose(core)
    rebuild(core)
    core.feed(refund("1001", "b", 6))
    core.deliver()
    assert len(core.xero.books["CreditNotes"]) == 1
    assert "15.00 + 6.00 = 21.00, and its invoice is 20.00" in core.record("CreditNote", "1001-R-b").reason


def test_an_order_that_was_corrected_while_redis_was_away_updates_its_invoice(core):
    core.feed(ANN, order_completed("1001"))
    core.deliver()
    lose(core)
    rebuild(core)
    products = [{"name": "Mug", "price": 10, "quantity": 3}]
    core.feed(order_completed("1001", time="2026-11-09T10:00:00Z", total=30, products=products))
    core.deliver()
    (invoice,) = core.xero.books["Invoices"]
    assert (invoice["Total"], len(invoice["LineItems"])) == (D("30.00"), 1)
    assert core.xero.writes == ["POST Invoices"]


def test_an_invoice_that_somebody_voided_is_left_alone(core):
    core.feed(ANN, order_completed("1001"))
    core.deliver()
    (invoice,) = core.xero.books["Invoices"]
    core.xero.sandbox.post("Invoices", {"Invoices": [{"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"}]})
    lose(core)
    rebuild(core)
    core.feed(ANN, order_completed("1001"))
    assert core.deliver() == {"unchanged": 1}
    assert (core.xero.calls, list(core.letters)) == ([], [])


def test_a_link_to_another_id_is_mended_and_named(core):
    core.feed(ANN)
    core.deliver()
    right = core.record("Contact", "u1").xero_id
    core.store.hset(keys.record(ORG, "Contact|u1"), "xero_id", "11111111-1111-4111-8111-111111111111")
    outcome = rebuild(core)
    assert core.record("Contact", "u1").xero_id == right
    assert outcome.notes == [
        f"Contact u1 was linked to 11111111-1111-4111-8111-111111111111, and Xero has it as {right}"
    ]
    assert outcome.figures["Contact"]["contradictions"] == 1


def test_a_link_to_what_xero_does_not_have_is_taken_away_and_the_next_event_makes_it(core):
    core.feed(ANN, identify("u2", name="Bob Bell"))
    core.deliver()
    lost = core.record("Contact", "u2").xero_id
    core.xero = SandboxXero()  # the organisation was reset
    core.store.delete(keys.contact_index(ORG))
    outcome = rebuild(core)
    assert [note.split(" was ")[0] for note in outcome.notes] == ["Contact u1", "Contact u2"]
    assert lost in outcome.notes[1]
    core.feed(identify("u2", "2026-11-03T10:00:00Z", phone="555"))
    core.deliver()
    assert [contact["Name"] for contact in core.xero.books["Contacts"]] == ["Bob Bell"]


def test_a_redis_that_lost_nothing_keeps_all_it_has(core):
    core.feed(ANN, order_completed("1001"), refund("1001", "a", 5))
    core.deliver()
    refs = ("Contact|u1", "Invoice|1001", "CreditNote|1001-R-a", "Allocation|1001-R-a")
    before = {ref: core.store.hgetall(keys.record(ORG, ref)) for ref in refs}
    outcome = rebuild(core)
    for ref in refs:
        after = core.store.hgetall(keys.record(ORG, ref))
        assert {name: after[name] for name in before[ref]} == before[ref]
    assert {name: figures["already linked"] for name, figures in outcome.figures.items() if figures["found"]} == {
        "Allocation": 1,
        "Contact": 1,
        "CreditNote": 1,
        "Invoice": 1,
    }
    assert outcome.notes == []


def test_a_dry_run_writes_nothing_of_a_record(core):
    core.feed(ANN)
    core.deliver()
    lose(core)
    outcome = rebuild(core, dry=True)
    assert outcome.figures["Contact"]["linked"] == 1
    assert core.store.keys() == []


def test_an_interrupted_run_goes_on_with_the_page_after_it(core):
    two = shape.Listing(
        objects=("Contact",),
        collection="Contacts",
        size=2,
        page=shape.make_pages("/Contacts", 2, includeArchived="true"),
        read=contacts.read,
        ids=contacts.ids,
    )
    core.feed(*(identify(f"u{number}", name=f"Person {number}") for number in range(5)))
    core.deliver()
    lose(core)
    run = work(core, listings=(two,))
    steps = run.run(ORG, Context.of(core.mappings, ORG))
    assert [next(steps), next(steps)] == [("Contacts", 2), ("Contacts", 2)]
    steps.close()
    again = work(core, listings=(two,))
    assert list(again.run(ORG, Context.of(core.mappings, ORG))) == [("Contacts", 1)]
    assert [call.params["page"] for call in core.xero.calls] == ["1", "2", "3"]
    figures = again.outcome(ORG).figures["Contact"]
    assert (figures["found"], figures["linked"], figures["calls"]) == (5, 5, 3)
    assert core.store.exists(keys.rebuilding(ORG)) == 0


class Busy:
    """A Xero whose budget is used up for *waits*, one after the other."""

    def __init__(self, xero, *waits):
        self.xero, self.waits = xero, list(waits)

    def call(self, organisation, request):
        if self.waits:
            raise BudgetError("no call is left", retry_after=self.waits.pop(0), reason="minute")
        return self.xero.call(organisation, request)


def test_it_waits_for_the_minutes_calls_and_leaves_the_days_to_another_run(core):
    slept = []
    run = work(core, xero=Busy(core.xero, 12.0, 3.0), sleep=slept.append)
    list(run.run(ORG, Context.of(core.mappings, ORG)))
    assert slept == [12.0, 3.0]
    run.outcome(ORG)
    with pytest.raises(RetryableError):
        list(work(core, xero=Busy(core.xero, 9000.0)).run(ORG, Context.of(core.mappings, ORG)))


def test_what_xero_has_newer_than_an_old_backup_stays_and_an_event_still_replaces_it(core):
    core.feed(identify("u1", "2026-11-01T10:00:00Z", name="Ann Able", email="a@example.com"), order_completed("1001"))
    core.deliver()
    backup = core.store.hgetall(keys.record(ORG, "Contact|u1"))
    core.feed(identify("u1", "2026-11-02T10:00:00Z", email="b@example.com"))
    core.xero.sandbox.clock.now = time.time() + 60
    core.xero.sandbox.sign_in()
    core.deliver()
    core.store.delete(keys.record(ORG, "Contact|u1"))
    core.store.hset(keys.record(ORG, "Contact|u1"), mapping=backup)
    outcome = rebuild(core)
    assert outcome.figures["Contact"]["newer in Xero"] == 1
    core.feed(identify("u1", "2026-11-09T10:00:00Z", phone="555"))
    core.deliver()
    assert person(core)[1::2] == ("b@example.com", "555")
    core.feed(identify("u1", "2026-11-02T10:00:00Z", email="b@example.com"))
    core.deliver()
    assert core.xero.writes == ["POST Contacts"]


def test_without_a_rebuild_an_old_backup_speaks_again_only_until_the_replay(core):
    core.feed(identify("u1", "2026-11-01T10:00:00Z", name="Ann Able", email="a@example.com"))
    core.deliver()
    backup = core.store.hgetall(keys.record(ORG, "Contact|u1"))
    newer = identify("u1", "2026-11-02T10:00:00Z", email="b@example.com")
    core.feed(newer)
    core.deliver()
    core.store.delete(keys.record(ORG, "Contact|u1"))
    core.store.hset(keys.record(ORG, "Contact|u1"), mapping=backup)
    core.feed(identify("u1", "2026-11-09T10:00:00Z", phone="555"))
    core.deliver()
    assert person(core)[1::2] == ("a@example.com", "555")
    core.feed(newer)
    core.deliver()
    assert person(core)[1::2] == ("b@example.com", "555")


FIELDS = {"name": ["Ann Able", "Ann Bell"], "email": ["a@example.com", "b@example.com"], "phone": ["1", "2"]}
SAID = st.dictionaries(st.sampled_from(sorted(FIELDS)), st.integers(0, 1), min_size=1)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(SAID, min_size=1, max_size=5), chance=st.randoms(use_true_random=False), cut=st.integers(0, 5))
def test_same_end_whenever_redis_was_lost_and_in_whatever_order_the_events_come_again(core, said, chance, cut):
    events = [
        identify("u1", f"2026-11-0{day}T10:00:00Z", **{name: FIELDS[name][one] for name, one in values.items()})
        for day, values in enumerate(said, start=1)
    ]
    ends = []
    for is_lost in (False, True):
        core.store.flushdb()
        core.xero = SandboxXero()
        core.feed(*events[:cut])
        core.deliver()
        if is_lost:
            lose(core)
            rebuild(core)
            chance.shuffle(events)
        core.feed(*(events if is_lost else events[cut:]))
        core.deliver()
        ends.append(person(core))
    assert ends[0] == ends[1]


def test_deliveries_are_held_and_released(core):
    core.feed(ANN)
    core.gate.hold_all(ORG)
    assert (core.is_due("contacts"), core.deliver()) == (False, {})
    core.store.hset(keys.MAPPINGS_SEEN, f"{ORG} contacts", "v1")
    core.outbox.forget_mappings_seen(ORG, QUEUES)
    core.gate.release(ORG)
    assert core.deliver() == {"delivered": 1}
    assert core.store.exists(keys.MAPPINGS_SEEN) == 0


def test_without_a_rebuild_a_contact_of_ours_is_taken_over_by_its_number_and_not_blanked(core):
    core.feed(ANN, identify(LONG, name="Lea Long"))
    core.deliver()
    lose(core)
    core.feed(identify("u1", "2026-11-03T10:00:00Z", phone="555"), identify(LONG, phone="666"))
    core.deliver()
    assert person(core) == ("Ann Able", "ann@example.com", "Napier", "555")
    assert sorted(contact["Name"] for contact in core.xero.books["Contacts"]) == ["Ann Able", "Lea Long"]
