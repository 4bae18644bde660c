"""Dead letters: read from any version, replaced and discarded without a copy, shown to Flower once."""

import json

import pytest

from segxero.dead_letters import MOST_DISCARDED, DeadLetter, DeadLetters
from segxero.store import keys


def letter(**changes):
    return DeadLetter(**{"error": "MappingError", "message": "m", "next_step": "n", "queue": "events", **changes})


@pytest.fixture
def letters(redis_store):
    return DeadLetters(redis_store)


def stored(redis_store):
    return [json.loads(text) for text in redis_store.lrange(keys.DEAD_LETTERS, 0, -1)]


def test_a_letter_of_an_older_version_is_read_and_taken_out(letters, redis_store):
    old = {
        "error": "E",
        "message": "m",
        "next_step": "n",
        "queue": "events",
        "id": "a",
        "failed_at": "2026-01-01T00:00:00+00:00",
    }
    redis_store.lpush(keys.DEAD_LETTERS, json.dumps(old), json.dumps({**old, "id": "b", "unheard_of": [1]}))
    assert [found.id for found in letters] == ["b", "a"]
    assert [letters.remove(found) for found in letters] == [True, True]
    assert len(letters) == 0


def test_a_stored_letter_is_flat_and_keeps_the_names_of_its_facts(letters, redis_store):
    letters.bury(letter(id="a", failed_at="2026-01-01T00:00:00+00:00", events=("{}",), amount="9.50"))
    assert stored(redis_store) == [
        {
            "error": "MappingError",
            "message": "m",
            "next_step": "n",
            "queue": "events",
            "organisation": "",
            "object": "",
            "key": "",
            "mapping": "",
            "sentences": [],
            "traceback": "",
            "attempts": 1,
            "events": ["{}"],
            "version": "",
            "attempted_at": [],
            "first_failed_at": "",
            "amount": "9.50",
            "currency": "",
            "original": [],
            "id": "a",
            "failed_at": "2026-01-01T00:00:00+00:00",
        }
    ]


def test_an_edited_letter_takes_its_place(letters, redis_store):
    letters.bury(letter(id="a"), letter(id="b", events=("{}",)), letter(id="c"))
    before = letters.find("b")
    assert letters.replace(before, letter(id="b", events=('{"x":1}',), original=("{}",)))
    assert [found["id"] for found in stored(redis_store)] == ["c", "b", "a"]
    assert letters.find("b").original == ("{}",)
    assert not letters.replace(before, letter(id="b"))
    assert len(letters) == 3


def test_a_discarded_letter_is_kept_with_its_reason(letters, redis_store):
    letters.bury(letter(id="a"))
    assert letters.discard(letters.find("a"), "a test of the shop")
    (entry,) = [json.loads(text) for text in redis_store.lrange(keys.DISCARDED, 0, -1)]
    assert (entry["reason"], json.loads(entry["letter"])["id"]) == ("a test of the shop", "a")
    assert len(letters) == 0
    assert MOST_DISCARDED == 1000


def test_each_letter_is_reported_once_the_oldest_first(letters):
    letters.bury(letter(id="a"), letter(id="b"))
    assert [found.id for found in letters.unreported()] == ["a", "b"]
    letters.bury(letter(id="c"))
    assert [found.id for found in letters.unreported()] == ["c"]
    assert letters.unreported() == []


def test_without_letters_nothing_is_reported(letters, redis_store):
    assert letters.unreported() == []
    assert redis_store.keys() == []
