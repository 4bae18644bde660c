"""Each policy and choice against the sandbox: what is in Xero, by which calls, and what goes on by itself when."""

from decimal import Decimal

import pytest

from segxero.store import keys
from tests.support.set_ups.core import ORG, Core, earlier_mappings, identify, order_completed
from tests.support.set_ups.policies import let_time_pass, with_policies
from tests.support.xero.sandbox import SandboxXero

D = Decimal
LATER, LAST = "2026-11-01T11:00:00Z", "2026-11-01T12:00:00Z"
LOCKED_UNTIL = "2026-11-10"


@pytest.fixture
def play(redis_store):
    """Return a maker of cores whose organisation has chosen the policies given."""

    def make(tables=None, **policies):
        mappings = with_policies(earlier_mappings(), tables, **policies)
        return Core(store=redis_store, xero=SandboxXero(), mappings=mappings)

    return make


def control(core, **settings):
    reply = core.xero.sandbox.control("POST", "settings", settings)
    assert reply.status == 200, reply.text


def desk(core, contact, **changes):
    body = {"contacts": [{"ContactID": contact["ContactID"], **changes}]}
    assert core.xero.sandbox.control("POST", "contacts", body).status == 201


def fresh_calls(core):
    """Return the writes and reads since the last question, without the reading of all contacts."""
    made = [f"{one.method} {one.path.split('/')[-1]}" for one in core.xero.calls if "summaryOnly" not in one.params]
    core.xero.calls.clear()
    return made


def look(core):
    """Let an hour pass: what is held is looked at, and all that follows is done."""
    let_time_pass(core.store)
    looked = core.retry_groups.retry(ORG)
    core.deliver()
    return looked


def standing(core, name, key):
    record = core.record(name, key)
    return record.disposition, record.reason, record.stuck


def waits(core, sentence, policy, said=""):
    says = f". Xero says: {said}" if said else ""
    return "parked", f"{sentence} (policy {policy}){says}", True


def invoices(core):
    return {one["InvoiceNumber"]: one for one in core.xero.books["Invoices"]}


def invoice_of(core, number="1001"):
    return invoices(core)[number]


def day(invoice, name="Date"):
    return invoice[f"{name}String"][:10]


# Lock dates.

LOCKED = (
    "the books are locked for its date; move the lock date in Xero",
    "lock_date",
    "The document date cannot be before the period lock date, currently set at 10 November 2026.",
)


@pytest.mark.parametrize("event", [{}, {"currency": "EUR"}])
def test_a_document_of_a_locked_period_waits_and_goes_on_by_itself_once_the_lock_date_is_moved(play, event):
    core = play()
    control(core, period_lock_date=LOCKED_UNTIL)
    core.feed(order_completed("1001", **event))
    core.deliver()
    assert standing(core, "Invoice", "1001") == waits(core, *LOCKED)
    assert fresh_calls(core) == ["POST Contacts", "PUT Invoices"]
    assert core.deliver() == {}
    assert core.retry_groups.retry(ORG) == 0
    assert fresh_calls(core) == []
    assert look(core) == 1
    assert fresh_calls(core) == ["PUT Invoices"]
    assert standing(core, "Invoice", "1001") == waits(core, *LOCKED)
    control(core, period_lock_date=None)
    assert look(core) == 1
    assert fresh_calls(core) == ["PUT Invoices"]
    assert day(invoice_of(core)) == "2026-11-01"
    assert len(core.letters) == 0


def test_one_call_looks_for_all_that_wait_and_when_xero_takes_one_all_go_out(play):
    core = play()
    control(core, period_lock_date=LOCKED_UNTIL)
    core.feed(*(order_completed(f"{number}") for number in range(1000, 1090)))
    core.deliver()
    assert fresh_calls(core) == ["POST Contacts", "PUT Invoices", "PUT Invoices"]
    assert look(core) == 40
    assert fresh_calls(core) == ["PUT Invoices"]
    control(core, period_lock_date=None)
    assert look(core) == 40
    assert fresh_calls(core) == ["PUT Invoices", "PUT Invoices"]
    assert len(invoices(core)) == 90


def test_a_record_that_is_looked_at_stays_parked_meanwhile_so_that_nobody_is_told_that_it_works_again(play):
    core = play()
    control(core, period_lock_date=LOCKED_UNTIL)
    core.feed(order_completed("1001"))
    core.deliver()
    let_time_pass(core.store)
    core.retry_groups.retry(ORG)
    assert core.is_due("invoices")
    assert core.outbox.parked(ORG, "invoices") == 1


