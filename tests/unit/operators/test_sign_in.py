"""Signing in and out, and everything that the door refuses."""

import logging

import pytest

from segxero.receiver import create_app
from tests.support.people.signing_in import LOCAL, form_token, sign_in
from tests.support.set_ups.fake_services import make_services

PASSWORD = "correct horse, bättery"
SHOP = "https://shop.example"


@pytest.fixture
def app(redis_store):
    return create_app(make_services(store=redis_store, SEGXERO_PASSWORD=PASSWORD))


@pytest.fixture
def client(app):
    return app.test_client()


def sessions(store):
    return sorted(store.scan_iter("segxero:session:*"))


def seen(client, base=LOCAL):
    return client.get("/console", base_url=base).status_code


def test_the_right_password_opens_the_console(client, redis_store):
    away = client.get("/console", base_url=LOCAL)
    assert (away.status_code, away.location) == (303, "/sign-in?next=/console")
    page = client.get(away.location, base_url=LOCAL)
    assert (page.status_code, '<input type="hidden" name="next" value="/console">' in page.text) == (200, True)
    answer = sign_in(client, PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/console")
    assert seen(client) == 200
    assert len(sessions(redis_store)) == 1


@pytest.mark.parametrize("given", ["", "wrong", PASSWORD + " ", PASSWORD.upper()])
def test_a_wrong_password_opens_nothing(client, redis_store, given):
    answer = sign_in(client, given)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    assert "Wrong password." in answer.text
    assert sessions(redis_store) == []
    assert seen(client) == 303


@pytest.mark.parametrize(("base", "name", "more"), [(LOCAL, "segxero", set()), (SHOP, "__Host-segxero", {"Secure"})])
def test_the_cookie_is_read_by_no_script_sent_from_no_other_site_and_by_https_of_this_host_alone(
    client, base, name, more
):
    found, _, value = sign_in(client, PASSWORD, base).headers["Set-Cookie"].partition("=")
    assert (found, set(value.split("; ")[1:])) == (name, {"HttpOnly", "Path=/", "SameSite=Strict", *more})


def test_by_https_a_cookie_without_the_prefix_is_worth_nothing(client):
    sign_in(client, PASSWORD)
    stolen = client.get_cookie("segxero").value
    client.set_cookie("segxero", stolen, domain="shop.example")
    assert seen(client, SHOP) == 303
    assert seen(client) == 200


def test_signing_in_makes_a_new_session_whatever_id_was_there_before(client, app, redis_store):
    client.set_cookie("segxero", "fixed-by-somebody")
    sign_in(client, PASSWORD)
    first = client.get_cookie("segxero").value
    assert first != "fixed-by-somebody"
    sign_in(client, PASSWORD)
    assert client.get_cookie("segxero").value != first
    assert len(sessions(redis_store)) == 1
    other = app.test_client()
    for old in ("fixed-by-somebody", first):
        other.set_cookie("segxero", old)
        assert seen(other) == 303


def test_signing_out_ends_the_session_for_everybody_who_has_its_id(client, app, redis_store):
    sign_in(client, PASSWORD)
    copy = app.test_client()
    copy.set_cookie("segxero", client.get_cookie("segxero").value)
    token = form_token(client.get("/console", base_url=LOCAL))
    assert client.post("/sign-out", base_url=LOCAL).status_code == 400
    assert seen(copy) == 200
    answer = client.post("/sign-out", data={"form_token": token}, base_url=LOCAL)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert (sessions(redis_store), seen(copy)) == ([], 303)


@pytest.mark.parametrize("path", ["/console/replay", "/console/trace", "/sign-out", "/xero/connections"])
def test_a_form_needs_the_token_of_its_own_session(client, app, redis_store, path):
    sign_in(client, PASSWORD)
    other = app.test_client()
    sign_in(other, PASSWORD)
    strange = form_token(other.get("/console", base_url=LOCAL))
    before = {key: redis_store.dump(key) for key in redis_store.scan_iter()}
    for form in ({}, {"form_token": ""}, {"form_token": strange}, {"form_token": "ä"}):
        answer = client.post(path, data={**form, "name": "u1", "cause": "x"}, base_url=LOCAL)
        assert (answer.status_code, "nothing was changed" in answer.text) == (400, True)
    assert {key: redis_store.dump(key) for key in redis_store.scan_iter()} == before


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": LOCAL}, False),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "http://localhost:9000"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, True),
    ],
)
def test_forms_of_other_sites_are_refused_and_count_no_attempt(client, redis_store, headers, refused):
    answer = sign_in(client, "wrong", headers=headers)
    assert ("sent by a page of another site" in answer.text) is refused
    assert answer.status_code == 403
    assert (list(redis_store.scan_iter("segxero:attempts*")) == []) is refused
    sign_in(client, PASSWORD)
    token = form_token(client.get("/console", base_url=LOCAL))
    left = client.post("/sign-out", data={"form_token": token}, base_url=LOCAL, headers=headers)
    assert left.status_code == (403 if refused else 303)
    assert len(sessions(redis_store)) == (1 if refused else 0)


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/",
        "//evil.example",
        "//[",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "console",
        "/\tconsole",
        "/\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_after_the_sign_in_nobody_is_sent_to_another_site(client, where):
    form = {"password": PASSWORD, "next": where}
    assert client.post("/sign-in", data=form, base_url=LOCAL).location == "/console"
    page = client.get("/sign-in", query_string={"next": where}, base_url=LOCAL).text
    assert 'name="next" value="/console"' in page
    assert '<a href="/console">Continue.</a>' in page


