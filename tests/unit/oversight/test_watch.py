"""The watch calls a person when one must act, once per cause, and says when it is over."""

import json
import shutil
from dataclasses import replace
from decimal import Decimal

import pytest

from segxero.dead_letters import DeadLetter
from segxero.jsontext import dumps, loads
from segxero.mapping.files.loader import load
from segxero.oversight.blocked import Blockage, Filter
from segxero.oversight.blocked_sights import LettersSight, ParkedSight, find_letter_cause
from segxero.oversight.sights import BacklogSight, ScopesSight, StoreSight, UnbookedSight
from segxero.oversight.watch import QUIET_SECONDS, Watch, proofs
from segxero.store import keys
from segxero.sync.folding.decision import Unbooked, Why
from segxero.sync.folding.unbooked import UnbookedEvents
from segxero.telemetry.alerts import BOOKS, RECONNECT, SIGNATURE, Alerts, Cause, fault
from segxero.telemetry.figures import CALLS, EVENTS, Counts
from segxero.xero.objects.table import FIELDS, QUEUES
from tests.support.set_ups.core import ORG, SHIPPED, Core, identify, order_completed

LIMIT = 7200.0
URL = "https://books.example"


@pytest.fixture
def core(redis_store) -> Core:
    return Core(redis_store)


class Hooked:
    """Keeps the texts for a webhook."""

    def __init__(self):
        self.texts = []

    def send(self, text):
        self.texts.append(text)


@pytest.fixture
def hooked() -> Hooked:
    return Hooked()


@pytest.fixture
def alerts(redis_store, hooked) -> Alerts:
    return Alerts(redis_store, hooked)


def make_watch(core, alerts, organisations=lambda: [ORG], lacking=dict) -> Watch:
    def mappings():
        return core.mappings

    sights = (
        LettersSight(core.store, core.letters, mappings, URL),
        StoreSight(core.store),
        ScopesSight(lacking),
        BacklogSight(core.outbox, organisations, QUEUES, LIMIT),
        ParkedSight(core.store, mappings, URL),
        UnbookedSight(UnbookedEvents(core.store), mappings, URL),
    )
    return Watch(core.store, alerts, sights)


@pytest.fixture
def watch(core, alerts) -> Watch:
    return make_watch(core, alerts)


def look_at_letters_again(watch):
    """Let the next look read the letters, however long the last one took."""
    letters = watch._sights[0]
    letters._before = (*letters._before[:2], 0.0)


def letter(message, error="XeroValidationError", name="Ann Zyxomma", key="u1"):
    event = json.dumps({"type": "identify", "userId": key, "traits": {"name": name, "email": f"{key}@zyxomma.example"}})
    return DeadLetter(
        error=error,
        message=message,
        next_step="replay",
        queue="contacts",
        organisation=ORG,
        object="Contact",
        key=key,
        events=(event,),
    )


def said(alerts):
    return sorted(one.message for one in alerts.open().values())


def older(store, seconds):
    """Let every open alert have been seen *seconds* earlier."""
    for name, text in store.hgetall(keys.ALERTS).items():
        values = loads(text)
        store.hset(keys.ALERTS, name, dumps({**values, "seen_at": values["seen_at"] - seconds}))


def test_nothing_to_do_is_nothing_to_tell(watch, alerts):
    assert watch.look() == {"alerts": 0, "recovered": 0}
    assert alerts.open() == {}


def test_a_hundred_letters_of_one_cause_are_one_alert_and_when_they_are_gone_one_recovery(core, watch, alerts):
    names = [f"Ann{number} Lee{number}" for number in range(100)]
    letters = [letter(f"The contact name {name} is taken", name=name, key=name[:5]) for name in names]
    core.letters.bury(*letters)
    assert watch.look() == {"alerts": 1, "recovered": 0}
    assert said(alerts) == ["100 contacts wait for a person: The contact name … is taken."]
    assert core.store.hgetall(keys.LETTER_CAUSES) == {"contacts|XeroValidationError": "100"}
    for one in letters[:99]:
        core.letters.remove(one)
    look_at_letters_again(watch)
    assert watch.look() == {"alerts": 0, "recovered": 0}
    assert [one.count for one in alerts.open().values()] == [1]
    core.letters.remove(letters[99])
    look_at_letters_again(watch)
    assert watch.look() == {"alerts": 0, "recovered": 1}
    assert watch.look() == {"alerts": 0, "recovered": 0}
    assert core.store.hgetall(keys.LETTER_CAUSES) == {}


def test_what_a_letter_says_of_a_person_is_not_told():
    message = "Mr Zyxomma <u1@zyxomma.example>: Ann Zyxomma (u1) is refused"
    assert find_letter_cause(letter(message)).sentence == "Mr … <…>: … (…) is refused"
    assert find_letter_cause(letter("Ann Zyxomma", error="KeyError")).sentence == ""
    unreadable = DeadLetter(error="InvalidEventError", message="Ann Z", next_step="", queue="events", events=("Ann Z",))
    assert find_letter_cause(unreadable).sentence == "…"


