"""Fifty organisations with forty invoices each, whose answers are prescribed: final states and calls must be, too.

The expected values come from a state machine that is written here from DESIGN, "Failure, by what happens next", and
shares no code with what it judges.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random

import pytest

from segxero.errors import RetryableError
from segxero.store import keys
from segxero.store.client import connect
from segxero.xero.api.budget import BudgetError
from segxero.xero.api.client import XeroClient
from tests.support.processes.http_server import HttpServer
from tests.support.set_ups.core import order_completed
from tests.support.set_ups.many_organisations import feed, services_of
from tests.support.xero.scripted_invoices import (
    AFTER,
    BEFORE,
    COMMITTED,
    LIMITED,
    LOST,
    OF_CALLS,
    OK,
    PASSES,
    REFUSED,
    TIME_OUT,
    ScriptedInvoices,
    organisation_of,
)
from tests.support.xero.server import API_PATH, TOKEN_PATH, TokenEndpoint

ORGANISATIONS, RECORDS = 50, 40
MOST_TURNS = 200
IN_A_CALL, IN_A_LOOK = 50, 40
GIVES_UP = 3.0  # seconds after which the client does not wait any more; a busy machine answers within them
SLOW = 3.5
WEIGHTS = {LIMITED: 4, BEFORE: 4, AFTER: 4, LOST: 4, TIME_OUT: 1}  # a time-out takes its time
AT_ONCE = 10  # organisations


@dataclass
class Expected:
    states: dict[str, str]
    writes: int = 0
    looks: int = 0


def scripts(seed):
    """Prescribe what each record meets; the last thing is always the one that it stays with."""
    random, of_calls = Random(seed), (tuple(WEIGHTS), tuple(WEIGHTS.values()))
    found = {}
    for organisation in range(ORGANISATIONS):
        for record in range(RECORDS):
            met = random.choices((OK, PASSES, REFUSED, "of its call"), (60, 15, 10, 15))[0]
            script = random.choices(*of_calls) if met == "of its call" else [PASSES] * random.randint(1, 3)
            script = [] if met == OK else [REFUSED] if met == REFUSED else script
            if met != OK and random.random() < 0.2:
                script = [*random.choices(*of_calls), *script]
            found[f"o{organisation:02}-{record:02}"] = script
    return found


def expected(prescribed):
    """Play the records of one organisation, as DESIGN says it, until each is at its end."""
    left = {number: list(script) for number, script in prescribed.items()}
    result = Expected(states=dict.fromkeys(left, "pending"))
    uncertain, in_xero = set(), set()
    while pending := sorted(number for number, state in result.states.items() if state == "pending"):
        if uncertain:
            # Uncertain is looked up in Xero before anything is sent again: what is there is adopted.
            result.looks += 1
            for number in sorted(uncertain)[:IN_A_LOOK]:
                uncertain.discard(number)
                if number in in_xero:
                    result.states[number] = "delivered"
            continue
        result.writes += 1
        batch = pending[:IN_A_CALL]
        met = next((left[number].pop(0) for number in batch if left[number] and left[number][0] in OF_CALLS), OK)
        if met == LIMITED:
            continue
        answered = met == OK
        if not answered:
            uncertain |= set(batch)
        if answered or met in COMMITTED:
            for number in batch:
                of_element(number, left[number], in_xero, result.states if answered else {})
    return result


def of_element(number, script, in_xero, states):
    """Let Xero take one element, or not; write down what becomes of it where the answer is heard."""
    if script and script[0] == PASSES:
        script.pop(0)
    elif script and script[0] == REFUSED:
        states[number] = "dead"
    else:
        in_xero.add(number)
        states[number] = "delivered"


def let_time_pass(services, organisation, queue):
    """Everything that waits is due now: records, the queue's rest, Retry-After and the minute's calls."""
    store, outbox = services.redis, keys.outbox(organisation, queue)
    for ref in store.zrange(outbox, 0, -1):
        store.zadd(outbox, {ref: 0})
    prefix = keys.budget(organisation)
    store.delete(
        keys.breaker(organisation),
        keys.pause(organisation, queue),
        *(f"{prefix}:{name}" for name in ("calls", "leases", "state")),
    )


def deliver(services, deliverer, organisation, queue, calls):
    """Take turns until nothing waits; return the calls that were made too soon."""
    too_soon = 0
    for _ in range(MOST_TURNS):
        let_time_pass(services, organisation, queue)
        if not services.outbox.waiting(organisation, queue):
            return too_soon
        try:
            deliverer.turn(organisation, queue)
        except RetryableError:
            before = calls(organisation)
            with suppress(BudgetError):
                deliverer.turn(organisation, queue)
            too_soon += calls(organisation) - before
    raise AssertionError(f"after {MOST_TURNS} turns {organisation} still waits")


@pytest.fixture(scope="module")
def played(redis_url, tmp_path_factory):
    """Play all organisations and return what became of their records, and the calls that it took."""
    store = connect(redis_url)
    store.flushall()
    prescribed = scripts(4)
    xero = ScriptedInvoices({number: list(script) for number, script in prescribed.items()}, slow=SLOW)
    organisations = sorted({organisation_of(number) for number in prescribed})
    with HttpServer({TOKEN_PATH: TokenEndpoint(), API_PATH: xero}) as server, ThreadPoolExecutor(AT_ONCE) as pool:
        services = services_of(organisations, store, server.url)
        impatient = XeroClient(
            server.url, services.tokens, services.budget, services.counts, timeout=(GIVES_UP, GIVES_UP)
        )
        deliverer = replace(services.deliverer, xero=impatient)
        for number in prescribed:
            organisation = organisation_of(number)
            # All orders of an organisation have one customer.
            feed(services, organisation, order_completed(number, f"customer of {organisation}"), number)

        def calls(organisation):
            return xero.calls[organisation, "write"] + xero.calls[organisation, "look"]

        def of_organisation(organisation):
            deliver(services, deliverer, organisation, "contacts", calls)
            return deliver(services, deliverer, organisation, "invoices", calls)

        too_soon = sum(pool.map(of_organisation, organisations))
    states = {
        number: store.hget(keys.record(organisation_of(number), f"Invoice|{number}"), "disposition")
        for number in prescribed
    }
    letters = Counter(letter.key for letter in services.dead_letters)
    store.flushall()
    store.close()
    return {"prescribed": prescribed, "states": states, "xero": xero, "too soon": too_soon, "letters": letters}


@pytest.fixture(scope="module")
def wanted(played):
    """What the state machine makes of each organisation."""
    by_organisation = {}
    for number, script in played["prescribed"].items():
        by_organisation.setdefault(organisation_of(number), {})[number] = script
    return {organisation: expected(prescribed) for organisation, prescribed in by_organisation.items()}


def test_every_answer_is_prescribed_often(played):
    met = Counter(answer for script in played["prescribed"].values() for answer in script)

    assert set(met) == {LIMITED, BEFORE, AFTER, TIME_OUT, LOST, PASSES, REFUSED}
    assert min(met.values()) >= 20
    assert len(played["prescribed"]) == ORGANISATIONS * RECORDS


def test_every_record_ends_as_prescribed(played, wanted):
    assert played["states"] == {number: state for found in wanted.values() for number, state in found.states.items()}


def test_each_organisation_makes_exactly_the_calls_prescribed(played, wanted):
    calls = played["xero"].calls

    assert {name: (calls[name, "write"], calls[name, "look"]) for name in wanted} == {
        name: (found.writes, found.looks) for name, found in wanted.items()
    }


def test_xero_holds_what_was_delivered_and_nothing_else(played):
    delivered = {number for number, state in played["states"].items() if state == "delivered"}

    assert played["xero"].held.keys() == delivered


def test_each_dead_record_has_one_dead_letter(played):
    dead = [number for number, state in played["states"].items() if state == "dead"]

    assert played["letters"] == Counter(dead)
    assert len(dead) > ORGANISATIONS


def test_no_call_is_made_before_its_time(played):
    assert played["too soon"] == 0