def test_after_the_sign_in_comes_the_page_that_was_asked_for(client):
    form = {"password": PASSWORD, "next": "/console/letters/abc"}
    assert client.post("/sign-in", data=form, base_url=LOCAL).location == "/console/letters/abc"


@pytest.mark.parametrize(("method", "path"), [("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/console")])
def test_by_http_from_elsewhere_nothing_is_shown_and_no_password_taken(client, redis_store, method, path):
    answer = client.open(path, method=method, data={"password": PASSWORD}, base_url="http://shop.example")
    assert (answer.status_code, answer.location) == (403, None)
    assert "Open this page by https; http is allowed only on this machine." in answer.text
    assert list(redis_store.scan_iter("segxero:*")) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("POST", "/sign-out"),
        ("GET", "/console"),
        ("GET", "/console/letters/abc"),
        ("POST", "/console/replay"),
        ("POST", "/console/trace"),
        ("GET", "/static/segxero.css"),
    ],
)
def test_everything_is_closed_while_no_password_is_set(redis_store, method, path):
    client = create_app(make_services(store=redis_store)).test_client()
    answer = client.open(path, method=method, data={"password": ""}, base_url=LOCAL)
    assert (answer.status_code, "Set SEGXERO_PASSWORD to open this page." in answer.text) == (404, True)
    assert list(redis_store.scan_iter("segxero:*")) == []


def test_a_changed_password_closes_what_the_old_one_opened(client, redis_store):
    sign_in(client, PASSWORD)
    changed = create_app(make_services(store=redis_store, SEGXERO_PASSWORD="another one")).test_client()
    changed.set_cookie("segxero", client.get_cookie("segxero").value)
    assert seen(changed) == 303
    assert sessions(redis_store) == []


def of(address):
    return {"REMOTE_ADDR": address}


def test_after_ten_wrong_passwords_an_address_waits_and_another_comes_in(client, app, redis_store):
    answers = [sign_in(client, "wrong", environ_overrides=of("198.51.100.7")) for _ in range(50)]
    assert [answer.status_code for answer in answers] == [403] * 10 + [429] * 40
    assert 890 < int(answers[-1].headers["Retry-After"]) <= 900
    assert f"wait {answers[-1].headers['Retry-After']} seconds" in answers[-1].text
    assert sign_in(client, PASSWORD, environ_overrides=of("198.51.100.7")).status_code == 429
    assert sessions(redis_store) == []
    assert sign_in(app.test_client(), PASSWORD, environ_overrides=of("198.51.100.8")).status_code == 303


def test_http_basic_and_the_sign_in_page_count_together(client):
    for _ in range(5):
        assert client.get("/metrics", auth=("any", "wrong"), base_url=LOCAL).status_code == 401
        assert sign_in(client, "wrong").status_code == 403
    refused = client.get("/metrics", auth=("any", PASSWORD), base_url=LOCAL)
    assert (refused.status_code, 890 < int(refused.headers["Retry-After"]) <= 900) == (429, True)
    assert sign_in(client, PASSWORD).status_code == 429


def test_what_brings_no_password_counts_as_no_attempt(client):
    for _ in range(20):
        assert client.get("/metrics", base_url=LOCAL).status_code == 401
    assert client.get("/metrics", auth=("any", PASSWORD), base_url=LOCAL).status_code == 200


def test_an_open_session_does_not_wait_for_wrong_passwords_of_its_address(client, app):
    sign_in(client, PASSWORD)
    for _ in range(11):
        sign_in(app.test_client(), "wrong")
    assert seen(client) == 200


@pytest.mark.parametrize("cookie", ["segxero=\xff", "segxero=\x00", "segxero=" + "x" * 5000, "segxero; =;", '"'])
@pytest.mark.parametrize("host", ["localhost", "[::", "a b", "localhost:99999", ""])
def test_odd_cookies_and_hosts_let_nobody_in(client, cookie, host):
    answer = client.get("/console", headers={"Cookie": cookie, "Host": host})
    assert answer.status_code == (303 if host == "localhost" else 403)


@pytest.mark.parametrize("body", [b"password=%ff%fe", b"password=\xff\xfe", b"password", b"--x\r\n", b""])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
def test_a_form_that_cannot_be_read_is_a_wrong_password(client, body, kind):
    assert client.post("/sign-in", data=body, content_type=kind, base_url=LOCAL).status_code == 403


def test_a_form_that_is_too_long_is_refused(client, redis_store):
    assert sign_in(client, "x" * 70_000).status_code == 413
    assert list(redis_store.scan_iter("segxero:*")) == []


def test_no_log_line_has_the_password_or_what_was_given_or_an_address(client, caplog):
    caplog.set_level(logging.DEBUG)
    sign_in(client, "a wrong one", environ_overrides=of("198.51.100.7"))
    sign_in(client, PASSWORD, environ_overrides=of("198.51.100.7"))
    lines = [str(vars(record)) for record in caplog.records]
    assert [
        record.message for record in caplog.records if "operator" in record.message or "password" in record.message
    ] == [
        "a wrong password was given",
        "an operator has signed in",
    ]
    assert not [line for line in lines for secret in (PASSWORD, "a wrong one", "198.51.100.7") if secret in line]
