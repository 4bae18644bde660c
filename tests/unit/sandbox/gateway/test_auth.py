from urllib.parse import parse_qs, urlparse

import pytest

from segxero.errors import ConfigError
from segxero.sandbox import SandboxOptions, create_app
from tests.support.xero.sandbox_client import Clock, Xero, connected

AUTH = ("client", "secret")
BACK = "http://localhost/back"
AUTHORIZE = "/identity/connect/authorize"


def token(client, **form):
    return client.post("/connect/token", data=form, auth=AUTH)


def test_client_credentials_give_a_token_of_half_an_hour_without_a_refresh_token():
    answer = token(
        create_app().test_client(), grant_type="client_credentials", scope="accounting.contacts accounting.invoices"
    )
    assert answer.status_code == 200
    assert answer.json["expires_in"] == 1800
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["scope"] == "accounting.contacts accounting.invoices"
    assert "refresh_token" not in answer.json


def test_credentials_in_the_body_are_taken_as_well():
    answer = (
        create_app()
        .test_client()
        .post("/connect/token", data={"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"})
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("scope", ["accounting.transactions", "accounting.contacts offline_access", "nonsense"])
def test_a_scope_that_the_app_does_not_have_is_refused(scope):
    answer = token(create_app().test_client(), grant_type="client_credentials", scope=scope)
    assert (answer.status_code, answer.json) == (400, {"error": "invalid_scope"})


def test_wrong_credentials_and_unknown_grants_are_refused_in_oauth_words():
    client = create_app(SandboxOptions(client_id="client", client_secret="other")).test_client()
    assert token(client, grant_type="client_credentials").json == {"error": "invalid_client"}
    assert token(create_app().test_client(), grant_type="password").json == {"error": "unsupported_grant_type"}


def test_a_call_without_a_known_token_is_401():
    xero = connected()
    reply = xero.get("Organisation", Authorization="Bearer nonsense")
    assert reply.status == 401
    assert reply.json["Detail"] == "AuthenticationUnsuccessful"
    assert "X-MinLimit-Remaining" not in reply.headers


def test_an_expired_token_is_told_with_the_moment_at_which_it_expired():
    xero = connected()
    xero.clock.now += 1800
    reply = xero.get("Organisation")
    assert reply.status == 401
    assert reply.json["Title"] == "Unauthorized"
    assert reply.json["Detail"] == "TokenExpired: token expired at 11/24/2026 06:30:00"


def test_a_custom_connection_needs_no_tenant_and_refuses_a_foreign_one():
    xero = connected()
    tenant = xero.client.get("/connections", headers={"Authorization": f"Bearer {xero.token}"}).json[0]["tenantId"]
    assert xero.get("Organisation").status == 200
    assert xero.get("Organisation", xero_tenant_id="").status == 200
    assert xero.get("Organisation", xero_tenant_id=tenant).status == 200
    reply = xero.get("Organisation", xero_tenant_id="00000000-0000-4000-8000-000000000000")
    assert (reply.status, reply.json["Title"], reply.json["Detail"]) == (403, "Forbidden", "AuthenticationUnsuccessful")


def test_a_missing_scope_is_401_with_xeros_misspelt_challenge():
    xero = connected(scope="accounting.contacts.read accounting.invoices")
    assert xero.get("Contacts").status == 200
    for reply in (xero.put("Contacts", {"Name": "Ann"}), xero.get("TrackingCategories")):
        assert (reply.status, reply.json["Detail"]) == (401, "AuthorizationUnsuccessful")
        assert "insufficent_scope" in reply.headers["WWW-Authenticate"]


def consented(client, scope):
    back = allowed(client, scope)
    assert back["state"] == ["s"]
    return token(client, grant_type="authorization_code", code=back["code"][0], redirect_uri=BACK)


def asked(scope, **more):
    return {"response_type": "code", "client_id": "client", "redirect_uri": BACK, "scope": scope, "state": "s", **more}


def tenants(client):
    return list(client.application.extensions["sandbox"].books)


def allowed(client, scope, chosen=None, **more):
    """Press Allow on the consent page; return the query with which it sends the browser back."""
    form = {**asked(scope), "tenant": tenants(client) if chosen is None else chosen, "answer": "allow", **more}
    answer = client.post(AUTHORIZE, data=form)
    assert answer.status_code == 303
    return parse_qs(urlparse(answer.location).query)


def test_the_consent_page_names_the_app_its_organisations_and_the_scopes():
    client = create_app(SandboxOptions(organisations=("North", "A <b> & Sons"))).test_client()
    page = client.get(AUTHORIZE, query_string=asked("offline_access accounting.contacts"))
    assert page.status_code == 200
    assert "A &lt;b&gt; &amp; Sons</label>" in page.text
    assert page.text.count('<input type="checkbox" name="tenant"') == 2
    assert "<li>accounting.contacts</li>" in page.text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"scope": "accounting.nonsense"}, "invalid_scope"),
        ({"response_type": "token"}, "invalid_request"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_what_an_app_may_not_ask_is_sent_back_to_it(change, error):
    answer = create_app().test_client().get(AUTHORIZE, query_string={**asked("accounting.contacts"), **change})
    assert (answer.status_code, answer.location) == (303, f"{BACK}?error={error}&state=s")


@pytest.mark.parametrize("address", ["http://127.0.0.1/back", "http://example.com/back", ""])
def test_an_address_that_xero_does_not_take_gets_no_redirect(address):
    answer = create_app().test_client().get(AUTHORIZE, query_string=asked("accounting.contacts", redirect_uri=address))
    assert (answer.status_code, answer.location) == (400, None)


def test_cancel_and_no_organisation_are_access_denied():
    client = create_app().test_client()
    assert allowed(client, "accounting.contacts", answer="cancel")["error"] == ["access_denied"]
    assert allowed(client, "accounting.contacts", chosen=[])["error"] == ["access_denied"]


VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # the example of RFC 7636, appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(("verifier", "status"), [(VERIFIER, 200), ("", 400), (VERIFIER[:-1], 400)])
def test_a_code_asked_for_with_a_challenge_needs_its_verifier(verifier, status):
    client = create_app().test_client()
    more = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = allowed(client, "accounting.contacts", **more)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
    assert [token(client, **form).status_code for _ in range(2)] == [status, 400]


def test_a_user_connects_one_organisation_after_the_other_and_each_token_opens_all():
    client = create_app(SandboxOptions(organisations=("North", "South"))).test_client()
    north, south = tenants(client)
    found = []
    for chosen in (north, south):
        code = allowed(client, "accounting.settings", chosen=[chosen])["code"][0]
        found.append(token(client, grant_type="authorization_code", code=code, redirect_uri=BACK).json["access_token"])
    code = allowed(client, "accounting.settings", chosen=[south], email="other@example.com")["code"][0]
    found.append(token(client, grant_type="authorization_code", code=code, redirect_uri=BACK).json["access_token"])
    seen = [client.get("/connections", headers={"Authorization": f"Bearer {access}"}).json for access in found]
    assert [[one["tenantId"] for one in listed] for listed in seen] == [[north, south], [north, south], [south]]
    event = seen[1][1]["authEventId"]
    of_event = client.get(f"/connections?authEventId={event}", headers={"Authorization": f"Bearer {found[1]}"}).json
    assert [one["tenantId"] for one in of_event] == [south]


def test_a_refresh_token_rotates_and_the_old_one_lives_30_minutes_more():
    clock = Clock()
    client = create_app(SandboxOptions(clock=clock)).test_client()
    first = consented(client, "offline_access accounting.contacts").json["refresh_token"]
    second = token(client, grant_type="refresh_token", refresh_token=first).json["refresh_token"]
    assert second != first
    clock.now += 1799
    assert token(client, grant_type="refresh_token", refresh_token=first).status_code == 200
    clock.now += 2
    answer = token(client, grant_type="refresh_token", refresh_token=first)
    assert (answer.status_code, answer.json) == (400, {"error": "invalid_grant"})
    assert token(client, grant_type="refresh_token", refresh_token=second).status_code == 200


def test_a_users_token_opens_every_organisation_but_must_name_one():
    client = create_app(SandboxOptions(organisations=("North", "South"))).test_client()
    xero = Xero(client, Clock(), consented(client, "accounting.settings").json["access_token"])
    connections = client.get("/connections", headers={"Authorization": f"Bearer {xero.token}"}).json
    assert [connection["tenantName"] for connection in connections] == ["North", "South"]
    assert xero.get("Organisation").status == 403
    south = xero.get("Organisation", xero_tenant_id=connections[1]["tenantId"])
    assert south.only("Organisations")["Name"] == "South"


def test_a_removed_connection_is_403_from_then_on():
    xero = connected()
    bearer = {"Authorization": f"Bearer {xero.token}"}
    connection = xero.client.get("/connections", headers=bearer).json[0]
    assert xero.client.delete(f"/connections/{connection['tenantId']}", headers=bearer).status_code == 404
    assert xero.client.delete(f"/connections/{connection['id']}", headers=bearer).status_code == 204
    assert xero.get("Organisation").status == 403


def test_a_revoked_refresh_token_takes_its_access_tokens_with_it():
    client = create_app().test_client()
    tokens = consented(client, "offline_access accounting.settings").json
    assert client.post("/connect/revocation", data={"token": tokens["refresh_token"]}, auth=AUTH).status_code == 200
    assert token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 400
    assert Xero(client, Clock(), tokens["access_token"]).get("Organisation").status == 401


def test_the_sandbox_only_listens_on_this_machine_and_names_every_wrong_option():
    with pytest.raises(ConfigError) as error:
        SandboxOptions(host="0.0.0.0", day_limit=0)
    assert [fault.path for fault in error.value.faults] == ["host", "day_limit"]
