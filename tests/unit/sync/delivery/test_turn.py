"""A turn: up to 50 records in one call, nothing twice, nothing lost, and one bad record harms only itself."""

from contextlib import suppress
from datetime import datetime

import pytest

from segxero.errors import (
    AuthenticationError,
    MappingError,
    PermanentError,
    RetryableError,
    UncertainError,
    XeroValidationError,
)
from segxero.store import keys
from segxero.sync.delivery.lane import MOST
from segxero.sync.delivery.turn import LOOKUP
from segxero.sync.delivery.verdicts import (
    LONGEST_BACKOFF_SECONDS,
    LONGEST_CALL_SECONDS,
    MOST_ATTEMPTS,
    MOST_DEATHS,
    PATIENCE_SECONDS,
    SURE_SECONDS,
)
from segxero.xero.api.answers import UnreadableBodyError
from segxero.xero.api.budget import BudgetError
from tests.support.set_ups.core import ORG, identify, order_completed
from tests.support.set_ups.fixed_mappings import FixedMappings

LOST = UncertainError("Xero's answer is lost (ReadTimeout)")
TRANSIENT = "An error occurred in Xero. Check the API Status page http://status.developer.xero.com"


def people(count, first=1, **traits):
    return [identify(f"u{number}", name=f"Person {number}", **traits) for number in range(first, first + count)]


def orders(count, user="u1"):
    return [order_completed(str(number), user) for number in range(1001, 1001 + count)]


def sent(core, collection):
    """How many elements each write of *collection* held."""
    return [len(call.body[collection]) for call in core.xero.writes if collection in (call.body or {})]


def known_contact(core, user="u1"):
    """Bring one contact into Xero, and forget the calls that it took."""
    core.feed(identify(user, name=f"Person {user}"))
    core.deliver()
    core.xero.calls.clear()


def disposition(core, object_name, key):
    return core.stored(object_name, key)["disposition"]


# What is sent, and what not.


def test_fifty_records_go_in_one_call_and_no_more(core):
    core.feed(*people(120))
    assert core.deliver() == {"delivered": 120}
    assert sent(core, "Contacts") == [50, 50, 20]
    assert MOST == 50


def test_every_call_has_an_idempotency_key_of_its_own(core):
    core.feed(*people(120))
    core.deliver()
    used = [key for key in core.xero.idempotency_keys if key]
    assert len(set(used)) == 3
    assert all(key.startswith("main-") and len(key) <= 128 for key in used)


def test_many_events_of_one_person_are_one_line_of_one_call(core):
    core.feed(*(identify("u1", f"2026-11-{day:02}T00:00:00Z", name=f"Ann {day}") for day in range(1, 21)))
    core.deliver()
    assert sent(core, "Contacts") == [1]
    assert core.xero.contacts[0]["Name"] == "Ann 20"


def test_an_unchanged_record_costs_no_call(core):
    known_contact(core)
    core.outbox.put(ORG, "contacts", "Contact|u1")
    assert core.deliver() == {"unchanged": 1}
    assert core.xero.calls == []


def test_unchanged_and_changed_records_go_their_own_ways(core):
    core.feed(*people(3))
    core.deliver()
    for number in (1, 2, 3):
        core.outbox.put(ORG, "contacts", f"Contact|u{number}")
    core.feed(identify("u2", "2026-11-20T00:00:00Z", email="two@example.com"))
    core.xero.calls.clear()
    assert core.deliver() == {"unchanged": 2, "delivered": 1}
    assert sent(core, "Contacts") == [1]


def test_new_and_known_invoices_go_in_calls_of_their_own_verb(core):
    known_contact(core)
    core.feed(*orders(2))
    core.deliver()
    core.feed(
        order_completed("1001", time="2026-11-20T00:00:00Z", total=30, products=[{"name": "Mug", "price": 30}]),
        order_completed("1009"),
    )
    core.xero.calls.clear()
    core.deliver()
    assert sorted((call.method, len(call.body["Invoices"])) for call in core.xero.writes) == [("POST", 1), ("PUT", 1)]


