"""What waits in vain for another record becomes a dead letter that says so; what waits for a person does not."""

from segxero.oversight.replay import Replay
from segxero.store import keys
from segxero.sync.delivery.expiry import PAGE, Expiry
from segxero.sync.delivery.planning import Planner
from segxero.sync.delivery.verdicts import PATIENCE_SECONDS
from tests.support.set_ups.core import ORG, identify, order_completed
from tests.support.set_ups.fixed_mappings import FixedMappings


def expire(core, queue="invoices"):
    return Expiry(core.store, core.outbox, Planner(core.store)).bury_missed(ORG, queue)


def wait_long(core, seconds=PATIENCE_SECONDS + 1, queue="invoices"):
    """Let all that waits for something missing have begun to wait *seconds* ago."""
    key = keys.missing(ORG, queue)
    for ref in core.store.zrange(key, 0, -1):
        core.store.zadd(key, {ref: core.outbox.now() - seconds})


def orphan(core, number=1):
    """Park orders of a customer who is not there: the record of the contact is lost."""
    core.feed(*(order_completed(str(1001 + count), "u1") for count in range(number)))
    core.store.delete(keys.record(ORG, "Contact|u1"))
    core.outbox.remove(ORG, "contacts", "Contact|u1")
    core.deliver("invoices")
    assert core.outbox.parked(ORG, "invoices") == number


def test_a_record_that_waited_too_long_is_a_dead_letter_that_names_what_it_waited_for(core):
    orphan(core)
    wait_long(core)
    assert expire(core) == 1
    (letter,) = core.letters
    assert (letter.error, letter.object, letter.key) == ("MissingError", "Invoice", "1001")
    assert letter.message == "Invoice 1001 waited 6 hours for Contact u1"
    assert letter.next_step == "let Segment send what makes Contact u1, then replay"
    assert ['"1001"' in event for event in letter.events] == [True]
    stored = core.stored("Invoice", "1001")
    assert (stored["disposition"], stored["reason"]) == ("dead", f"MissingError: {letter.message}")


def test_it_left_every_place_in_the_same_step(core):
    orphan(core)
    wait_long(core)
    expire(core)
    assert core.outbox.parked(ORG, "invoices") == core.outbox.waiting(ORG, "invoices") == 0
    assert not core.store.exists(keys.missing(ORG, "invoices"), keys.waiters(ORG, "Contact|u1"))
    assert not core.store.exists(keys.lock(ORG, "invoices"))
    assert expire(core) == 0
    assert len(core.letters) == 1


def test_before_the_time_is_over_it_stays_parked(core):
    orphan(core)
    wait_long(core, PATIENCE_SECONDS - 60)
    assert expire(core) == 0
    assert core.outbox.parked(ORG, "invoices") == 1
    assert len(core.letters) == 0


def test_being_looked_at_again_does_not_begin_the_time_anew(core):
    orphan(core)
    wait_long(core)
    core.outbox.free_parked(ORG, "invoices", "another version")
    core.deliver("invoices")
    assert expire(core) == 1


def test_what_waits_for_a_record_on_its_way_is_not_given_up_however_long_an_outage_lasts(core):
    core.feed(identify("u1", name="Ann"), order_completed("1001"))
    core.deliver("invoices")
    wait_long(core, 100 * PATIENCE_SECONDS)
    assert expire(core) == 0
    assert core.deliver()["delivered"] == 2
    assert not core.store.exists(keys.missing(ORG, "invoices"))


def test_what_waits_for_a_person_stays_parked(core):
    core.feed(identify("u1", name="Ann"), order_completed("1001", total=30))
    core.deliver()
    assert core.record("Invoice", "1001").stuck
    wait_long(core)
    assert not core.store.exists(keys.missing(ORG, "invoices"))
    assert expire(core) == 0
    assert core.outbox.parked(ORG, "invoices") == 1


def test_what_came_in_the_last_moment_is_delivered_and_not_buried(core):
    orphan(core)
    wait_long(core)
    planner = Planner(core.store)

    class LatePlanner(Planner):
        """Looks, and then the contact arrives before anything is written down."""

        def bury(self, record, error, next_step=""):
            core.store.hset(keys.record(ORG, "Contact|u1"), mapping={"version": "1", "xero_id": "c1"})
            return planner.bury(record, error, next_step)

    Expiry(core.store, core.outbox, LatePlanner(core.store)).bury_missed(ORG, "invoices")
    assert len(core.letters) == 0
    assert core.outbox.due(ORG, "invoices", 9) == ["Invoice|1001"]


def test_a_turn_that_is_under_way_is_not_disturbed(core):
    orphan(core)
    wait_long(core)
    core.store.set(keys.lock(ORG, "invoices"), "a turn")
    assert expire(core) == 0
    assert core.outbox.parked(ORG, "invoices") == 1


def test_more_than_a_page_is_looked_through(core):
    orphan(core, 30)
    first = keys.missing(ORG, "invoices")
    wait_long(core)
    # Those before them wait for something that is on its way.
    core.feed(*(identify(f"v{number}", name=f"Person {number}") for number in range(PAGE)))
    core.feed(*(order_completed(f"v{number}", f"v{number}") for number in range(PAGE)))
    for _ in range(5):
        core.turn("invoices")
    for ref in core.store.zrange(first, 0, -1):
        core.store.zadd(first, {ref: 1 if "|v" in ref else 2})
    assert expire(core) == 30
    assert core.outbox.parked(ORG, "invoices") == PAGE


def test_a_record_that_was_given_up_waits_for_a_replay_also_when_the_other_comes_at_last(core):
    orphan(core)
    wait_long(core)
    expire(core)
    core.feed(identify("u1", name="Ann"))
    core.deliver()
    assert core.stored("Invoice", "1001")["disposition"] == "dead"
    (letter,) = core.letters
    Replay(core.store, core.inbox, core.outbox, core.letters, FixedMappings(core.mappings)).replay(letter)
    core.store.delete(keys.INBOX_WAITING)
    assert core.deliver()["delivered"] == 1