def test_a_fault_of_ours_is_one_issue_as_letter_and_as_exception():
    by_letter = find_letter_cause(DeadLetter(error="KeyError", message="x", next_step="", queue="contacts"))
    assert by_letter.fingerprint == fault("contacts", "KeyError").fingerprint
    assert by_letter.id == fault("contacts", "KeyError").id


def test_parked_records_are_one_alert_per_reason_and_those_behind_them_none(core, watch, alerts):
    for number in range(3):
        core.feed(order_completed(f"A-{number}", f"u{number}", total=100 + number))
    core.feed(order_completed("B-1", "u1", currency="NZD", products=[], tax=None))
    core.deliver("contacts", "tracking", "invoices")
    assert watch.look()["alerts"] == len(said(alerts)) == 2
    (sums,) = [text for text in said(alerts) if "parts" in text]
    assert sums.startswith("3 orders, USD 303.00, wait for a person: Order … is … more than its parts")
    assert "100" not in sums.partition(":")[2]
    for number in range(3):
        core.feed(order_completed(f"A-{number}", f"u{number}", time="2026-11-02T10:00:00Z"))
    core.deliver("invoices")
    assert watch.look()["recovered"] == 1
    assert len(said(alerts)) == 1


def test_orders_with_the_same_question_are_one_alert_in_all_currencies_and_it_stays_when_its_example_goes(
    core, watch, alerts
):
    core.feed(order_completed("A-1", "u1", total=25), order_completed("A-2", "u2", total=15, currency="EUR"))
    core.deliver("contacts", "tracking", "invoices")
    assert watch.look()["alerts"] == 1
    (told,) = said(alerts)
    assert told.startswith("2 orders, EUR 15.00 and USD 25.00, wait for a person: Order …")
    core.feed(order_completed("A-1", "u1", time="2026-11-02T10:00:00Z"))
    core.deliver("invoices")
    assert watch.look() == {"alerts": 0, "recovered": 0}
    assert len(said(alerts)) == 1


def test_a_backlog_older_than_the_limit_is_told_and_its_end_too(core, watch, alerts):
    core.feed(identify("u1", name="Ann"))
    assert watch.look()["alerts"] == 0
    core.store.zadd(keys.outbox(ORG, "contacts"), {"Contact|u1": core.outbox.now() - LIMIT - 60})
    assert watch.look()["alerts"] == 1
    assert said(alerts) == ["The oldest record in contacts has waited for 121 minutes."]
    assert watch.look()["alerts"] == 0
    core.deliver("contacts")
    assert watch.look() == {"alerts": 0, "recovered": 1}


def test_a_redis_that_forgets_is_told_and_its_end_too(core, watch, alerts):
    core.store.config_set("appendonly", "no")
    try:
        assert watch.look()["alerts"] == 1
        assert said(alerts) == ["Redis is not append-only: a restart of Redis loses accepted events."]
    finally:
        core.store.config_set("appendonly", "yes")
    assert watch.look() == {"alerts": 0, "recovered": 1}


@pytest.mark.parametrize(
    ("cause", "field"),
    [
        (Cause(kind=RECONNECT, organisation=ORG), CALLS.field(ORG, "write", "200")),
        (Cause(kind=SIGNATURE), EVENTS.field("accepted")),
    ],
)
def test_what_a_process_met_is_over_after_a_while_and_a_good_end(core, watch, alerts, cause, field):
    counts = Counts(core.store)
    counts.add_all({field: 5})
    assert alerts.call(cause, "It is refused.", "Act.", proofs=proofs(cause))
    counts.add_all({field: 1})
    assert watch.look()["recovered"] == 0
    alerts.call(cause, "It is refused.", "Act.", proofs=proofs(cause))
    older(core.store, QUIET_SECONDS[cause.kind])
    assert watch.look()["recovered"] == 0
    counts.add_all({field: 1})
    assert watch.look()["recovered"] == 1


def test_a_fault_that_does_not_come_again_is_over_after_an_hour(core, watch, alerts):
    assert alerts.admits(fault("receiver", "KeyError"))
    older(core.store, 3599)
    assert watch.look()["recovered"] == 0
    older(core.store, 5)
    assert watch.look()["recovered"] == 1


def test_while_another_process_looks_nobody_else_does(core, watch):
    with core.store.lock(keys.WATCHING, timeout=5):
        assert watch.look() == {}


def test_what_several_organisations_share_is_over_only_when_somebody_connects_again(core, watch, alerts):
    cause = Cause(kind=RECONNECT, object="user:u")
    assert alerts.call(cause, "It is refused.", "Act.", proofs=proofs(cause))
    older(core.store, QUIET_SECONDS[RECONNECT] + 1)
    assert watch.look()["recovered"] == 0