def test_a_ref_that_names_no_record_leaves_the_outbox(core):
    core.outbox.put(ORG, "contacts", "Contact|nobody")
    assert core.deliver() == {}
    assert core.outbox.waiting(ORG, "contacts") == 0


# Answers are matched by key, never by position.


def test_a_shuffled_answer_is_matched_by_key(core):
    core.feed(*people(3))
    core.xero.then(
        {"Contacts": []},
        lambda request: {
            "Contacts": [
                {**element, "ContactID": f"id-{element['ContactNumber']}", "StatusAttributeString": "OK"}
                for element in reversed(request.body["Contacts"])
            ]
        },
    )
    core.turn("contacts")
    assert [core.record("Contact", f"u{number}").xero_id for number in (1, 2, 3)] == ["id-u1", "id-u2", "id-u3"]


def test_a_record_that_the_answer_does_not_name_is_uncertain(core):
    core.feed(*people(2))
    core.xero.then(
        {"Contacts": []}, {"Contacts": [{"ContactID": "id-u2", "ContactNumber": "u2", "StatusAttributeString": "OK"}]}
    )
    core.turn("contacts")
    assert disposition(core, "Contact", "u2") == "delivered"
    assert disposition(core, "Contact", "u1") == "uncertain"
    assert core.record("Contact", "u1").uncertain


# Never twice: an unknown outcome is looked up before anything is sent again.


def test_never_twice_a_lost_answer_is_looked_up_and_what_is_there_adopted(core):
    known_contact(core)
    core.feed(order_completed("1001"))
    core.xero.then(core.xero.lose_answer(LOST))
    with pytest.raises(UncertainError):
        core.turn("invoices")
    assert disposition(core, "Invoice", "1001") == "uncertain"
    assert core.outbox.due(ORG, "invoices", 9) == []
    assert core.outbox.waiting(ORG, "invoices") == 1
    core.make_due("Invoice", "1001")
    assert core.deliver() == {"delivered": 1}
    assert [call.method for call in core.xero.calls] == ["PUT", "GET"]
    assert len(core.xero.invoices) == 1
    assert core.record("Invoice", "1001").xero_id == core.xero.invoices[0]["InvoiceID"]


def test_never_twice_what_did_not_arrive_is_sent_after_the_look(core):
    known_contact(core)
    core.feed(order_completed("1001"))
    core.xero.then(LOST)
    with pytest.raises(UncertainError):
        core.turn("invoices")
    core.make_due("Invoice", "1001")
    core.deliver()
    assert [call.method for call in core.xero.calls] == ["PUT", "GET", "PUT"]
    assert len(core.xero.invoices) == 1
    assert disposition(core, "Invoice", "1001") == "delivered"


def test_never_twice_an_uncertain_record_is_not_asked_for_while_the_call_may_still_run(core):
    known_contact(core)
    core.feed(order_completed("1001"))
    core.xero.then(LOST)
    with pytest.raises(UncertainError):
        core.turn("invoices")
    due_at = core.store.zscore(keys.outbox(ORG, "invoices"), "Invoice|1001")
    assert due_at == pytest.approx(core.outbox.now() + SURE_SECONDS, abs=2)


def test_never_twice_fifty_uncertain_records_are_looked_up_in_forties(core):
    known_contact(core)
    core.feed(*orders(50))
    core.xero.then(core.xero.lose_answer(LOST))
    with pytest.raises(UncertainError):
        core.turn("invoices")
    for number in range(1001, 1051):
        core.make_due("Invoice", str(number))
    core.deliver()
    asked = [len(call.params["InvoiceNumbers"].split(",")) for call in core.xero.reads]
    assert sum(asked) == 50
    assert max(asked) == LOOKUP == 40
    assert len(core.xero.invoices) == 50


def test_an_uncertain_contact_is_adopted_and_brought_up_to_date(core):
    core.feed(identify("u1", name="Ann"))
    core.xero.then({"Contacts": []}, core.xero.lose_answer(LOST))
    with pytest.raises(UncertainError):
        core.turn("contacts")
    core.feed(identify("u1", "2026-11-20T00:00:00Z", name="Ann Lee"))
    core.make_due("Contact", "u1")
    core.deliver()
    assert [contact["Name"] for contact in core.xero.contacts] == ["Ann Lee"]
    assert disposition(core, "Contact", "u1") == "delivered"


