"""By consent, from an empty Redis to invoices in the right one of three organisations, and what ends a consent."""

import time
from urllib.parse import urlsplit

import pytest
import requests

from segxero.demo import LocalStack, organisations
from segxero.store import keys
from segxero.xero.access.connections import Connections
from segxero.xero.access.encryption import Cipher
from segxero.xero.access.token_sets import TokenSets
from tests.support.processes.command import segxero
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import order

NAMES = ("Shop 01", "Shop 02", "Shop 03")


def sale(number, organisation, *, at=1):
    return {**order(number, f"user of {organisation}", at=at), "projectId": organisation}


def invoices(stack, organisation):
    return sorted(invoice["InvoiceNumber"] for invoice in stack.records(organisation)["Invoices"])


def books(stack):
    return {name: invoices(stack, name) for name in NAMES}


def address(stack, path):
    """Return the address that an operator opens: by localhost, because Xero comes back to that name only."""
    return f"http://localhost:{urlsplit(stack.receiver_url).port}{path}"


def signed_in(url, password, **options):
    """Return an operator's browser without a window."""
    http = requests.Session()
    http.trust_env = False
    answer = http.post(f"{url}/sign-in", data={"password": password}, allow_redirects=False, timeout=30, **options)
    assert answer.status_code == 303
    return http


@pytest.fixture(scope="module")
def stack():
    """Three organisations, an empty Redis, and nobody who has let the app in."""
    with LocalStack(organisations=3, connected=False) as running:
        running.wait_ready()
        yield running


@pytest.fixture(scope="module")
def before(stack):
    """What stood in the log and in the books when orders had come and nothing was connected."""
    checked = segxero(stack.env, "check", "--json")
    stack.post([sale(f"E-{name[-2:]}", name) for name in NAMES])
    assert within(30, lambda: len(alerts(stack)) == 3), stack.tail("worker")
    status = segxero(stack.env, "status", "--json").json
    return {
        "check": checked,
        "status": status,
        "books": books(stack),
        "alerts": alerts(stack),
        "calls": stack.summary()["accounting_calls"],
    }


def alerts(stack):
    lines = (stack.logs / "worker.log").read_text().splitlines()
    return [line for line in lines if '"cause": "reconnect"' in line and '"level": "error"' in line]


@pytest.fixture(scope="module")
def page(stack, before):
    """The page that an operator sees at the end, by plain requests."""
    http = signed_in(address(stack, ""), stack.password)
    sent = http.get(address(stack, "/xero/connect"), allow_redirects=False, timeout=30)
    back = organisations.allow(sent.headers["Location"], NAMES)
    return http.get(address(stack, "/xero/callback"), params=back, timeout=30)


@pytest.fixture(scope="module")
def after(stack, page):
    stack.settle()
    return {"books": books(stack), "check": segxero(stack.env, "check", "--json"), "calls": stack.calls()}


def test_before_anything_is_connected_orders_are_kept_and_one_alert_for_each_organisation_says_why(before):
    assert before["books"] == {name: [] for name in NAMES}
    assert before["calls"] == 0
    for name in NAMES:
        (line,) = [line for line in before["alerts"] if f'"organisation": "{name}"' in line]
        assert f"{name} is not connected to Xero yet" in line
        assert "its records wait, and go out by themselves then" in line
    assert [row["refused_because"].partition(" is ")[0] for row in before["status"]] == list(NAMES)
    faults = {row["what"]: row["remedy"] for row in before["check"].json if row["state"] == "FAULT"}
    assert faults.keys() == {f"Xero's connection of {name}" for name in NAMES}
    assert all("/xero/connect" in remedy for remedy in faults.values())


def test_the_operator_sees_what_is_connected(page):
    assert page.status_code == 200
    assert all(f"<td>{name}</td><td>{name}</td>" in page.text for name in NAMES)


def test_what_waited_goes_out_by_itself_each_to_its_own_organisation(after):
    assert after["books"] == {"Shop 01": ["E-01"], "Shop 02": ["E-02"], "Shop 03": ["E-03"]}
    writes = [call for call in after["calls"] if call["method"] != "GET" and "/api.xro/" in call["path"]]
    assert {call["headers"]["xero-tenant-id"] == call["tenant"] for call in writes} == {True}
    assert len({call["tenant"] for call in writes}) == 3


def test_check_says_that_connections_and_scopes_are_well(after):
    rows = {row["what"]: (row["state"], row["found"]) for row in after["check"].json}
    assert after["check"].status == 0, rows
    assert rows["Xero's connection of Shop 02"] == ("ok", "Shop 02")
    assert rows["Xero's scopes for Shop 02"] == (
        "ok",
        "accounting.contacts accounting.invoices accounting.settings offline_access",
    )


