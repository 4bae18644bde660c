"""Segment's Public API: all pages are read, and what goes wrong says what to do."""

import pytest

from segxero.errors import AuthenticationError, RetryableError
from segxero.mapping.names import Names
from segxero.segment.public_api import PublicApi
from tests.support.processes.http_server import Answer, HttpServer, Script


def page(kind, found, following=None):
    return Answer(body={"data": {kind: found, "pagination": {"current": "c", "next": following}}})


def test_names_come_from_every_page():
    sources = Script(
        page("sources", [{"id": "s1", "slug": "web", "name": "Web shop"}], "more"),
        page("sources", [{"id": "s2", "slug": "till"}]),
    )
    found = [
        {"id": "d1", "name": "Xero", "enabled": True, "sourceId": "s1", "metadata": {"name": "Webhooks"}},
        {"id": "d2", "enabled": True, "sourceId": "s1", "metadata": {"name": "Mixpanel"}},
        {"id": "d3", "name": "Old", "enabled": False, "sourceId": "s1"},
    ]
    with HttpServer({"/sources": sources, "/destinations": Script(page("destinations", found))}) as segment:
        names = PublicApi("token", segment.url).names()
    assert names == Names(
        sources={"s1": "Web shop", "s2": "till"},
        destinations={"d1": "Xero", "d2": "Mixpanel", "d3": "Old"},
        connected={"s1": ("Mixpanel", "Xero")},
    )
    first, second, _ = segment.received
    assert (first.path, first.query) == ("/sources", {"pagination.count": "200"})
    assert second.query == {"pagination.count": "200", "pagination.cursor": "more"}
    assert first.headers["Authorization"] == "Bearer token"
    assert first.headers["Accept"] == "application/vnd.segment.v1+json"


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (Answer(status=401), AuthenticationError, "check SEGMENT_API_TOKEN"),
        (Answer(status=403), AuthenticationError, "check SEGMENT_API_TOKEN"),
        (Answer(status=429), RetryableError, "answered 429"),
        (Answer(status=500), RetryableError, "answered 500"),
        (Answer(body="<html>"), RetryableError, "cannot be read"),
        (Answer(body=[]), RetryableError, "cannot be read"),
        (Answer(drop=True), RetryableError, "cannot be reached"),
    ],
)
def test_what_goes_wrong_says_what_to_do(answer, error, sentence):
    with HttpServer({"/": Script(answer)}) as segment, pytest.raises(error, match=sentence):
        PublicApi("token", segment.url).names()