def test_an_uncertain_update_is_sent_again_without_a_look_because_it_has_an_id(core):
    known_contact(core)
    core.feed(identify("u1", "2026-11-20T00:00:00Z", name="Ann Lee"))
    core.xero.then(LOST)
    with pytest.raises(UncertainError):
        core.turn("contacts")
    core.make_due("Contact", "u1")
    core.deliver()
    assert [call.method for call in core.xero.calls] == ["POST", "POST"]


def test_an_uncertain_invoice_that_differs_in_xero_is_updated(core):
    known_contact(core)
    core.feed(order_completed("1001"))
    core.xero.then(core.xero.lose_answer(LOST))
    with pytest.raises(UncertainError):
        core.turn("invoices")
    core.feed(order_completed("1001", time="2026-11-20T00:00:00Z", total=30, products=[{"name": "Mug", "price": 30}]))
    core.make_due("Invoice", "1001")
    core.deliver()
    assert [call.method for call in core.xero.calls] == ["PUT", "GET", "POST"]
    assert [invoice["Total"] for invoice in core.xero.invoices] == [30]
    assert len(core.xero.invoices[0]["LineItems"]) == 1


# Crashes.


def crash(core, queue, *refs):
    """Leave a flight behind, as a process does that is killed while it sends."""
    records = [core.record(*ref.split("|")) for ref in refs]
    return core.depart(queue, *records)


def test_same_end_after_a_crash_before_the_call(core):
    known_contact(core)
    core.feed(order_completed("1001"))
    crash(core, "invoices", "Invoice|1001")
    assert core.deliver()["delivered"] == 1
    assert [call.method for call in core.xero.calls] == ["GET", "PUT"]
    assert len(core.xero.invoices) == 1
    assert core.outbox.flight(ORG, "invoices") is None


def test_same_end_after_a_crash_behind_the_call(core):
    known_contact(core)
    core.feed(order_completed("1001"))

    class KilledError(BaseException):
        """What no handler of ours sees: the process is gone."""

    def killed(request):
        core.xero.keep(request)
        raise KilledError

    core.xero.then(killed)
    with pytest.raises(KilledError):
        core.turn("invoices")
    assert core.outbox.flight(ORG, "invoices") is not None
    core.let_flight_age("invoices")
    core.deliver()
    assert len(core.xero.invoices) == 1
    assert disposition(core, "Invoice", "1001") == "delivered"
    assert core.record("Invoice", "1001").deaths == 0


@pytest.mark.parametrize(("ago", "waits"), [(0, LONGEST_CALL_SECONDS), (12, LONGEST_CALL_SECONDS - 12), (31, 0)])
def test_never_twice_what_a_dead_process_sent_is_not_looked_for_while_its_call_may_still_run(core, ago, waits):
    known_contact(core)
    core.feed(order_completed("1001"))
    core.depart("invoices", core.record("Invoice", "1001"), seconds_ago=ago)
    core.xero.then(RetryableError("down"))
    with suppress(RetryableError):
        core.turn("invoices")
    due_in = core.store.zscore(keys.outbox(ORG, "invoices"), "Invoice|1001") - core.outbox.now()
    assert due_in == pytest.approx(waits, abs=2)


def test_a_process_that_died_does_not_count_as_a_refusal(core):
    core.feed(identify("u1", name="Ann"))
    core.store.hset(keys.record(ORG, "Contact|u1"), "attempts", MOST_DEATHS - 1)
    crash(core, "contacts", "Contact|u1")
    core.deliver()
    assert disposition(core, "Contact", "u1") == "delivered"