@pytest.fixture(scope="module")
def disconnected(stack, after):
    """One of the three is disconnected in Xero; then each gets orders, and it is connected again."""
    tenant = next(call["tenant"] for call in after["calls"] if "E-03" in str(call["body"]))
    stack.control("POST", "settings", {"disconnect": tenant})
    told = len(alerts(stack))
    began = time.monotonic()
    stack.post([sale(f"F-{name[-2:]}", name, at=2) for name in NAMES])
    assert within(30, lambda: all(len(invoices(stack, name)) == 2 for name in NAMES[:2])), stack.tail("worker")
    seconds = time.monotonic() - began
    assert within(30, lambda: len(alerts(stack)) > told)
    found = {"seconds": seconds, "books": books(stack), "check": segxero(stack.env, "check", "--json")}
    found["waiting"] = {name: stack.store.zcard(keys.outbox(name, "invoices")) for name in NAMES}
    stack.connect("Shop 03")
    stack.settle()
    return {**found, "told": len(alerts(stack)) - told, "at the end": books(stack)}


def test_a_disconnected_organisation_delays_no_other_and_loses_nothing(disconnected):
    assert disconnected["books"] == {"Shop 01": ["E-01", "F-01"], "Shop 02": ["E-02", "F-02"], "Shop 03": ["E-03"]}
    assert disconnected["seconds"] < 15
    assert disconnected["waiting"] == {"Shop 01": 0, "Shop 02": 0, "Shop 03": 1}
    assert disconnected["at the end"]["Shop 03"] == ["E-03", "F-03"]
    assert disconnected["told"] == 1


def test_check_names_the_connection_that_is_gone(disconnected):
    faults = {row["what"]: row["found"] for row in disconnected["check"].json if row["state"] == "FAULT"}
    assert faults == {
        "Xero's connection of Shop 03": "Shop 03 was disconnected in Xero, or reset:"
        " Xero resets demo companies after 28 days"
    }


@pytest.fixture(scope="module")
def revoked(stack, disconnected):
    """The Xero user takes the consent back; then each organisation gets orders, and the user consents again."""
    sets = TokenSets(stack.store, stack.env["XERO_CLIENT_ID"], Cipher((stack.env["SEGXERO_SECRET_KEY"],)))
    (user,) = {one.user for one in Connections(stack.store).all().values()}
    refresh = sets.load(user).refresh
    basic = (stack.env["XERO_CLIENT_ID"], stack.env["XERO_CLIENT_SECRET"])
    requests.post(f"{stack.sandbox_url}/connect/revocation", data={"token": refresh}, auth=basic, timeout=30)
    told, calls = len(alerts(stack)), len(token_calls(stack))
    stack.post([sale(f"G-{name[-2:]}", name, at=3) for name in NAMES])
    assert within(30, lambda: all(stack.store.exists(keys.pause(name, "invoices")) for name in NAMES))
    found = {"books": books(stack), "alerts": alerts(stack)[told:], "refreshes": len(token_calls(stack)) - calls}
    stack.connect()
    stack.settle()
    return {**found, "at the end": books(stack)}


def token_calls(stack):
    return [call for call in stack.calls() if call["path"] == "/connect/token"]


def test_a_consent_that_is_taken_back_pauses_all_its_organisations_with_one_alert_until_it_is_given_again(revoked):
    assert {name: len(found) for name, found in revoked["books"].items()} == dict.fromkeys(NAMES, 2)
    (line,) = revoked["alerts"]
    assert "no longer accepts the consent of the user who connected Shop 01, Shop 02, Shop 03" in line
    assert "/xero/connect" in line
    assert revoked["refreshes"] == 1
    assert {name: found[-1] for name, found in revoked["at the end"].items()} == {
        name: f"G-{name[-2:]}" for name in NAMES
    }


def test_behind_a_proxy_the_address_of_the_callback_is_https(stack, page):
    """The header is trusted from this machine; FORWARDED_ALLOW_IPS names others."""
    headers = {"X-Forwarded-Proto": "https", "Host": "shop.example"}
    http = signed_in(stack.receiver_url, stack.password, headers=headers)
    headers["Cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in http.cookies)
    options = {"headers": headers, "allow_redirects": False, "timeout": 30}
    sent = requests.get(f"{stack.receiver_url}/xero/connect", **options)
    assert "redirect_uri=https%3A%2F%2Fshop.example%2Fxero%2Fcallback&" in sent.headers["Location"]
    assert sent.headers["Set-Cookie"].startswith("__Host-segxero_connect=")
    assert "Secure" in sent.headers["Set-Cookie"]


def test_nothing_leaks_no_token_is_in_logs_or_in_redis(stack, revoked):
    """A JWT begins with `eyJ`, which is `{"` in base64."""
    logs = [path.name for path in stack.logs.iterdir() if "eyJ" in path.read_text()]
    stored = [key for key in stack.store.scan_iter("segxero:*") if b"eyJ" in (stack.store.dump(key) or b"")]
    assert (logs, stored) == ([], [])
