"""An answer on its way out: a response of Flask's, or a broken connection."""

import errno
import socket
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response
from flask import request as http

from segxero.sandbox.wire.answers import Answer

_SERVERS_SOCKETS = ("werkzeug.socket", "gunicorn.socket")


def send_answer(answer: Answer, *, as_json: bool = True) -> Response:
    """Return *answer* as Flask's response."""
    if answer.lost:
        return Response(_broken(http.environ))
    body, content_type = answer.encoded(as_json=as_json)
    response = Response(body, status=answer.status)
    if content_type:
        response.headers["Content-Type"] = content_type
    else:
        del response.headers["Content-Type"]
    response.headers.update(answer.headers)
    return response


def _broken(environ: Mapping[str, Any]) -> Iterator[bytes]:
    """Return a body whose first byte never comes: the connection breaks, as in a network."""
    # The server's own socket must go; a closed response alone would still send its headers.
    for name in _SERVERS_SOCKETS:
        if name in environ:
            environ[name].shutdown(socket.SHUT_RDWR)
    yield from _reset()


def _reset() -> list[bytes]:
    raise ConnectionResetError(errno.ECONNRESET, "the sandbox has dropped the connection")