def test_a_record_that_kills_its_process_again_and_again_is_buried(core):
    known_contact(core)
    core.feed(order_completed("1001"))
    for _ in range(MOST_DEATHS):
        crash(core, "invoices", "Invoice|1001")
        core.xero.then(RetryableError("down"))
        try:
            core.turn("invoices")
        except RetryableError:
            core.make_due("Invoice", "1001")
    core.xero.script.clear()
    assert disposition(core, "Invoice", "1001") == "dead"
    (letter,) = core.letters
    assert letter.message == f"{MOST_DEATHS} processes died while they sent this record"


def test_the_answer_of_a_turn_that_lost_its_flight_is_not_written(core):
    known_contact(core)
    core.feed(order_completed("1001"))

    def overtaken(request):
        core.store.delete(keys.lock(ORG, "invoices"))
        core.depart("invoices", core.record("Invoice", "1001"))
        return core.xero.keep(request)

    core.xero.then(overtaken)
    core.turn("invoices")
    assert core.record("Invoice", "1001").xero_id == ""
    core.deliver()
    assert len(core.xero.invoices) == 1
    assert disposition(core, "Invoice", "1001") == "delivered"


# Whole-call failures lose nothing and burn no attempt.


@pytest.mark.parametrize(
    "error",
    [
        BudgetError("no call to Xero for 9 s (minute)", 9.0, "minute"),
        RetryableError("Xero's minute limit is used up", 26.0),
        AuthenticationError("Xero no longer knows this connection (403)"),
    ],
)
def test_an_outage_costs_nothing_but_time(core, error):
    core.feed(*people(3))
    for _ in range(20):
        core.xero.then({"Contacts": []}, error) if not core.store.exists(keys.contact_index(ORG)) else core.xero.then(
            error
        )
        with pytest.raises(type(error)):
            core.turn("contacts")
    assert [core.record("Contact", f"u{number}").attempts for number in (1, 2, 3)] == [0, 0, 0]
    assert [disposition(core, "Contact", f"u{number}") for number in (1, 2, 3)] == ["pending"] * 3
    assert core.outbox.flight(ORG, "contacts") is None
    assert len(core.letters) == 0
    assert core.deliver() == {"delivered": 3}


def test_a_budget_that_ends_while_names_are_read_loses_nothing(core):
    core.feed(*people(2))
    core.xero.then(BudgetError("no call", 9.0, "minute"))
    with pytest.raises(BudgetError):
        core.turn("contacts")
    assert core.outbox.waiting(ORG, "contacts") == 2
    assert core.deliver() == {"delivered": 2}


# One bad element harms only itself.


def test_one_bad_element_is_buried_with_xeros_sentences_and_the_others_are_delivered(core):
    core.feed(*people(5))
    core.xero.refuse["u3"] = ("Email address must be valid.",)
    assert core.deliver() == {"delivered": 4, "dead": 1}
    assert sent(core, "Contacts") == [5]
    (letter,) = core.letters
    assert (letter.error, letter.object, letter.key, letter.queue) == (
        "XeroValidationError",
        "Contact",
        "u3",
        "contacts",
    )
    assert letter.message == "Xero refused it: Email address must be valid."
    assert letter.sentences == ("Email address must be valid.",)
    assert letter.next_step == "correct the data or the mapping, then replay"
    assert letter.traceback == ""
    assert ['"u3"' in event for event in letter.events] == [True]


def poison(*keys_of_poison):
    """A Xero that cannot read a body that holds one of these contacts."""

    def step(core, request):
        if any(element.get("ContactNumber") in keys_of_poison for element in request.body["Contacts"]):
            raise UnreadableBodyError("Xero cannot read the body: Error at Contacts[0]")
        return core.xero.keep(request)

    return step


