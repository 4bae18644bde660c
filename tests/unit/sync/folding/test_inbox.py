"""The inbox: promise 1, accepted means kept; and wake-ups for what a lost Celery message should have woken."""

import json
from datetime import UTC, datetime

import pytest
import redis

from segxero.store import keys
from segxero.sync.folding.inbox import CHUNK, EVENTS_QUEUE, Arrival, Inbox, arrival_id
from tests.support.set_ups.core import ORG


def arrival(number, organisation=ORG, event="{}"):
    return Arrival(
        id=arrival_id("webhook", f"m{number}"),
        organisation=organisation,
        endpoint="webhook",
        message_id=f"m{number}",
        received_at=datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC),
        event=event,
    )


def make_message(identifier):
    """A Celery message as far as wake_lost reads it."""
    return json.dumps({"headers": {"argsrepr": f"('{identifier}',)"}})


@pytest.fixture
def inbox(redis_store):
    return Inbox(redis_store, make_message)


def queued(store):
    """The arrivals named in the queue, the oldest message first."""
    texts = reversed(store.lrange(EVENTS_QUEUE, 0, -1))
    return [json.loads(text)["headers"]["argsrepr"].strip("(),'") for text in texts]


def age(store, seconds, *arrivals):
    """Let the wake-ups of *arrivals* have been sent earlier."""
    for one in arrivals:
        store.zincrby(keys.INBOX_WOKEN, -seconds, one.id)


def now(store):
    return float(store.time()[0])


def test_accepted_means_kept_and_enqueued(inbox, redis_store):
    one = arrival(1, event='{"userId":"u1","total":27.50,"name":"Zoë \\ud83d"}')
    assert inbox.accept([one]) == 1
    assert inbox.find(one.id) == one
    assert queued(redis_store) == [one.id]
    assert inbox.waiting(ORG) == 1
    assert redis_store.zscore(keys.INBOX_WOKEN, one.id) == pytest.approx(now(redis_store), abs=2)


def test_the_same_event_again_is_not_stored_again_while_it_is_there(inbox, redis_store):
    assert inbox.accept([arrival(1), arrival(2), arrival(1)]) == 2
    assert inbox.accept([arrival(2), arrival(3)]) == 1
    assert inbox.waiting(ORG) == 3
    assert queued(redis_store) == [arrival(number).id for number in (1, 2, 3)]


def test_the_first_of_two_events_with_one_id_stays(inbox):
    inbox.accept([arrival(1, event='{"a":1}')])
    inbox.accept([arrival(1, event='{"a":2}')])
    assert inbox.find(arrival(1).id).event == '{"a":1}'


def test_a_body_of_4000_events_is_kept_in_order(inbox, redis_store):
    many = [arrival(number) for number in range(4000)]
    assert inbox.accept(many) == 4000
    assert queued(redis_store) == [one.id for one in many]
    assert inbox.waiting(ORG) == 4000 > CHUNK


def test_nothing_to_accept_is_accepted(inbox):
    assert inbox.accept([]) == 0
    assert inbox.find("nobody") is None
    assert inbox.waiting(ORG) == 0


def test_waiting_counts_are_kept_by_organisation(inbox):
    inbox.accept([arrival(1), arrival(2, "other"), arrival(3)])
    assert (inbox.waiting(ORG), inbox.waiting("other")) == (2, 1)


def test_a_name_of_an_arrival_tells_nothing_of_the_person():
    made = arrival_id("webhook", "ann@example.com")
    assert len(made) == 32
    assert int(made, 16)
    assert made != arrival_id("replay", "ann@example.com")
    assert arrival_id("a\nb", "c") == arrival_id("a", "b\nc")
    assert len(arrival_id("webhook", "m\ud800")) == 32


def test_a_redis_that_takes_nothing_is_an_error(redis_store):
    redis_store.set(keys.INBOX, "not a hash")
    with pytest.raises(redis.RedisError):
        Inbox(redis_store, make_message).accept([arrival(1)])
    assert redis_store.llen(EVENTS_QUEUE) == 0


