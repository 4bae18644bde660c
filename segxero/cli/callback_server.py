"""A server for one request: waits until Xero sends the browser back. Called by `segxero connect`."""

import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

import click

DONE = b"<!doctype html><title>segxero</title><p>Xero has answered. Continue in the terminal; you can close this page."


def wait_for_answer(address: str, seconds: float) -> dict[str, str]:
    """Return the query of the browser's request to *address*. Raise ClickException if none comes in time."""
    wanted = urlsplit(address)
    found: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        """Takes the request to *address*; browsers also ask for an icon."""

        def do_GET(self) -> None:
            called = urlsplit(self.path)
            is_answer = called.path == wanted.path
            self.send_response(200 if is_answer else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(DONE) if is_answer else 0))
            self.end_headers()
            if is_answer:
                self.wfile.write(DONE)
                found.update(parse_qsl(called.query))

        def log_message(self, *_: object) -> None:
            """Write nothing, because the query holds Xero's code."""

    try:
        server = HTTPServer(("127.0.0.1", wanted.port or 80), Handler)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen at {address} ({error.strerror}): if the receiver runs there, open its /xero/connect, "
            "or use --paste"
        ) from None
    with server:
        # Short waits, so that the loop notices its deadline.
        server.timeout = 1.0
        deadline = time.monotonic() + seconds
        while not found and time.monotonic() < deadline:
            server.handle_request()
    if not found:
        raise click.ClickException(f"Xero did not send the browser to {address} within {seconds:.0f} s: start again")
    return found