@pytest.mark.parametrize(
    ("number", "victims", "sizes"),
    [
        (8, ("u1",), [8, 4, 2, 1, 1, 2, 4]),
        (8, ("u8",), [8, 4, 4, 2, 2, 1, 1]),
        (8, ("u2", "u7"), [8, 4, 2, 1, 1, 2, 4, 2, 2, 1, 1]),
        (50, ("u1",), [50, 25, 13, 7, 4, 2, 1, 1, 2, 4, 7, 13, 22]),
        (50, ("u23",), [50, 25, 13, 13, 7, 4, 2, 2, 1, 1, 4, 7, 22]),
    ],
    ids=["first of 8", "last of 8", "two of 8", "first of 50", "one of 50"],
)
def test_one_bad_element_a_body_that_xero_cannot_read_is_halved_until_the_culprit_is_alone(
    core, number, victims, sizes
):
    core.feed(*people(number))
    for one in range(1, number + 1):
        # Which of them stand first must not depend on a second that ends while they are folded.
        core.make_due("Contact", f"u{one}")
    step = poison(*victims)
    calls = []

    def route(request):
        if request.method == "GET":
            return {"Contacts": []}
        calls.append(len(request.body["Contacts"]))
        return step(core, request)

    core.xero.then(*[route] * 60)
    counts = core.deliver()
    assert counts["delivered"] == number - len(victims)
    assert counts["dead"] == len(victims)
    assert sorted(letter.key for letter in core.letters) == sorted(victims)
    assert calls == sizes


def test_one_bad_element_a_suspect_at_the_end_does_not_make_the_others_go_one_by_one(core):
    core.feed(*people(41))
    core.store.hset(keys.record(ORG, "Contact|u41"), "batch", 1)
    core.store.zadd(keys.outbox(ORG, "contacts"), {"Contact|u41": core.outbox.now() - 0.001})
    for number in range(1, 41):
        core.make_due("Contact", f"u{number}")
    core.deliver()
    assert sent(core, "Contacts") == [40, 1]


def test_one_bad_element_a_refused_look_up_harms_only_the_culprit(core):
    known_contact(core)
    core.feed(*orders(4))
    core.xero.then(core.xero.lose_answer(LOST))
    with pytest.raises(UncertainError):
        core.turn("invoices")
    for number in range(1001, 1005):
        core.make_due("Invoice", str(number))

    def look(request):
        if request.method == "GET" and "1003" in request.params["InvoiceNumbers"]:
            raise XeroValidationError("Xero refused the call: QueryParseException", ("QueryParseException",))
        return core.xero.keep(request)

    core.xero.then(*[look] * 30)
    counts = core.deliver()
    assert (counts["delivered"], counts["dead"]) == (3, 1)
    assert [letter.key for letter in core.letters] == ["1003"]
    assert len(core.xero.invoices) == 4


def test_one_bad_element_a_mapping_fault_in_one_record_does_not_hold_up_the_others(core):
    known_contact(core)
    core.feed(order_completed("1001", total="abc"), order_completed("1002"))
    counts = core.deliver()
    assert (counts["dead"], counts["delivered"]) == (1, 1)
    (letter,) = core.letters
    assert letter.message == "Total should be an amount, not 'abc'; correct the event and replay it"


def test_a_fault_of_ours_buries_the_records_at_hand_with_its_traceback(core):
    core.feed(*people(2))
    core.xero.then({"Contacts": []}, ZeroDivisionError("ours"))
    assert core.turn("contacts").counts == {"dead": 2}
    assert {letter.error for letter in core.letters} == {"ZeroDivisionError"}
    assert all("ZeroDivisionError: ours" in letter.traceback for letter in core.letters)
    assert core.outbox.flight(ORG, "contacts") is None
    assert core.record("Contact", "u1").uncertain


def test_an_element_that_may_pass_is_tried_again_later_and_later(core):
    core.feed(identify("u1", name="Ann"))
    core.xero.refuse["u1"] = (TRANSIENT,)
    delays = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        core.turn("contacts")
        record = core.record("Contact", "u1")
        assert (record.disposition, record.attempts) == ("pending", attempt)
        delays.append(round(core.store.zscore(keys.outbox(ORG, "contacts"), "Contact|u1") - core.outbox.now()))
        core.make_due("Contact", "u1")
    assert delays == pytest.approx([15, 30, 60, 120, 240, 480, 900, 900], abs=2)
    assert max(delays) <= LONGEST_BACKOFF_SECONDS


