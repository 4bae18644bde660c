"""Which tenant an organisation is: only where that is sure, because a guess would book into a stranger's books."""

import pytest

from segxero.errors import AuthenticationError, RetryableError
from segxero.mapping.organisations import Organisation
from segxero.xero.access.connections import Connection, Connections, Tenant, list_tenants, match_tenants
from tests.support.processes.http_server import Answer, HttpServer, Script

NORTH, SOUTH, TWIN = Tenant(id="id-n", name="North"), Tenant(id="id-s", name="South"), Tenant(id="id-t", name="South")


def organisation(name, tenant=""):
    return Organisation(name=name, tenant=tenant)


def connection(tenant, user="user"):
    return Connection(tenant=tenant.id, name=tenant.name, user=user, scopes=("a", "b"), connected_at="2026-11-24")


@pytest.mark.parametrize(
    ("organisations", "tenants", "held", "found"),
    [
        ([("main", "")], [NORTH], {}, {"main": NORTH}),
        ([("main", "")], [NORTH, SOUTH], {}, {}),
        ([("main", ""), ("other", "")], [NORTH], {}, {}),
        ([("main", "South")], [NORTH, SOUTH], {}, {"main": SOUTH}),
        ([("main", "south")], [NORTH, SOUTH], {}, {}),
        ([("main", "ID-S")], [NORTH, SOUTH, TWIN], {}, {"main": SOUTH}),
        ([("main", "South")], [SOUTH, TWIN], {}, {}),
        ([("main", "West")], [NORTH], {}, {}),
        ([("North", ""), ("South", "")], [NORTH, SOUTH], {}, {"North": NORTH, "South": SOUTH}),
        ([("a", ""), ("b", "")], [NORTH, SOUTH], {"b": NORTH}, {"b": NORTH}),
        ([("a", "North"), ("b", "")], [NORTH, SOUTH], {"b": NORTH}, {"a": NORTH}),
        ([("a", "South"), ("b", "")], [NORTH, SOUTH], {"a": NORTH}, {"a": SOUTH}),
    ],
)
def test_an_organisation_is_matched_by_what_is_sure(organisations, tenants, held, found):
    given = [organisation(*one) for one in organisations]
    assert match_tenants(given, tenants, {name: connection(tenant) for name, tenant in held.items()}) == found


def test_connections_are_kept_and_found_by_their_user(redis_store):
    connections = Connections(redis_store)
    assert (connections.of("main"), connections.all()) == (None, {})
    connections.put({"b": connection(SOUTH), "a": connection(NORTH, "other")})
    connections.put({})
    assert connections.of("b") == connection(SOUTH)
    assert list(connections.all()) == ["a", "b"]
    assert connections.find_by_user("other") == {"a": connection(NORTH, "other")}


ROWS = [
    {"id": "1", "tenantId": "id-n", "tenantName": "North", "tenantType": "ORGANISATION"},
    {"id": "2", "tenantId": "id-p", "tenantName": "Practice", "tenantType": "PRACTICE"},
    {"id": "3", "tenantId": "id-x", "tenantName": None, "tenantType": "ORGANISATION"},
]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Answer(body=ROWS), [NORTH, Tenant(id="id-x", name="")]),
        (Answer(body=[]), []),
        (Answer(status=401), AuthenticationError),
        (Answer(status=403, body=[]), AuthenticationError),
        (Answer(status=500), RetryableError),
        (Answer(status=302, headers={"Location": "/elsewhere"}), RetryableError),
        (Answer(body="not json"), RetryableError),
        (Answer(body={"Detail": "x"}), RetryableError),
        (Answer(drop=True), RetryableError),
    ],
)
def test_xeros_list_is_read_or_says_what_to_do(answer, found):
    with HttpServer({"/connections": Script(answer)}) as server:
        if isinstance(found, list):
            assert list_tenants(server.url, "token") == found
            assert server.received[0].headers["Authorization"] == "Bearer token"
            return
        with pytest.raises(found):
            list_tenants(server.url, "token")
