"""Browser sources have public write keys: with the real Xero the list of booking sources is closed."""

import pytest

from segxero.check import sources
from segxero.mapping.organisations import Organisation
from segxero.segment.public_api import PublicApi, SourceKind
from tests.support.processes.http_server import Answer, HttpServer, Script

WEB = SourceKind(name="Web shop", kind="Javascript", is_public=True)
SERVER = SourceKind(name="Back end", kind="Node.js", is_public=False)
KINDS = {"w": WEB, "s": SERVER}


def judged(kinds=KINDS, is_real=True, **settings):
    organisation = Organisation(name="main", **settings)
    return [(one.state.name, one.found) for one in sources.judge(organisation, kinds, is_real=is_real)]


def test_an_open_list_is_a_fault_with_the_real_xero_and_nothing_with_a_sandbox():
    (found,) = judged()
    assert found == ("FAULT", "every source may book money in main, and anybody can send orders to a browser source")
    (finding,) = sources.judge(Organisation(name="main"), KINDS, is_real=True)
    assert finding.remedy.endswith("the workspace has s Back end (Node.js), w Web shop (Javascript)")
    assert judged(is_real=False) == []


def test_a_browser_source_is_refused_without_an_explicit_yes():
    assert judged(booking_sources=("w", "s")) == [
        ("FAULT", "w (Web shop) of main is a Javascript source: its write key is public")
    ]
    assert judged(booking_sources=("w", "s"), booking_browsers=("w",)) == [
        ("GOOD", "main: w (Javascript), s (Node.js)")
    ]
    assert judged(booking_sources=("s",)) == [("GOOD", "main: s (Node.js)")]
    assert judged({}, booking_sources=("w",)) == [("GOOD", "main: w")]


@pytest.mark.parametrize(
    ("url", "is_real"),
    [
        ("https://api.xero.com/api.xro/2.0", True),
        ("http://127.0.0.1:8100/api.xro/2.0", False),
        ("https://notxero.com/", False),
    ],
)
def test_only_xeros_own_address_is_the_real_xero(url, is_real):
    assert sources.is_xero(url) == is_real


def test_the_kinds_come_from_segment():
    found = [
        {"id": "w", "name": "Web shop", "metadata": {"name": "Javascript", "categories": ["Website"]}},
        {"id": "s", "slug": "back", "name": "Back end", "metadata": {"name": "Node.js", "categories": ["Server"]}},
    ]
    body = {"data": {"sources": found, "pagination": {"current": "c", "next": None}}}
    with HttpServer({"/sources": Script(Answer(body=body))}) as segment:
        assert PublicApi("token", segment.url).kinds() == KINDS