def test_a_look_that_stood_still_does_not_call_over_what_another_told_meanwhile(core, alerts):
    made = letter("The contact name Ann is taken", name="Ann")

    def after_the_letters_were_read():
        core.letters.bury(made)
        assert alerts.call(find_letter_cause(made), "1 dead letter", "replay", count=1)
        return [ORG]

    slow = make_watch(core, alerts, organisations=after_the_letters_were_read)
    assert slow.look() == {"alerts": 0, "recovered": 0}
    assert said(alerts) == ["1 dead letter"]


def test_a_scope_that_the_mappings_need_and_some_did_not_grant_is_told_once_until_they_do(core, alerts):
    lacking = {}
    watch = make_watch(core, alerts, lacking=lambda: lacking)
    assert watch.look() == {"alerts": 0, "recovered": 0}
    lacking["accounting.payments"] = ["North", "South"]
    assert [watch.look(), watch.look()] == [{"alerts": 1, "recovered": 0}, {"alerts": 0, "recovered": 0}]
    assert said(alerts) == ["The mappings need the scope accounting.payments, which North, South did not grant."]
    lacking.clear()
    assert [watch.look(), watch.look()] == [{"alerts": 0, "recovered": 1}, {"alerts": 0, "recovered": 0}]


def test_what_is_wrong_with_books_is_ended_by_who_compares_them(core, watch, alerts):
    alerts.call(Cause(kind=BOOKS, organisation=ORG), "An account is archived.", "Restore it.", count=1)
    older(core.store, 2 * QUIET_SECONDS[RECONNECT] + 7200)
    assert watch.look() == {"alerts": 0, "recovered": 0}
    assert said(alerts) == ["An account is archived."]


@pytest.fixture
def games(core, tmp_path):
    """Three orders of a category without an account."""
    shutil.copytree(SHIPPED, tmp_path / "mappings")
    accounts = tmp_path / "mappings" / "tables" / "accounts.yaml"
    accounts.write_text('shipping: "200"\n')
    core.mappings = load(tmp_path / "mappings", FIELDS)
    for number in range(3):
        product = {"name": "Chess", "price": 10, "quantity": 2, "category": "Games"}
        core.feed(order_completed(f"o{number}", products=[product]))
    core.deliver()
    return accounts


def test_an_alert_says_how_many_how_much_which_row_of_which_file_and_where_the_records_are_listed(
    core, watch, alerts, games
):
    watch.look()
    (told,) = alerts.open().values()
    assert told.message.startswith("3 orders, USD 60.00, wait for a person: tables/accounts.yaml has no row Games")
    assert "Add the row Games to tables/accounts.yaml" in told.next_step
    (cause,) = Blockage(core.store, core.letters, [ORG]).causes(Filter())
    assert told.next_step.endswith(f"{URL}/console/causes/{cause.id}")


def test_the_end_names_what_is_in_xero_with_its_sum(core, watch, alerts, games, hooked):
    watch.look()
    games.write_text('shipping: "200"\ndefault: "200"\n')
    core.mappings = load(games.parents[1], FIELDS)
    core.outbox.free_parked(ORG, "orders", core.mappings.version)
    assert watch.look()["recovered"] == 0  # they are on their way
    assert core.deliver()["delivered"] == 3
    assert watch.look()["recovered"] == 1
    assert hooked.texts[-1] == "segxero (main): Solved: 3 orders, USD 60.00, are in Xero."


def test_nothing_is_called_solved_while_the_same_records_fail_in_another_way(core, watch, alerts, games, hooked):
    watch.look()
    for number in range(3):
        core.feed(order_completed(f"o{number}", time="2026-11-02T10:00:00Z", total=99))
    core.deliver()
    assert watch.look() == {"alerts": 1, "recovered": 0}
    assert len(alerts.open()) == 1
    assert not any("Solved" in text or "Works again" in text for text in hooked.texts)


def test_money_that_nothing_books_is_one_alert_for_each_source_and_name(core, watch, alerts):
    def renewed(number):
        return Unbooked(
            organisation=ORG,
            why=Why.UNWANTED,
            source="web",
            event="Subscription Renewed",
            message_id=f"m{number}",
            currency="NZD",
            amount=Decimal("99.00"),
        )

    UnbookedEvents(core.store).count([renewed(number) for number in range(14)])
    assert watch.look() == {"alerts": 1, "recovered": 0}
    (told,) = alerts.open().values()
    assert told.message == (
        '14 events "Subscription Renewed" of the source web with NZD 1,386.00 are not booked, '
        "because no mapping wants it."
    )
    assert "saas.yaml" in told.next_step
    UnbookedEvents(core.store).count([renewed(number) for number in range(20)])
    assert watch.look() == {"alerts": 0, "recovered": 0}
    settings = replace(core.mappings.organisations[ORG], not_booked=("Subscription Renewed",))
    core.mappings = replace(core.mappings, organisations={ORG: settings})
    assert watch.look() == {"alerts": 0, "recovered": 0}
    assert alerts.open() == {}
