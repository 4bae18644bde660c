"""Reading a call from Flask: its values, and its body as JSON or as text for the record.

The app and the identity service call it at the start of every request.
"""

from flask import Request as HttpRequest

from segxero.jsontext import loads
from segxero.sandbox.state.calls import Call
from segxero.sandbox.wire.refusals import invalid_data, unsupported_media_type

KEPT_BYTES = 2_000


def receive_call(http: HttpRequest) -> Call:
    """Copy Flask's request into a value that outlives it."""
    return Call(
        method=http.method,
        path=http.path,
        query=http.query_string.decode("utf-8", "replace"),
        arguments=http.args.to_dict(),
        headers={name.lower(): value for name, value in http.headers.items()},
        content=http.get_data(),
    )


def parse_json(call: Call) -> object:
    """Return the body as JSON values. Refuse another content type, and text that is not JSON."""
    if call.media_type != "application/json":
        raise unsupported_media_type(call.media_type)
    try:
        return loads(call.content) if call.content.strip() else None
    except ValueError as error:
        raise invalid_data(f"The body is not JSON: {error}") from None


def preview_body(call: Call, *, raw: bool) -> object:
    """Return the body for the record: its JSON values, else (or for a *raw* file) the beginning as text."""
    content = call.content
    if not content:
        return None
    # The record shows a body as far as it can be read; the refusal comes later, from the parser.
    if not raw and call.media_type in {"application/json", ""}:
        try:
            return loads(content)
        except ValueError:
            pass
    return content[:KEPT_BYTES].decode("utf-8", "replace")
