"""Room: one large body at a time in a process; small ones never wait."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from werkzeug.exceptions import ServiceUnavailable

from segxero.receiver.room import LARGE, Room


def test_a_large_body_waits_for_the_one_before_it():
    room, at_once, most = Room(), [], []
    start = Barrier(8)

    def work(number: int) -> None:
        start.wait()
        with room.reserve(LARGE):
            at_once.append(number)
            most.append(len(at_once))
            at_once.remove(number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert most == [1] * 8


def test_a_small_body_goes_past_a_large_one():
    room = Room()
    with room.reserve(LARGE), room.reserve(LARGE - 1):
        pass


def test_one_that_waits_too_long_is_asked_for_again():
    room = Room(patience_seconds=0.01)
    refused = pytest.raises(ServiceUnavailable, match="Nothing is lost if you send this again")
    with room.reserve(LARGE), refused, room.reserve(LARGE):
        pass
    with room.reserve(LARGE):
        pass


def test_a_body_that_fails_leaves_the_room():
    room = Room(patience_seconds=0.01)
    with pytest.raises(ZeroDivisionError), room.reserve(LARGE):
        1 / 0  # noqa: B018
    with room.reserve(LARGE):
        pass
