"""Promise 4, within the budget: counted in a real Redis, over threads, with Xero's headers as the truth."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from segxero.store import keys
from segxero.store.client import connect
from segxero.xero.api.budget import (
    CALLS_A_MINUTE,
    DAY_MILLISECONDS,
    IN_FLIGHT,
    LEASE_SECONDS,
    WINDOW_SECONDS,
    Budget,
    BudgetError,
    CallsLeft,
    Limits,
)

ORG = "main"
CALLS, LEASES, STATE = (f"{keys.budget(ORG)}:{name}" for name in ("calls", "leases", "state"))


@pytest.fixture
def budget(redis_store):
    return Budget(redis_store, 1000)


def now_ms(store):
    seconds, micros = store.time()
    return seconds * 1000 + micros // 1000


def spend(budget, number, limits=None):
    """Make *number* calls one after the other, each answered."""
    for _ in range(number):
        budget.observe(ORG, budget.acquire(ORG), limits or Limits())


def move_calls(store, milliseconds):
    """Let the calls so far have happened earlier."""
    for lease, score in store.zrange(CALLS, 0, -1, withscores=True):
        store.zadd(CALLS, {lease: score - milliseconds})


def refusal(budget, organisation=ORG):
    with pytest.raises(BudgetError) as caught:
        budget.acquire(organisation)
    return caught.value


def test_the_limits_are_xeros():
    assert (CALLS_A_MINUTE, IN_FLIGHT) == (60, 5)
    assert WINDOW_SECONDS >= 60
    assert LEASE_SECONDS == 90  # longer than the longest call of client.py


def test_sixty_calls_fit_into_a_window_and_no_more(budget):
    spend(budget, 60)
    error = refusal(budget)
    assert error.reason == "minute"
    assert WINDOW_SECONDS - 5 < error.retry_after <= WINDOW_SECONDS
    assert str(error) == f"no call to Xero for {error.retry_after:.0f} s (minute)"


def test_the_window_slides(budget, redis_store):
    spend(budget, 60)
    move_calls(redis_store, WINDOW_SECONDS * 1000 - 10_000)
    assert 0 < refusal(budget).retry_after <= 10
    move_calls(redis_store, 10_100)
    spend(budget, 60)
    assert refusal(budget).reason == "minute"


def test_five_calls_are_in_flight_and_no_more(budget):
    leases = [budget.acquire(ORG) for _ in range(5)]
    error = refusal(budget)
    assert (error.reason, error.retry_after) == ("concurrent", 0.25)
    budget.observe(ORG, leases[0], Limits())
    assert budget.acquire(ORG) not in leases
    assert refusal(budget).reason == "concurrent"


def test_a_lost_answer_counts_as_in_flight_until_its_lease_runs_out(budget, redis_store):
    for _ in range(5):
        budget.observe(ORG, "", Limits())  # keeps every lease
        budget.acquire(ORG)
    assert refusal(budget).reason == "concurrent"
    lease = redis_store.zrange(LEASES, 0, 0)[0]
    left = redis_store.zscore(LEASES, lease) - now_ms(redis_store)
    assert (LEASE_SECONDS - 5) * 1000 < left <= LEASE_SECONDS * 1000
    redis_store.zadd(LEASES, {lease: now_ms(redis_store) - 1})
    budget.acquire(ORG)
    assert refusal(budget).reason == "concurrent"


def test_a_lease_given_back_twice_frees_one_place(budget):
    leases = [budget.acquire(ORG) for _ in range(5)]
    budget.observe(ORG, leases[0], Limits())
    budget.observe(ORG, leases[0], Limits())
    budget.acquire(ORG)
    assert refusal(budget).reason == "concurrent"


def test_organisations_do_not_share(budget):
    spend(budget, 60)
    assert refusal(budget).reason == "minute"
    budget.acquire("other")
    assert budget.calls_left("other").minute == 59


def test_calls_of_others_with_the_same_app_show_in_the_headers(budget):
    spend(budget, 1, Limits(minute_left=20))  # 60 - 20 = 40 were used, of which ours is 1
    spend(budget, 20)
    assert refusal(budget).reason == "minute"


def test_foreign_calls_leave_the_window_too(budget, redis_store):
    spend(budget, 1, Limits(minute_left=0))
    error = refusal(budget)
    assert error.reason == "minute"
    assert error.retry_after <= WINDOW_SECONDS
    redis_store.hset(STATE, "foreign_at", now_ms(redis_store) - WINDOW_SECONDS * 1000 - 1)
    spend(budget, 59)
    assert refusal(budget).reason == "minute"


def test_a_window_full_of_foreign_calls_alone_ends(budget, redis_store):
    spend(budget, 1, Limits(minute_left=0))
    redis_store.delete(CALLS)
    redis_store.hset(STATE, mapping={"foreign": 60})
    error = refusal(budget)
    assert error.reason == "minute"
    assert WINDOW_SECONDS - 5 < error.retry_after <= WINDOW_SECONDS


def test_a_rest_that_our_own_calls_explain_is_no_foreign_call(budget):
    for used in range(1, 61):
        budget.observe(ORG, budget.acquire(ORG), Limits(minute_left=60 - used))
    assert refusal(budget).reason == "minute"


def test_nothing_is_sent_while_retry_after_runs(budget, redis_store):
    budget.observe(ORG, budget.acquire(ORG), Limits(problem="minute", pause_seconds=26))
    error = refusal(budget)
    assert error.reason == "retry-after"
    assert 25 < error.retry_after <= 26
    redis_store.hset(STATE, "blocked_until", now_ms(redis_store) - 1)
    budget.acquire(ORG)


def test_a_shorter_retry_after_does_not_shorten_a_longer_one(budget):
    leases = [budget.acquire(ORG), budget.acquire(ORG)]
    budget.observe(ORG, leases[0], Limits(problem="minute", pause_seconds=60))
    budget.observe(ORG, leases[1], Limits(problem="concurrent", pause_seconds=1))
    assert refusal(budget).retry_after > 55


def test_retry_after_ends_by_itself(budget):
    budget.observe(ORG, budget.acquire(ORG), Limits(problem="concurrent", pause_seconds=0.2))
    wait = refusal(budget).retry_after
    time.sleep(wait + 0.02)
    budget.acquire(ORG)


def test_the_days_limit_holds(redis_store):
    budget = Budget(redis_store, 3)
    spend(budget, 3)
    error = refusal(budget)
    assert error.reason == "day"
    assert 86_390 < error.retry_after <= 86_400
    assert budget.calls_left(ORG) == CallsLeft(minute=57, day=0, day_ends_in=pytest.approx(86_400, abs=10))


def test_a_new_day_brings_new_calls(redis_store):
    budget = Budget(redis_store, 3)
    spend(budget, 3)
    redis_store.hset(STATE, "day_began", now_ms(redis_store) - DAY_MILLISECONDS)
    assert budget.calls_left(ORG).day == 3
    spend(budget, 3)
    assert refusal(budget).reason == "day"


def test_a_smaller_rest_of_the_day_in_the_headers_is_believed(budget):
    spend(budget, 1, Limits(day_left=2))
    assert budget.calls_left(ORG).day == 2
    spend(budget, 2)
    assert refusal(budget).reason == "day"


def test_answers_that_overtake_each_other_do_not_give_calls_back(budget, redis_store):
    spend(budget, 3)
    redis_store.hset(STATE, "day_began", now_ms(redis_store) - DAY_MILLISECONDS // 2)
    assert budget.calls_left(ORG).day == 997
    spend(budget, 1, Limits(day_left=998))  # the answer to an earlier call
    assert budget.calls_left(ORG) == CallsLeft(minute=56, day=996, day_ends_in=pytest.approx(43_200, abs=10))


def test_a_rest_that_grows_means_that_xeros_day_began_anew(budget, redis_store):
    spend(budget, 1, Limits(day_left=5))
    redis_store.hset(STATE, "day_began", now_ms(redis_store) - DAY_MILLISECONDS // 2)
    spend(budget, 1, Limits(day_left=999))
    assert budget.calls_left(ORG) == CallsLeft(minute=58, day=999, day_ends_in=pytest.approx(86_400, abs=10))


def test_a_refusal_for_the_day_moves_our_day_to_xeros(budget, redis_store):
    budget.observe(ORG, budget.acquire(ORG), Limits(problem="day", pause_seconds=3600, day_left=0))
    assert budget.calls_left(ORG) == CallsLeft(minute=59, day=0, day_ends_in=pytest.approx(3600, abs=5))
    error = refusal(budget)
    assert error.retry_after == pytest.approx(3600, abs=5)
    for name in ("blocked_until", "day_began"):
        redis_store.hincrby(STATE, name, -3_601_000)
    spend(budget, 1)
    assert budget.calls_left(ORG).day == 999


def test_a_larger_tier_in_the_headers_is_believed(budget):
    spend(budget, 1, Limits(day_left=4999))
    assert budget.calls_left(ORG).day == 4999


def test_a_fresh_budget_has_everything(budget):
    assert budget.calls_left(ORG) == CallsLeft(minute=60, day=1000, day_ends_in=86_400.0)


def test_within_the_budget_many_threads_never_exceed_five_in_flight_nor_sixty_a_window(redis_url, redis_store):
    flying, most, granted, lock = 0, 0, 0, threading.Lock()

    def work(_):
        nonlocal flying, most, granted
        with connect(redis_url) as client:
            budget = Budget(client, 1000)
            while True:
                try:
                    lease = budget.acquire(ORG)
                except BudgetError as error:
                    if error.reason == "minute":
                        return
                    time.sleep(0.001)
                    continue
                with lock:
                    flying, granted = flying + 1, granted + 1
                    most = max(most, flying)
                time.sleep(0.005)
                with lock:
                    flying -= 1
                budget.observe(ORG, lease, Limits())

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    assert (most, granted) == (5, 60)
    assert Budget(redis_store, 1000).calls_left(ORG).day == 940
