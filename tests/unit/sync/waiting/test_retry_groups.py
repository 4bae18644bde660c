"""Retry groups: when a group is tried again, what a try costs, and what is shut meanwhile."""

import pytest

from segxero import jsontext
from segxero.store import keys
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.results import Result, parked_in_group
from segxero.sync.waiting.retry_groups import DAY, HOUR, next_try_seconds
from tests.support.set_ups.core import ORG, order_completed
from tests.support.set_ups.policies import let_time_pass


@pytest.mark.parametrize(
    ("group", "lasted", "seconds"),
    [
        ("lock_date", 0, HOUR),
        ("lock_date", 8 * HOUR, HOUR),
        ("lock_date", 2 * DAY, 6 * HOUR),
        ("currency_off EUR", 30 * DAY, DAY),
        ("plan_limit", 0, DAY),
        ("plan_limit", 30 * DAY, DAY),
    ],
)
def test_the_longer_it_lasts_the_rarer_are_the_looks_and_a_plan_is_looked_at_once_a_day(group, lasted, seconds):
    assert next_try_seconds(group, lasted) == seconds


def test_a_month_of_waiting_costs_fewer_than_sixty_looks():
    at, looks = 0.0, 0
    while at < 30 * DAY:
        at, looks = at + next_try_seconds("lock_date", at), looks + 1
    assert looks == 57


def park(core, group, *numbers):
    """Park invoices with *group*, as Xero's refusal does."""
    core.feed(*(order_completed(number) for number in numbers))
    results = [parked_in_group(core.record("Invoice", number), group, f"{group} said so") for number in numbers]
    core.retry_groups.note(ORG, results)
    assert core.outbox.settle(ORG, "invoices", results) is not None


def groups(core):
    return {group: jsontext.loads(text) for group, text in core.store.hgetall(keys.retry_groups(ORG)).items()}


def test_a_look_takes_those_of_a_group_that_were_looked_at_longest_ago_and_the_next_comes_later(core):
    numbers = [f"{number}" for number in range(1000, 1100)]
    park(core, "paid_invoice", *numbers)
    for place, number in enumerate(numbers):
        core.store.hset(keys.record(ORG, f"Invoice|{number}"), "settled_at", 5000 - place)
    let_time_pass(core.store)
    assert core.retry_groups.retry(ORG) == 40
    due = set(core.outbox.due(ORG, "invoices", 100))
    assert due == {f"Invoice|{number}" for number in numbers[60:]}
    assert core.retry_groups.retry(ORG) == 0
    assert float(groups(core)["paid_invoice"]["look_at"]) > core.outbox.now() + HOUR - 60


def test_a_group_of_which_nothing_is_left_begins_anew(core):
    park(core, "lock_date", "1001")
    text = {**groups(core)["lock_date"], "since": "0"}
    core.store.hset(keys.retry_groups(ORG), "lock_date", jsontext.dumps(text))
    core.store.zrem(keys.parked(ORG, "invoices"), "Invoice|1001")
    let_time_pass(core.store)
    assert core.retry_groups.retry(ORG) == 0
    now = core.outbox.now()
    assert now - 60 < float(groups(core)["lock_date"]["since"]) <= now
    assert core.retry_groups.retry(ORG) == 0


def test_a_process_that_dies_while_it_parks_leaves_a_group_that_is_looked_at(core):
    core.feed(order_completed("1001"))
    results = [parked_in_group(core.record("Invoice", "1001"), "lock_date", "locked")]
    core.retry_groups.note(ORG, results)
    assert groups(core).keys() == {"lock_date"}
    let_time_pass(core.store)
    core.retry_groups.retry(ORG)
    core.outbox.settle(ORG, "invoices", results)
    let_time_pass(core.store)
    assert core.retry_groups.retry(ORG) == 1


def test_all_of_a_group_go_out_when_xero_takes_one_but_not_when_it_refuses_another_beside_it(core):
    park(core, "lock_date", "1001", "1002", "1003")
    one, other = core.record("Invoice", "1001"), core.record("Invoice", "1002")
    taken = Result(record=one, disposition=Disposition.DELIVERED)
    core.retry_groups.free(ORG, [taken, parked_in_group(other, "lock_date", "locked")])
    assert core.outbox.due(ORG, "invoices", 9) == []
    core.retry_groups.free(ORG, [Result(record=one, disposition=Disposition.UNCHANGED)])
    assert core.outbox.due(ORG, "invoices", 9) == []
    core.retry_groups.free(ORG, [taken])
    assert len(core.outbox.due(ORG, "invoices", 9)) == 3
    assert core.outbox.parked(ORG, "invoices") == 0


def test_one_invoice_that_is_no_longer_paid_says_nothing_of_the_others(core):
    park(core, "paid_invoice", "1001", "1002")
    core.retry_groups.free(ORG, [Result(record=core.record("Invoice", "1001"), disposition=Disposition.DELIVERED)])
    assert core.outbox.parked(ORG, "invoices") == 2


def test_only_what_is_known_beforehand_is_shut_and_open_while_a_look_is_under_way(core):
    for group in ("lock_date", "paid_invoice", "currency_off EUR", "plan_limit"):
        park(core, group, f"of {group}")
    assert core.retry_groups.find_shut(ORG) == {
        group: f"{group} said so" for group in ("currency_off EUR", "plan_limit")
    }
    let_time_pass(core.store)
    assert core.retry_groups.retry(ORG) == 4
    assert core.retry_groups.find_shut(ORG) == {}
    assert groups(core).keys() == {"lock_date", "paid_invoice", "currency_off EUR", "plan_limit"}


def test_a_record_that_is_parked_with_a_known_group_does_not_put_the_look_off(core):
    park(core, "lock_date", "1001")
    before = groups(core)
    park(core, "lock_date", "1002")
    assert groups(core) == before