@pytest.mark.parametrize(
    ("locks", "booked", "due"),
    [
        ({"period_lock_date": LOCKED_UNTIL}, "2026-11-11", "2026-11-15"),
        ({"period_lock_date": LOCKED_UNTIL, "end_of_year_lock_date": "2026-11-19"}, "2026-11-20", "2026-11-20"),
        ({"period_lock_date": "2026-10-30", "end_of_year_lock_date": None}, "2026-11-01", "2026-11-15"),
    ],
)
def test_a_new_document_is_dated_the_first_open_day_and_says_its_own_date(play, locks, booked, due):
    core = play(lock_date="first_open_day")
    control(core, **locks)
    core.feed(order_completed("1001"))
    core.deliver()
    invoice = invoice_of(core)
    assert (day(invoice), day(invoice, "DueDate"), invoice["Total"]) == (booked, due, D("20.00"))
    (line,) = invoice["LineItems"]
    moved = booked != "2026-11-01"
    assert line["Description"] == ("Mug (ordered 2026-11-01)" if moved else "Mug")
    asked = ["GET Organisation", "PUT Invoices"] if moved else []
    assert fresh_calls(core) == ["POST Contacts", "PUT Invoices", *asked]


def test_a_moved_invoice_keeps_its_day_when_its_order_changes_and_the_lock_date_does(play):
    core = play(lock_date="first_open_day")
    control(core, period_lock_date=LOCKED_UNTIL)
    core.feed(order_completed("1001"))
    core.deliver()
    control(core, period_lock_date="2026-09-30")
    core.feed(order_completed("1001", time=LATER, total=25, shipping=5))
    core.deliver()
    invoice = invoice_of(core)
    assert (day(invoice), invoice["Total"]) == ("2026-11-11", D("25.00"))
    assert invoice["LineItems"][0]["Description"] == "Mug (ordered 2026-11-01)"


def test_what_is_known_of_the_lock_dates_is_read_again_when_xero_refuses_the_day_too(play):
    core = play(lock_date="first_open_day")
    control(core, period_lock_date=LOCKED_UNTIL)
    core.feed(order_completed("1001"))
    core.deliver()
    fresh_calls(core)
    control(core, period_lock_date="2026-11-15")
    core.feed(order_completed("1002"))
    core.deliver()
    assert fresh_calls(core) == ["PUT Invoices", "PUT Invoices", "GET Organisation", "PUT Invoices"]
    assert day(invoice_of(core, "1002")) == "2026-11-16"


def test_an_invoice_that_xero_has_in_a_locked_period_is_not_moved_and_its_change_waits(play):
    core = play(lock_date="first_open_day")
    core.feed(order_completed("1001"))
    core.deliver()
    control(core, period_lock_date=LOCKED_UNTIL)
    core.feed(order_completed("1001", time=LATER, total=25, shipping=5))
    core.deliver()
    assert standing(core, "Invoice", "1001") == waits(core, *LOCKED)
    assert (day(invoice_of(core)), invoice_of(core)["Total"]) == ("2026-11-01", D("20.00"))
    control(core, period_lock_date=None)
    look(core)
    assert invoice_of(core)["Total"] == D("25.00")


def test_a_refund_of_a_locked_period_is_moved_too(play):
    core = play(lock_date="first_open_day")
    core.feed(order_completed("1001"))
    core.deliver()
    control(core, period_lock_date=LOCKED_UNTIL)
    event = {"type": "track", "event": "Order Refunded", "userId": "u1", "timestamp": "2026-11-02T10:00:00Z"}
    core.feed({**event, "properties": {"order_id": "1001"}})
    core.deliver()
    (note,) = core.xero.books["CreditNotes"]
    assert (note["DateString"][:10], note["RemainingCredit"]) == ("2026-11-11", D("0.00"))
    assert note["LineItems"][0]["Description"] == "Mug (refunded 2026-11-02)"


# Paid invoices.

SETTLED = "This document cannot be edited as it has a payment or credit note allocated to it."
CLOSED = "Invoice not of valid status for modification"
IS_PAID = ("its invoice is paid or credited; take that off in Xero, or correct the order at its source", "paid_invoice")


