"""The workspace's names: read once for all processes, kept while they cannot be read, and never in an event's way."""

import pytest

from segxero.mapping.names import NO_NAMES, Names
from segxero.segment.public_api import PublicApi
from segxero.store import keys
from segxero.sync.folding.workspace import FRESH_SECONDS, RETRY_SECONDS, Workspace
from tests.support.processes.http_server import Answer, HttpServer, Script

SOURCES = Answer(body={"data": {"sources": [{"id": "s1", "name": "Web shop"}]}})
DESTINATIONS = Answer(
    body={"data": {"destinations": [{"id": "d1", "name": "Xero", "enabled": True, "sourceId": "s1"}]}}
)
NAMES = Names(sources={"s1": "Web shop"}, destinations={"d1": "Xero"}, connected={"s1": ("Xero",)})


@pytest.fixture
def sources():
    return Script(SOURCES)


@pytest.fixture
def segment(sources):
    with HttpServer({"/sources": sources, "/destinations": Script(DESTINATIONS)}) as running:
        yield running


def workspace(store, segment):
    return Workspace(store, PublicApi("token", segment.url))


def test_without_a_token_there_are_no_names_and_no_call(redis_store):
    alone = Workspace(redis_store, None)
    assert (alone.names(), alone.refresh()) == (NO_NAMES, False)
    assert redis_store.keys("segxero:segment-names*") == []


def test_names_are_read_once_for_all_processes(redis_store, segment):
    assert workspace(redis_store, segment).names() == NAMES
    assert workspace(redis_store, segment).names() == NAMES
    assert len(segment.received) == 2
    assert FRESH_SECONDS - 5 < redis_store.ttl(keys.SEGMENT_NAMES_READ) <= FRESH_SECONDS


def test_names_of_before_stay_while_they_cannot_be_read(redis_store, segment, sources):
    workspace(redis_store, segment).names()
    redis_store.delete(keys.SEGMENT_NAMES_READ)
    sources.then(Answer(status=429))
    assert workspace(redis_store, segment).refresh() is False
    assert workspace(redis_store, segment).names() == NAMES
    assert 0 < redis_store.ttl(keys.SEGMENT_NAMES_READ) <= RETRY_SECONDS


def test_a_segment_that_does_not_answer_is_asked_once_and_events_go_on(redis_store, segment, sources):
    sources.then(Answer(drop=True))
    assert [workspace(redis_store, segment).names() for _ in range(3)] == [NO_NAMES] * 3
    assert len(segment.received) == 1


def test_a_process_that_came_while_another_was_reading_knows_the_names_with_its_next_event(redis_store, segment):
    redis_store.set(keys.SEGMENT_NAMES_READ, 1)  # as the one does that reads
    late = workspace(redis_store, segment)
    assert late.names() == NO_NAMES
    redis_store.delete(keys.SEGMENT_NAMES_READ)
    workspace(redis_store, segment).refresh()
    assert late.names() == NAMES