def fail_since(core, seconds, attempts):
    """Let the contact have failed *attempts* times, the first of them *seconds* ago."""
    first = core.outbox.now() - seconds
    core.store.hset(keys.record(ORG, "Contact|u1"), mapping={"failing_since": first, "attempts": attempts})
    core.make_due("Contact", "u1")
    core.turn("contacts")


def test_an_element_that_may_pass_is_given_up_by_count_and_age_never_by_one_alone(core):
    core.feed(identify("u1", name="Ann"))
    core.xero.refuse["u1"] = (TRANSIENT,)
    fail_since(core, PATIENCE_SECONDS - 60, attempts=50)
    assert disposition(core, "Contact", "u1") == "pending"
    fail_since(core, 10 * PATIENCE_SECONDS, attempts=MOST_ATTEMPTS - 2)
    assert (disposition(core, "Contact", "u1"), len(core.letters)) == ("pending", 0)
    fail_since(core, PATIENCE_SECONDS + 60, attempts=MOST_ATTEMPTS - 1)
    assert disposition(core, "Contact", "u1") == "dead"
    (letter,) = core.letters
    assert (letter.error, letter.attempts) == ("XeroValidationError", MOST_ATTEMPTS)
    lasted = datetime.fromisoformat(letter.failed_at) - datetime.fromisoformat(letter.first_failed_at)
    assert lasted.total_seconds() == pytest.approx(PATIENCE_SECONDS + 60, abs=3)


def test_segment_has_stopped_sending_again_before_we_give_up():
    assert PATIENCE_SECONDS > 4 * 3600


def test_a_record_that_was_given_up_begins_anew_when_it_changes(core):
    core.feed(identify("u1", name="Ann"))
    core.xero.refuse["u1"] = (TRANSIENT,)
    fail_since(core, PATIENCE_SECONDS + 60, attempts=MOST_ATTEMPTS - 1)
    core.feed(identify("u1", "2026-11-20T00:00:00Z", name="Ann Lee"))
    core.turn("contacts")
    record = core.record("Contact", "u1")
    assert (record.disposition, record.attempts) == ("pending", 1)
    assert record.failing_since == pytest.approx(core.outbox.now(), abs=2)


def test_success_forgets_the_attempts(core):
    core.feed(identify("u1", name="Ann"))
    core.xero.refuse["u1"] = (TRANSIENT,)
    core.turn("contacts")
    core.xero.refuse.clear()
    core.make_due("Contact", "u1")
    core.deliver()
    assert core.record("Contact", "u1").attempts == 0
    assert core.stored("Contact", "u1")["reason"] == ""


# Invoice numbers.


def taken_number(core, contact):
    """Xero has invoice 1001 already, for *contact*."""
    core.xero.invoices.append(
        {
            "InvoiceID": "theirs",
            "InvoiceNumber": "1001",
            "Type": "ACCREC",
            "Status": "AUTHORISED",
            "Contact": {"ContactID": contact},
            "CurrencyCode": "USD",
            "LineItems": [{"LineItemID": "l1"}],
            "Total": 20,
        }
    )
    core.xero.refuse["1001"] = ("Invoice # must be unique.",)


def test_a_number_that_exists_for_the_same_contact_is_adopted(core):
    known_contact(core)
    taken_number(core, core.record("Contact", "u1").xero_id)
    core.feed(order_completed("1001"))
    assert core.deliver()["delivered"] == 1
    assert [call.method for call in core.xero.calls] == ["PUT", "GET"]
    assert core.record("Invoice", "1001").xero_id == "theirs"
    assert len(core.letters) == 0


def test_a_number_that_exists_for_another_contact_is_for_a_person(core):
    known_contact(core)
    taken_number(core, "somebody else")
    core.feed(order_completed("1001"))
    core.deliver()
    record = core.record("Invoice", "1001")
    assert (record.disposition, record.stuck) == ("parked", True)
    assert record.reason == (
        "a document of another contact has its number in Xero; give that one another number (policy number_taken)"
    )
    assert len(core.letters) == 0
    assert core.record("Invoice", "1001").xero_id == ""
    assert len(core.xero.writes) == 1