def pay(core, amount):
    body = {
        "Invoice": {"InvoiceID": invoice_of(core)["InvoiceID"]},
        "Account": {"Code": "090"},
        "Amount": amount,
        "Date": "2026-11-20",
    }
    return core.xero.sandbox.put("Payments", body).only("Payments")["PaymentID"]


def changed(**changes):
    properties = {"total": 25, "shipping": 5, **changes}
    return order_completed("1001", time=LATER, **properties)


@pytest.mark.parametrize(("paid", "said"), [(5, SETTLED), (20, CLOSED)])
def test_a_change_of_a_paid_order_waits_until_the_payment_is_taken_off(play, paid, said):
    core = play()
    core.feed(order_completed("1001"))
    core.deliver()
    payment = pay(core, paid)
    fresh_calls(core)
    core.feed(changed())
    core.deliver()
    assert standing(core, "Invoice", "1001") == waits(core, *IS_PAID, said)
    assert fresh_calls(core) == ["POST Invoices"]
    assert (look(core), fresh_calls(core)) == (1, ["POST Invoices"])
    core.xero.sandbox.post(f"Payments/{payment}", {"Status": "DELETED"})
    look(core)
    assert fresh_calls(core) == ["POST Invoices"]
    assert invoice_of(core)["Total"] == D("25.00")
    assert len(core.letters) == 0


def test_an_order_that_is_again_as_xero_has_it_waits_no_more_and_costs_no_call(play):
    core = play()
    core.feed(order_completed("1001"))
    core.deliver()
    pay(core, 20)
    core.feed(changed())
    core.deliver()
    fresh_calls(core)
    core.feed(order_completed("1001", time=LAST, total=20, shipping=0))
    core.deliver()
    assert standing(core, "Invoice", "1001") == ("unchanged", "", False)
    assert fresh_calls(core) == []


def test_a_voided_invoice_is_no_paid_one(play):
    core = play()
    core.feed(order_completed("1001"))
    core.deliver()
    core.xero.sandbox.post(f"Invoices/{invoice_of(core)['InvoiceID']}", {"Status": "VOIDED"})
    core.feed(changed())
    core.deliver()
    (letter,) = core.letters
    assert letter.sentences == (CLOSED,)


@pytest.mark.parametrize("paid", [5, 20])
def test_xero_stays_as_it_is_and_a_person_is_told_once_what_differs(play, paid):
    core = play(paid_invoice="keep")
    core.feed(order_completed("1001"))
    core.deliver()
    pay(core, paid)
    fresh_calls(core)
    core.feed(changed())
    core.deliver()
    core.feed(changed())
    core.deliver()
    assert fresh_calls(core) == ["POST Invoices"]
    assert invoice_of(core)["Total"] == D("20.00")
    (letter,) = core.letters
    assert letter.message == (
        "Invoice 1001 is paid or credited in Xero and stays as it is there, with 20.00;"
        " the order has changed since and comes to 25.00"
    )
    assert letter.next_step == "correct the record in Xero or the data at its source, then discard this letter"
    assert core.record("Invoice", "1001").disposition == "unchanged"


@pytest.mark.parametrize("paid", [5, 20])
def test_only_what_xero_lets_change_is_changed_and_a_person_is_told_the_rest(play, paid):
    core = play(paid_invoice="allowed")
    core.feed(order_completed("1001"))
    core.deliver()
    pay(core, paid)
    fresh_calls(core)
    core.feed(changed(due_date="2026-12-24"))
    core.feed({**changed(), "context": {"page": {}}})
    core.deliver()
    assert fresh_calls(core) == ["POST Invoices", "POST Invoices"]
    assert invoice_of(core)["Total"] == D("20.00")
    (letter,) = core.letters
    assert letter.message == (
        "Invoice 1001 is in Xero, but: it is paid or credited, so its lines stay as they were, with 20.00;"
        " the order has changed and comes to 25.00"
    )
    assert core.record("Invoice", "1001").disposition == "delivered"


def test_an_allowed_change_alone_tells_nobody(play):
    core = play(paid_invoice="allowed")
    core.feed(order_completed("1001"))
    core.deliver()
    pay(core, 20)
    core.feed(order_completed("1001", time=LATER))
    core.store.hdel(keys.record(ORG, "Invoice|1001"), "delivered")
    core.deliver()
    assert len(core.letters) == 0
    assert core.record("Invoice", "1001").disposition == "delivered"


