"""The way of a call through Xero's gateway: outage, token, organisation, limits, scope, idempotency, handler.

The app hands every call of the Accounting API to it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from segxero.sandbox.gateway.incoming import parse_json, preview_body
from segxero.sandbox.gateway.odd_answers import bend
from segxero.sandbox.objects.route import Route
from segxero.sandbox.state.calls import Call
from segxero.sandbox.state.faults import Fault
from segxero.sandbox.state.idempotency import Entry
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.tokens import Grant
from segxero.sandbox.state.world import World
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.refusals import (
    MAINTENANCE,
    ORGANISATION_OFFLINE,
    UNAVAILABLE,
    RefusalError,
    forbidden,
    limited,
    not_found,
    outage,
    scope_missing,
    server_error,
    token_expired,
    too_large,
    unknown_token,
)

MAXIMUM_BODY = 10 * 1024 * 1024
WRITES = frozenset({"PUT", "POST", "PATCH"})
IN_FLIGHT_WAIT_SECONDS = 100.0
_OFFLINE = {"organisation": ORGANISATION_OFFLINE, "maintenance": MAINTENANCE, "unavailable": UNAVAILABLE}


class Gateway:
    """Answers the calls of the Accounting API."""

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, call: Call, route: Route | None, params: Mapping[str, str]) -> Answer:
        """Answer *call* and record it; without a *route* it is a 404, or the 500 of an odd verb."""
        world = self._world
        with world.lock:
            grant, tenant = self._identify(call)
            body = preview_body(call, raw=route is not None and route.raw)
            world.calls.begin(call, tenant, body, world.seconds())
            fault = world.faults.take(call.list_parts())
            call.fault = fault.id
        try:
            answer = self._pass_through(call, route, params, grant, fault)
        except RefusalError as error:
            answer = error.answer
        except Exception:
            self._finish(call, server_error())
            raise
        # The work is done by now; the caller waits outside the lock, so that other calls go on.
        if fault.delay_after:
            time.sleep(fault.delay_after)
        return self._finish(call, answer)

    def _finish(self, call: Call, answer: Answer) -> Answer:
        """Add the limit headers and take the call out of those in flight, before its answer can be seen."""
        world = self._world
        with world.lock:
            now = world.seconds()
            world.calls.end(call, answer.status, answer.headers.get("Retry-After"), now)
            # Xero sends the three remaining-headers with every answer of an organisation.
            if not call.tenant or answer.status >= 502:  # noqa: PLR2004 - the gateway fails before the limits
                return answer
            return replace(answer, headers={**world.limits.write_headers(call.tenant, now), **answer.headers})

    def _identify(self, call: Call) -> tuple[Grant | None, str]:
        """Return the token's grant and its organisation ("" when the token does not open it)."""
        tokens = self._world.tokens
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        grant = tokens.find(token.strip()) if kind.lower() == "bearer" else None
        # An expired token still tells whose it was, but it opens no organisation.
        if grant is None or grant.expires <= self._world.seconds():
            return grant, ""
        opened = tokens.list_tenants(grant)
        wanted = call.headers.get("xero-tenant-id", "").lower()
        # A custom connection belongs to a single organisation, so it needs no tenant header (Xero's FAQ).
        if not wanted and grant.custom and opened:
            return grant, next(iter(opened))
        return grant, wanted if wanted in opened else ""

    def _pass_through(
        self, call: Call, route: Route | None, params: Mapping[str, str], grant: Grant | None, fault: Fault
    ) -> Answer:
        # An outage stands in front of everything: not even the token is looked at.
        if fault.offline or (fault.status and fault.status != 500 and not fault.after_commit):  # noqa: PLR2004
            time.sleep(fault.delay)
            return _fail(fault)
        # Limits are checked before scope and idempotency: a repeated call costs quota as well (Xero's guide).
        grant = self._admit(call, grant, fault)
        if len(call.content) > MAXIMUM_BODY:
            raise too_large()
        time.sleep(self._world.latency + fault.delay)
        if route and not route.is_open_to(grant.scopes):
            raise scope_missing()
        answer = self._run_once(call, grant, fault, lambda: self._run(call, route, params, fault))
        return replace(answer, lost=True) if fault.lost_answer else answer

    def _admit(self, call: Call, grant: Grant | None, fault: Fault) -> Grant:
        """Check token, organisation and limits, in this order. Refuse the call, or return its grant."""
        world = self._world
        with world.lock:
            now = world.seconds()
            if grant is None:
                raise unknown_token()
            if grant.expires <= now:
                raise token_expired(grant.expires)
            if not call.tenant:
                raise forbidden()
            if fault.limit:
                call.limit = fault.limit
                raise limited(fault.limit, fault.retry_after)
            breach = world.limits.admit(call.tenant, call.in_flight, now)
            if breach:
                call.limit = breach.kind
                raise limited(breach.kind, breach.retry_after)
        return grant

    def _run_once(self, call: Call, grant: Grant, fault: Fault, run: Callable[[], Answer]) -> Answer:
        """Run a call once for its Idempotency-Key; a repeat waits for the answer of the first."""
        key = call.headers.get("idempotency-key", "")
        # Xero ignores the header on reads and deletions.
        if not key or call.method not in WRITES:
            return run()
        # With its store of keys away Xero answers 500 rather than risk a double.
        if fault.idempotency == "down":
            return server_error()
        target = f"{call.path}?{call.query}"
        with self._world.lock:
            fingerprint = (call.method, target, call.content)
            entry, first = self._world.idempotency.claim(grant.client, key, fingerprint, self._world.seconds())
        if first:
            return _run_first(entry, run)
        call.replayed = True
        # Xero's answer to a repeat in flight is not documented, so clients are tested against both answers.
        if fault.idempotency == "refuse_in_flight" and not entry.done.is_set():
            return server_error(409)
        entry.done.wait(IN_FLIGHT_WAIT_SECONDS)
        return entry.answer or server_error()

    def _run(self, call: Call, route: Route | None, params: Mapping[str, str], fault: Fault) -> Answer:
        """Let the route's handler do the work, under the lock."""
        # This 500 comes from behind the store of keys, so it is kept under the key like any answer.
        if fault.status and not fault.after_commit:
            return server_error(fault.status)
        if route is None:
            return _answer_unrouted(call)
        body: object = call.content if route.raw else parse_json(call) if call.method in WRITES else None
        world = self._world
        with world.lock:
            request = Request(
                world=world,
                book=world.books[call.tenant],
                now=world.now(),
                method=call.method,
                params=params,
                query={name.lower(): value for name, value in call.arguments.items()},
                headers=call.headers,
                body=body,
                fault=fault,
                ignored=call.ignored,
            )
            answer = bend(route.handle(request), fault)
        return _fail(fault) if fault.after_commit else answer


def _run_first(entry: Entry, run: Callable[[], Answer]) -> Answer:
    """Run the first call of a key and keep its answer, be it good, a refusal or a crash."""
    answer = server_error()
    try:
        answer = run()
    except RefusalError as error:
        answer = error.answer
    finally:
        entry.finish(answer)
    return answer


def _fail(fault: Fault) -> Answer:
    """Return the answer of *fault*, in the shape of its status."""
    shapes = {401: unknown_token, 403: forbidden, 404: not_found}
    if fault.offline:
        return outage(_OFFLINE[fault.offline])
    if fault.status == 503:  # noqa: PLR2004
        return outage(UNAVAILABLE)
    if fault.status in shapes:
        return shapes[fault.status]().answer
    return server_error(fault.status or 500)


def _answer_unrouted(call: Call) -> Answer:
    """Answer a path without a route: PUT to a single record is a 500 in Xero, any other call a 404."""
    # Xero itself breaks on PUT to the path of a single record.
    if call.method == "PUT":
        return server_error()
    raise not_found()