def test_a_redis_that_is_too_slow_keeps_what_it_has_taken(redis_store):
    inbox = Inbox(redis_store, make_message, patience_seconds=-1)
    with pytest.raises(redis.TimeoutError):
        inbox.accept([arrival(1)])


def test_an_event_without_its_message_is_enqueued_again(inbox, redis_store):
    inbox.accept([arrival(1)])
    redis_store.delete(EVENTS_QUEUE)
    age(redis_store, 30, arrival(1))
    assert inbox.wake_lost(now(redis_store), 20) == 1
    assert queued(redis_store) == [arrival(1).id]


def test_a_young_event_is_left_to_its_message(inbox, redis_store):
    inbox.accept([arrival(1)])
    redis_store.delete(EVENTS_QUEUE)
    age(redis_store, 10, arrival(1))
    assert inbox.wake_lost(now(redis_store), 20) == 0


def test_an_event_is_woken_once_per_interval(inbox, redis_store):
    inbox.accept([arrival(1)])
    redis_store.delete(EVENTS_QUEUE)
    age(redis_store, 30, arrival(1))
    assert inbox.wake_lost(now(redis_store), 20) == 1
    redis_store.delete(EVENTS_QUEUE)
    assert inbox.wake_lost(now(redis_store) + 19, 20) == 0
    assert inbox.wake_lost(now(redis_store) + 21, 20) == 1


def test_a_long_backlog_is_not_doubled(inbox, redis_store):
    many = [arrival(number) for number in range(300)]
    inbox.accept(many)
    age(redis_store, 3600, *many)
    assert inbox.wake_lost(now(redis_store), 20) == 0
    assert len(queued(redis_store)) == 300


def test_only_what_is_older_than_the_oldest_message_is_lost(inbox, redis_store):
    lost, queued_before, recent = arrival(1), arrival(2), arrival(3)
    inbox.accept([lost, queued_before, recent])
    redis_store.rpop(EVENTS_QUEUE)  # the message of the first
    age(redis_store, 100, lost)
    age(redis_store, 60, queued_before)
    age(redis_store, 50, recent)
    assert inbox.wake_lost(now(redis_store), 20) == 1
    assert queued(redis_store) == [queued_before.id, recent.id, lost.id]


def test_surplus_messages_at_the_end_of_the_queue_do_not_hide_the_age_of_the_others(inbox, redis_store):
    surplus = [arrival(f"gone{number}") for number in range(40)]
    waiting = [arrival(number) for number in range(30)]
    inbox.accept(surplus)
    inbox.accept(waiting)
    for one in surplus:  # folded already
        redis_store.hdel(keys.INBOX, one.id)
        redis_store.zrem(keys.INBOX_WOKEN, one.id)
    age(redis_store, 600, *waiting)
    assert inbox.wake_lost(now(redis_store), 20) == 0


def test_messages_of_others_in_the_queue_do_no_harm(inbox, redis_store):
    inbox.accept([arrival(1)])
    redis_store.delete(EVENTS_QUEUE)
    redis_store.rpush(EVENTS_QUEUE, "not json", "[]", '{"headers":{}}', '{"headers":{"argsrepr":null}}')
    age(redis_store, 30, arrival(1))
    assert inbox.wake_lost(now(redis_store), 20) == 1


def test_no_more_than_the_limit_is_woken_at_once(inbox, redis_store):
    many = [arrival(number) for number in range(30)]
    inbox.accept(many)
    redis_store.delete(EVENTS_QUEUE)
    age(redis_store, 60, *many)
    assert inbox.wake_lost(now(redis_store), 20, limit=12) == 12
    assert len(queued(redis_store)) == 12


def test_an_event_that_leaves_while_it_is_woken_does_not_come_back(inbox, redis_store):
    inbox.accept([arrival(1)])
    redis_store.delete(EVENTS_QUEUE)
    age(redis_store, 30, arrival(1))
    redis_store.hdel(keys.INBOX, arrival(1).id)
    redis_store.zrem(keys.INBOX_WOKEN, arrival(1).id)
    assert inbox.wake_lost(now(redis_store), 20) == 0
    assert redis_store.zcard(keys.INBOX_WOKEN) == 0