# Archived contacts.

IS_ARCHIVED = ("the contact is archived in Xero; restore it there", "archived_contact")


def archived(core):
    core.feed(identify("u1", name="Ann Lee", email="ann@example.com"))
    core.deliver()
    (contact,) = core.xero.books["Contacts"]
    desk(core, contact, ContactStatus="ARCHIVED")
    fresh_calls(core)
    core.feed(order_completed("1001"))
    core.deliver()
    return contact


def test_an_archived_contact_waits_with_its_order_and_goes_on_by_itself_once_it_is_restored(play):
    core = play()
    contact = archived(core)
    assert standing(core, "Contact", "u1") == waits(core, *IS_ARCHIVED)
    assert fresh_calls(core) == ["PUT Invoices", "GET Contacts"]
    assert (look(core), fresh_calls(core)) == (1, ["GET Contacts"])
    desk(core, contact, ContactStatus="ACTIVE")
    look(core)
    assert invoice_of(core)["Contact"]["ContactID"] == contact["ContactID"]
    assert len(core.xero.books["Contacts"]) == 1


def test_a_new_contact_takes_the_place_of_an_archived_one(play):
    core = play(archived_contact="new")
    contact = archived(core)
    assert fresh_calls(core) == ["PUT Invoices", "GET Contacts", "GET Contacts", "POST Contacts", "PUT Invoices"]
    found = {one["ContactNumber"]: one for one in core.xero.books["Contacts"]}
    assert found["u1"]["ContactStatus"] == "ARCHIVED"
    assert found["u1"]["ContactID"] == contact["ContactID"]
    assert (found["u1/2"]["Name"], found["u1/2"]["EmailAddress"]) == ("Ann Lee", "ann@example.com")
    assert invoice_of(core)["Contact"]["ContactID"] == found["u1/2"]["ContactID"]
    core.feed(identify("u1", time=LATER, name="Ann Leeds"))
    core.deliver()
    assert {one["Name"] for one in core.xero.books["Contacts"]} == {"Ann Lee", "Ann Leeds"}


def test_the_new_contact_is_found_again_when_redis_knows_nothing_of_it(play):
    core = play(archived_contact="new")
    archived(core)
    core.store.flushdb()
    core.feed(identify("u1", time=LATER, name="Ann Lee", email="new@example.com"))
    core.deliver()
    found = {one["ContactNumber"]: one["EmailAddress"] for one in core.xero.books["Contacts"]}
    assert found == {"u1": "ann@example.com", "u1/2": "new@example.com"}


def test_a_contact_that_is_to_be_forgotten_is_not_made_anew(play):
    core = play(archived_contact="new")
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    (contact,) = core.xero.books["Contacts"]
    desk(core, contact, ContactStatus="ARCHIVED")
    core.feed(identify("u1", time=LATER, name="Ann Leeds"))
    core.turn("contacts")
    desk(core, contact, ContactStatus="GDPRREQUEST")
    core.deliver()
    assert standing(core, "Contact", "u1") == ("parked", "the contact is closed in Xero; open it there again", True)
    assert len(core.xero.books["Contacts"]) == 1


# Numbers that are taken.

IS_TAKEN = ("a document of another contact has its number in Xero; give that one another number", "number_taken")


def stranger(core, number="1001", amount="7"):
    body = {
        "Type": "ACCREC",
        "Contact": {"Name": "Somebody Else"},
        "Status": "AUTHORISED",
        "Date": "2026-11-01",
        "DueDate": "2026-11-15",
        "InvoiceNumber": number,
        "LineItems": [{"Description": "Old", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}],
    }
    return core.xero.sandbox.put("Invoices", {"Invoices": [body]}).only("Invoices")


def test_a_number_that_is_taken_waits_until_the_other_document_has_another(play):
    core = play()
    other = stranger(core)
    core.feed(order_completed("1001"))
    core.deliver()
    assert standing(core, "Invoice", "1001") == waits(core, *IS_TAKEN)
    assert fresh_calls(core) == ["POST Contacts", "PUT Invoices", "GET Invoices"]
    assert (look(core), fresh_calls(core)) == (1, ["GET Invoices"])
    core.xero.sandbox.post(f"Invoices/{other['InvoiceID']}", {"InvoiceNumber": "OLD-1"})
    look(core)
    assert fresh_calls(core) == ["GET Invoices", "PUT Invoices"]
    assert {number: one["Total"] for number, one in invoices(core).items()} == {
        "OLD-1": D("8.05"),
        "1001": D("20.00"),
    }
    assert len(core.letters) == 0