def test_a_number_that_exists_but_is_not_shown_is_for_a_person(core):
    known_contact(core)
    core.xero.refuse["1001"] = ("Invoice # must be unique.",)
    core.feed(order_completed("1001"))
    core.deliver()
    (letter,) = core.letters
    assert letter.message == "Xero says that Invoice 1001 exists, but does not show it; look there for it"


def test_a_total_that_differs_after_the_write_is_delivered_and_a_person_is_told(core):
    known_contact(core)
    core.feed(order_completed("1001"))
    core.xero.then(
        lambda request: {
            "Invoices": [
                {**request.body["Invoices"][0], "InvoiceID": "i1", "Total": 20.01, "StatusAttributeString": "OK"}
            ]
        }
    )
    assert core.deliver() == {"delivered": 1}
    (letter,) = core.letters
    assert letter.message == "Invoice 1001 is in Xero, but: Xero's total is 20.01, the order's is 20.00"
    assert letter.next_step == "correct the record in Xero or the data at its source, then discard this letter"
    assert disposition(core, "Invoice", "1001") == "delivered"
    assert core.record("Invoice", "1001").xero_id == "i1"


def test_an_answer_that_dropped_data_is_delivered_and_a_person_is_told(core):
    core.feed(identify("u1", name="Ann"))
    core.xero.then(
        {"Contacts": []},
        {
            "Contacts": [
                {
                    "ContactID": "c1",
                    "ContactNumber": "u1",
                    "StatusAttributeString": "WARNING",
                    "Warnings": [{"Message": "The account code was removed."}],
                }
            ]
        },
    )
    assert core.deliver() == {"delivered": 1}
    assert [letter.message for letter in core.letters] == ["Contact u1 is in Xero, but: The account code was removed."]


# Dependencies.


def test_an_invoice_waits_for_its_contact_and_goes_when_it_is_there(core):
    core.feed(order_completed("1001"))
    core.turn("invoices")
    assert core.stored("Invoice", "1001")["reason"] == "waits for Contact u1"
    assert core.outbox.parked(ORG, "invoices") == 1
    assert core.xero.calls == []
    core.store.delete("invoices", keys.awake(ORG, "invoices"))
    core.deliver("contacts")
    assert core.store.llen("invoices") == 1  # freed and woken
    core.deliver("invoices")
    assert core.xero.invoices[0]["Contact"] == {"ContactID": core.record("Contact", "u1").xero_id}


def test_an_invoice_whose_contact_needs_a_person_says_so_and_goes_once_it_is_repaired(core):
    core.feed(identify("u1", name="Ann", firstName="x" * 256), order_completed("1001"))
    core.deliver()
    reason = core.stored("Invoice", "1001")["reason"]
    assert reason.startswith("waits for Contact u1, which needs a person: PermanentError: Xero would refuse")
    assert core.outbox.parked(ORG, "invoices") == 1
    core.feed(identify("u1", "2026-11-20T00:00:00Z", firstName="Ann"))
    core.deliver()
    assert len(core.xero.invoices) == 1
    assert disposition(core, "Invoice", "1001") == "delivered"


def test_a_contact_without_its_mistyped_email_is_in_xero_and_a_person_is_told_once(core):
    core.feed(identify("u1", name="Ann", email="not an address"), order_completed("1001"))
    core.deliver()
    assert disposition(core, "Contact", "u1") == "delivered"
    assert disposition(core, "Invoice", "1001") == "delivered"
    (letter,) = core.letters
    assert (
        letter.message
        == "Contact u1 is in Xero, but: its e-mail address is not one that Xero takes, so it was left out"
    )


def test_labels_are_created_before_the_line_that_names_them(core):
    core.feed(order_completed("1001", affiliation="Web"))
    core.deliver()
    assert [category["Name"] for category in core.xero.categories] == ["Sales channel"]
    assert core.xero.invoices[0]["LineItems"][0]["Tracking"] == [{"Name": "Sales channel", "Option": "Web"}]
    assert len([call for call in core.xero.writes if "Invoices" in (call.body or {})]) == 1


