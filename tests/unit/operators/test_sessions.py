import json
import time

import pytest

from segxero.operators.password import Password
from segxero.operators.sessions import IDLE_SECONDS, LONGEST_SECONDS, Session, Sessions


@pytest.fixture
def sessions(redis_store):
    return Sessions(redis_store, Password("one"))


def stored(store):
    (key,) = store.scan_iter("segxero:session:*")
    return key, json.loads(store.get(key))


def test_a_session_is_found_by_its_id_alone_and_in_every_process(sessions, redis_store):
    session = sessions.begin()
    assert sessions.find(session.id) == session == Sessions(redis_store, Password("one")).find(session.id)
    for other in ("", "x", session.id[:-1], session.id + "x", "\udcff"):
        assert sessions.find(other) is None
    assert session.id not in repr(session)


def test_redis_holds_neither_the_id_nor_the_password_nor_a_person(sessions, redis_store):
    session = sessions.begin()
    key, values = stored(redis_store)
    assert values.keys() == {"began", "proof"}
    assert session.id not in key + values["proof"]


def test_a_session_ends_when_it_is_idle_and_each_request_begins_that_time_anew(sessions, redis_store):
    session = sessions.begin()
    key, _ = stored(redis_store)
    assert 0 < redis_store.ttl(key) <= IDLE_SECONDS
    redis_store.expire(key, 100)
    sessions.find(session.id)
    assert IDLE_SECONDS - 10 < redis_store.ttl(key) <= IDLE_SECONDS + 1
    redis_store.delete(key)
    assert sessions.find(session.id) is None
    assert not redis_store.exists(key)


def test_a_session_ends_after_twelve_hours_however_busy_it_is(sessions, redis_store):
    session = sessions.begin()
    key, values = stored(redis_store)
    redis_store.set(key, json.dumps({**values, "began": time.time() - LONGEST_SECONDS + 60}))
    assert sessions.find(session.id)
    assert redis_store.ttl(key) <= 61
    redis_store.set(key, json.dumps({**values, "began": time.time() - LONGEST_SECONDS}))
    assert sessions.find(session.id) is None
    assert not redis_store.exists(key)


def test_a_changed_password_ends_every_session(sessions, redis_store):
    session = sessions.begin()
    assert Sessions(redis_store, Password("two")).find(session.id) is None
    assert list(redis_store.scan_iter()) == []
    assert sessions.find(session.id) is None


def test_ending_one_session_leaves_the_others(sessions):
    one, other = sessions.begin(), sessions.begin()
    sessions.end(one.id)
    assert (sessions.find(one.id), sessions.find(other.id)) == (None, other)


def test_the_token_of_forms_belongs_to_one_session_and_does_not_tell_its_id():
    one, other = Session(id="one"), Session(id="other")
    assert one.owns(one.form_token)
    assert not any(one.owns(token) for token in ("", other.form_token, "one", "ä", "\udcff"))
    assert "one" not in one.form_token
