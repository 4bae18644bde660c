"""A call as it came in: taken from Flask, read, and recorded without its credentials."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Request as HttpRequest

from segxero.jsontext import loads
from segxero.sandbox.state.calls import SECRET_HEADERS, Call, count_elements
from segxero.sandbox.state.world import World
from segxero.sandbox.wire.refusals import invalid_data, unsupported_media_type

KEPT_BYTES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One call: header names in lower case, *query* as text and *arguments* as its parts."""

    method: str
    path: str
    query: str
    arguments: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def wants_json(self) -> bool:
        return "application/json" in self.headers.get("accept", "")


def taken(http: HttpRequest) -> Incoming:
    """Return Flask's request as a value that outlives it."""
    return Incoming(
        method=http.method,
        path=http.path,
        query=http.query_string.decode("utf-8", "replace"),
        arguments=http.args.to_dict(),
        headers={name.lower(): value for name, value in http.headers.items()},
        body=http.get_data(),
    )


def recorded(world: World, incoming: Incoming, tenant: str, body: object) -> Call:
    """Record that *incoming* has arrived at *tenant* with *body*."""
    call = Call(
        number=0,
        arrived=world.seconds(),
        method=incoming.method,
        path=incoming.path,
        query=incoming.query,
        headers={name: value for name, value in incoming.headers.items() if name not in SECRET_HEADERS},
        body=body,
        elements=count_elements(body),
    )
    world.calls.begin(call, tenant)
    return call


def parsed(incoming: Incoming) -> object:
    """Return the body as JSON values. Refuse other content types and what is not JSON."""
    if incoming.media_type != "application/json":
        raise unsupported_media_type(incoming.media_type)
    try:
        return loads(incoming.body) if incoming.body.strip() else None
    except ValueError as error:
        raise invalid_data(f"The body is not JSON: {error}") from None


def readable(incoming: Incoming, *, raw: bool) -> object:
    """Return the body for the record: parsed when it is JSON and not a *raw* file, else its beginning as text."""
    body = incoming.body
    if not body:
        return None
    if not raw and incoming.media_type in {"application/json", ""}:
        try:
            return loads(body)
        except ValueError:
            pass
    return body[:KEPT_BYTES].decode("utf-8", "replace")