def test_a_label_that_xero_has_in_other_letters_is_named_as_xero_spells_it(core):
    core.xero.categories.append(
        {
            "TrackingCategoryID": "cat",
            "Name": "SALES CHANNEL",
            "Status": "ACTIVE",
            "Options": [{"TrackingOptionID": "opt", "Name": "WEB", "Status": "ACTIVE"}],
        }
    )
    core.feed(order_completed("1001", affiliation="Web"))
    core.deliver()
    assert core.xero.invoices[0]["LineItems"][0]["Tracking"] == [{"Name": "SALES CHANNEL", "Option": "WEB"}]
    assert {call.path for call in core.xero.writes} == {"/Contacts", "/Invoices"}


def category(name):
    return {"TrackingCategoryID": f"id-{name}", "Name": name, "Status": "ACTIVE", "Options": []}


def test_an_invoice_goes_without_a_label_that_needs_a_person_and_is_updated_when_it_comes(core):
    core.xero.categories += [category("Region"), category("Team")]
    core.feed(order_completed("1001", affiliation="Web"))
    core.deliver()
    assert disposition(core, "TrackingCategory", "Sales channel") == "parked"
    assert core.stored("TrackingCategory", "Sales channel")["reason"].startswith("Xero allows 2 active tracking")
    assert len(core.xero.categories) == 2
    assert disposition(core, "Invoice", "1001") == "delivered"
    assert "Tracking" not in core.xero.invoices[0]["LineItems"][0]
    # A person archives one of the two.
    core.xero.categories.pop()
    for ref in ("TrackingCategory|Sales channel", "TrackingOption|Sales channel: Web"):
        core.outbox.put(ORG, "tracking", ref)
    core.deliver()
    assert core.xero.invoices[0]["LineItems"][0]["Tracking"] == [{"Name": "Sales channel", "Option": "Web"}]
    assert len(core.xero.invoices) == 1
    assert len(core.xero.invoices[0]["LineItems"]) == 1


def test_an_option_is_looked_for_before_it_is_created_and_only_one_a_call(core):
    known_contact(core)
    core.feed(*(order_completed(str(number), affiliation=f"Shop {number}") for number in range(1001, 1004)))
    core.deliver("tracking")
    assert [call.method for call in core.xero.calls] == ["GET", "PUT"] * 4
    assert sorted(option["Name"] for option in core.xero.categories[0]["Options"]) == [
        "Shop 1001",
        "Shop 1002",
        "Shop 1003",
    ]


def test_a_row_that_is_added_to_a_table_frees_the_order_that_waits_for_it(core):
    known_contact(core)
    core.feed(order_completed("1001", tax=3.17, total=23.17))
    core.deliver()
    assert "None of your tax rates makes 3.17" in core.stored("Invoice", "1001")["reason"]
    core.mappings.tables["tax_rows"]["NZ standard of new goods"] = "15.85 TAX001"
    try:
        core.outbox.free_parked(ORG, "invoices", "new version")
        core.deliver()
    finally:
        del core.mappings.tables["tax_rows"]["NZ standard of new goods"]
    assert core.xero.invoices[0]["LineItems"][0]["TaxAmount"] == core.record("Invoice", "1001").fields["Tax"]


# Replay.


def test_a_replayed_record_is_tried_again_and_keeps_what_was_right(core):
    from segxero.oversight.replay import Replay

    core.feed(*people(2))
    core.xero.refuse["u2"] = ("Email address must be valid.",)
    core.deliver()
    (letter,) = core.letters
    core.xero.refuse.clear()
    replay = Replay(core.store, core.inbox, core.outbox, core.letters, FixedMappings(core.mappings))
    assert replay.replay(letter)
    assert len(core.letters) == 0
    core.store.delete(keys.INBOX_WAITING)
    core.deliver()
    assert disposition(core, "Contact", "u2") == "delivered"
    assert len(core.xero.contacts) == 2


def test_errors_of_the_core_are_permanent_or_not_as_the_design_says():
    assert issubclass(MappingError, PermanentError)
    assert issubclass(BudgetError, RetryableError)
    assert issubclass(UncertainError, RetryableError)
