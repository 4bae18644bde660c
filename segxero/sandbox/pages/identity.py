"""Xero's identity service: tokens, revocation and connections."""

import time
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response
from flask import request as http
from werkzeug.wrappers import Response as BaseResponse

from segxero.sandbox.gateway.incoming import receive_call
from segxero.sandbox.gateway.outgoing import send_answer
from segxero.sandbox.state.faults import Fault
from segxero.sandbox.state.tokens import Grant, GrantError
from segxero.sandbox.state.world import World
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.refusals import (
    UNAVAILABLE,
    RefusalError,
    not_found,
    outage,
    server_error,
    token_expired,
    unknown_token,
)

SECRET_FIELDS = frozenset({"client_secret", "refresh_token", "code", "code_verifier", "token"})


def create_blueprint(world: World) -> Blueprint:
    """Return the routes of the identity service over *world*."""
    blueprint = Blueprint("identity", __name__)

    @blueprint.post("/connect/token")
    def token() -> BaseResponse:
        return _answer(world, lambda: _token(world))

    @blueprint.post("/connect/revocation")
    def revocation() -> BaseResponse:
        return _answer(world, lambda: _revocation(world))

    @blueprint.get("/connections")
    def connections() -> BaseResponse:
        return _answer(world, lambda: _connections(world))

    @blueprint.delete("/connections/<connection>")
    def disconnect(connection: str) -> BaseResponse:
        return _answer(world, lambda: _disconnect(world, connection))

    return blueprint


def _answer(world: World, work: Callable[[], Answer]) -> Response:
    """Record the call without its secrets, let a fault play, and do *work* under the lock."""
    call = receive_call(http)
    body = {name: value for name, value in http.form.items() if name not in SECRET_FIELDS} or None
    with world.lock:
        # The form carries secrets, so neither the record nor the match of a fault gets to see its text.
        call.content = b""
        world.calls.begin(call, "", body, world.seconds())
        fault = world.faults.take(call.list_parts())
        call.fault = fault.id
    time.sleep(fault.delay)
    with world.lock:
        answer = _fail(fault) if not fault.after_commit else None
        if answer is None:
            answer = _work(work)
    time.sleep(fault.delay_after)
    with world.lock:
        if fault.after_commit:
            answer = server_error(fault.status or 500)
        world.calls.end(call, answer.status, None, world.seconds())
    return send_answer(replace(answer, lost=fault.lost_answer))


def _fail(fault: Fault) -> Answer | None:
    if fault.offline or fault.status == 503:  # noqa: PLR2004
        return outage(UNAVAILABLE)
    return server_error(fault.status) if fault.status else None


def _work(work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except GrantError as error:
        return Answer(status=400, data={"error": str(error)})
    except RefusalError as error:
        return error.answer


def _client(world: World) -> str:
    """Return the client id of Basic auth or of the form. Raise GrantError when the app is not known."""
    basic = http.authorization
    if basic and basic.type == "basic":
        client, secret = basic.username or "", basic.password or ""
    else:
        client, secret = http.form.get("client_id", ""), http.form.get("client_secret", "")
    world.tokens.check_client(client, secret)
    return client


def _token(world: World) -> Answer:
    client, kind, now = _client(world), http.form.get("grant_type", ""), world.seconds()
    tokens = world.tokens
    # A custom connection opens the first organisation: Xero ties it to a single organisation.
    if kind == "client_credentials":
        scopes = tokens.read_scopes(http.form.get("scope", ""))
        tenant = next(iter(world.books))
        return Answer(data=tokens.issue(Grant(client=client, scopes=scopes, tenants=(tenant,), custom=True), now))
    if kind == "authorization_code":
        code, redirect_uri = http.form.get("code", ""), http.form.get("redirect_uri", "")
        verifier = http.form.get("code_verifier", "")
        return Answer(data=tokens.redeem_code(code, client, redirect_uri, verifier, now))
    if kind == "refresh_token":
        return Answer(data=tokens.refresh(http.form.get("refresh_token", ""), client, now))
    raise GrantError("unsupported_grant_type")


def _revocation(world: World) -> Answer:
    _client(world)
    world.tokens.revoke(http.form.get("token", ""))
    return Answer()


def _grant(world: World) -> Grant:
    bearer = http.authorization
    grant = world.tokens.find(bearer.token or "") if bearer and bearer.type == "bearer" else None
    if grant is None:
        raise unknown_token()
    if grant.expires <= world.seconds():
        raise token_expired(grant.expires)
    return grant


def _connections(world: World) -> Answer:
    """Answer a bare list; its dates have seven digits and no zone."""
    grant = _grant(world)
    wanted = http.args.get("authEventId")
    opened = {tenant: event for tenant, event in world.tokens.list_tenants(grant).items() if wanted in (None, event)}
    return Answer(
        data=[
            {
                "id": world.books[tenant].connection,
                "authEventId": event,
                "tenantId": tenant,
                "tenantType": "ORGANISATION",
                "tenantName": world.books[tenant].name,
                "createdDateUtc": world.books[tenant].created.strftime("%Y-%m-%dT%H:%M:%S.%f0"),
                "updatedDateUtc": world.books[tenant].created.strftime("%Y-%m-%dT%H:%M:%S.%f0"),
            }
            for tenant, event in opened.items()
        ]
    )


def _disconnect(world: World, connection: str) -> Answer:
    """Answer DELETE by the connection's id, which is not the tenant's."""
    for tenant in world.tokens.list_tenants(_grant(world)):
        if world.books[tenant].connection == connection.lower():
            world.tokens.disconnected.add(tenant)
            return Answer(status=204, content_type="")
    raise not_found()