def test_a_document_gets_the_next_number_behind_its_own_and_is_found_again_under_it(play):
    core = play(number_taken="suffix")
    stranger(core)
    stranger(core, "1001/2")
    core.feed(order_completed("1001"))
    core.deliver()
    assert invoice_of(core, "1001/3")["Total"] == D("20.00")
    assert fresh_calls(core).count("PUT Invoices") == 2
    core.store.flushdb()
    core.feed(order_completed("1001", time=LATER, total=25, shipping=5))
    core.deliver()
    assert {number: one["Total"] for number, one in invoices(core).items()} == {
        "1001": D("8.05"),
        "1001/2": D("8.05"),
        "1001/3": D("25.00"),
    }
    assert len(core.letters) == 0


def test_a_document_that_may_be_ours_after_all_gets_no_second_number(play):
    core = play(number_taken="suffix")
    stranger(core, amount="17.39")
    core.feed(order_completed("1001"))
    core.deliver()
    assert invoice_of(core)["Total"] == D("20.00")
    assert standing(core, "Invoice", "1001") == waits(core, *IS_TAKEN)
    assert len(invoices(core)) == 1


# Currencies.

IS_OFF = (
    "the organisation does not have its currency; add it in Xero",
    "currency_off",
    "Organisation is not subscribed to currency EUR",
)


def test_an_order_in_a_currency_that_is_off_waits_and_the_next_one_costs_no_call(play):
    core = play()
    control(core, currencies=["USD"])
    core.feed(order_completed("1001", currency="EUR"))
    core.deliver()
    assert standing(core, "Invoice", "1001") == waits(core, *IS_OFF)
    assert fresh_calls(core) == ["POST Contacts", "PUT Invoices"]
    core.feed(order_completed("1002", currency="EUR"), order_completed("1003", currency="USD"))
    core.deliver()
    assert standing(core, "Invoice", "1002") == waits(core, *IS_OFF)
    assert fresh_calls(core) == ["PUT Invoices"]
    assert invoices(core).keys() == {"1003"}
    assert (look(core), fresh_calls(core)) == (2, ["PUT Invoices"])
    control(core, currencies=["USD", "EUR"])
    look(core)
    assert {number: one["CurrencyCode"] for number, one in invoices(core).items()} == {
        "1001": "EUR",
        "1002": "EUR",
        "1003": "USD",
    }


def test_what_a_person_frees_is_sent_although_its_kind_is_shut_and_takes_the_others_along(play):
    core = play()
    control(core, currencies=["USD"])
    core.feed(order_completed("1001", currency="EUR"), order_completed("1002", currency="EUR"))
    core.deliver()
    fresh_calls(core)
    core.outbox.free(ORG, "invoices", "Invoice|1002")
    core.deliver()
    assert fresh_calls(core) == ["PUT Invoices"]
    control(core, currencies=["EUR"])
    core.outbox.free(ORG, "invoices", "Invoice|1002")
    core.deliver()
    assert invoices(core).keys() == {"1001", "1002"}


def test_another_choice_counts_for_what_waits(play):
    core = play()
    control(core, currencies=["USD"])
    core.feed(order_completed("1001", currency="EUR"))
    core.deliver()
    fresh_calls(core)
    changed_mind = Core(store=core.store, xero=core.xero, mappings=play(currency_off="add").mappings)
    changed_mind.outbox.free_parked(ORG, "invoices", "a newer version")
    changed_mind.deliver()
    assert fresh_calls(core) == ["PUT Invoices", "PUT Currencies", "PUT Invoices"]


def test_the_currency_is_added_also_when_xero_refuses_the_call_as_a_whole(play):
    core = play(currency_off="add")
    control(core, currencies=["USD"])
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    fresh_calls(core)
    core.feed(order_completed("1001", currency="EUR"))
    core.xero.refusals.append(
        {"Elements": [{"ValidationErrors": [{"Message": IS_OFF[2]}]}], "Type": "ValidationException"}
    )
    core.deliver()
    assert fresh_calls(core) == ["PUT Invoices", "PUT Currencies", "PUT Invoices"]
    assert invoice_of(core)["CurrencyCode"] == "EUR"


def test_the_currency_is_added_once_and_the_orders_go_on(play):
    core = play(currency_off="add")
    control(core, currencies=["USD"])
    core.feed(*(order_completed(f"{number}", currency="EUR") for number in range(1001, 1004)))
    core.deliver()
    assert fresh_calls(core) == ["POST Contacts", "PUT Invoices", "PUT Currencies", "PUT Invoices"]
    assert {one["CurrencyCode"] for one in invoices(core).values()} == {"EUR"}
    assert core.retry_groups.find_shut(ORG) == {}


def test_a_currency_that_xero_does_not_add_is_tried_three_times_and_then_waited_for(play):
    core = play(currency_off="add")
    control(core, currencies=["USD"])
    core.xero.sandbox.fault(match={"path": "Currencies"}, status=400, times=0)
    core.feed(order_completed("1001", currency="EUR"))
    core.deliver()
    assert standing(core, "Invoice", "1001") == waits(core, *IS_OFF)
    assert fresh_calls(core).count("PUT Currencies") == 3


# Plan limits.

AT_THE_LIMIT = (
    "the plan takes no more invoices; change it in Xero, or wait for the next month",
    "plan_limit",
    "You have reached the limit of invoices you can approve",
)


def test_what_the_plan_does_not_take_waits_a_day_without_a_call_and_then_goes_on(play):
    core = play()
    control(core, approvals_left=2)
    core.feed(*(order_completed(f"{number}") for number in range(1001, 1006)))
    core.deliver()
    assert fresh_calls(core) == ["POST Contacts", "PUT Invoices"]
    assert invoices(core).keys() == {"1001", "1002"}
    core.feed(order_completed("1006"))
    core.deliver()
    for number in range(1003, 1007):
        assert standing(core, "Invoice", f"{number}") == waits(core, *AT_THE_LIMIT)
    assert fresh_calls(core) == []
    assert (look(core), fresh_calls(core)) == (4, ["PUT Invoices"])
    control(core, approvals_left=3)
    assert (look(core), fresh_calls(core)) == (4, ["PUT Invoices"])
    assert len(invoices(core)) == 5
    core.feed(order_completed("1007"))
    core.deliver()
    assert fresh_calls(core) == []
    control(core, approvals_left=None)
    look(core)
    assert len(invoices(core)) == 7
    assert len(core.letters) == 0


def test_a_call_that_is_refused_as_a_whole_is_not_halved(play):
    core = play()
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    fresh_calls(core)
    core.feed(*(order_completed(f"{number}") for number in range(1001, 1009)))
    said = {"Elements": [{"ValidationErrors": [{"Message": AT_THE_LIMIT[2]}]}], "Type": "ValidationException"}
    core.xero.refusals.append(said)
    core.deliver()
    assert fresh_calls(core) == ["PUT Invoices"]
    assert {standing(core, "Invoice", f"{number}") for number in range(1001, 1009)} == {waits(core, *AT_THE_LIMIT)}


# A cent off.


@pytest.mark.parametrize(("total", "off"), [("20.02", "0.02"), ("19.99", "-0.01")])
def test_a_cent_or_two_are_made_up_by_a_line_of_their_own_and_credited_with_the_order(play, total, off):
    core = play(tables={"accounts": {"rounding": "260"}}, cent_off="rounding_line")
    core.feed(order_completed("1001", total=total))
    core.deliver()
    invoice = invoice_of(core)
    assert (invoice["Total"], invoice["TotalTax"]) == (D(total), D("0.00"))
    line = invoice["LineItems"][-1]
    assert [line[name] for name in ("Description", "LineAmount", "AccountCode", "TaxType")] == [
        "Rounding",
        D(off),
        "260",
        "NONE",
    ]
    event = {"type": "track", "event": "Order Refunded", "userId": "u1", "timestamp": LATER}
    core.feed({**event, "properties": {"order_id": "1001"}})
    core.deliver()
    assert invoice_of(core)["AmountDue"] == D("0.00")


def test_three_cents_are_no_rounding(play):
    core = play(tables={"accounts": {"rounding": "260"}}, cent_off="rounding_line")
    core.feed(order_completed("1001", total="20.03"))
    core.deliver()
    assert core.record("Invoice", "1001").reason.startswith("the sums disagree")
    assert invoices(core) == {}
