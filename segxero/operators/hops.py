"""The hop in front of us: whose X-Forwarded-For and X-Forwarded-Proto are believed, and what they say."""

from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Any

ALL = "*"


class Hops:
    """Knows the proxies that are *trusted*: addresses and networks, or ALL.

    Only the last entry of a header is read: it is the one that the trusted proxy has added itself, whatever the client
    sent. X-Forwarded-Host is never read: Heroku's router and others pass on what a client made up.
    """

    def __init__(self, trusted: Iterable[str]) -> None:
        entries = tuple(trusted)
        self._all = ALL in entries
        self._networks = [ip_network(entry) for entry in entries if entry != ALL]

    def seen(self, peer: str, scheme: str, forwarded_for: str, forwarded_proto: str) -> tuple[str, str]:
        """Return the client's address and scheme: those of the connection, unless a trusted proxy says others."""
        if not self._trusts(peer):
            return peer, scheme
        client, said = _last(forwarded_for), _last(forwarded_proto).lower()
        return (client if _is_address(client) else peer), (said if said in {"http", "https"} else scheme)

    def _trusts(self, peer: str) -> bool:
        # The peer of a unix socket has no address; it is on this machine.
        return self._all or not peer or any(ip_address(peer) in network for network in self._networks)


class BehindHop:
    """A WSGI application that sees the client where the last hop is a trusted proxy."""

    def __init__(self, app: Callable[..., Any], hops: Hops) -> None:
        self._app = app
        self._hops = hops

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["REMOTE_ADDR"], environ["wsgi.url_scheme"] = self._hops.seen(
            environ.get("REMOTE_ADDR", ""),
            environ["wsgi.url_scheme"],
            environ.get("HTTP_X_FORWARDED_FOR", ""),
            environ.get("HTTP_X_FORWARDED_PROTO", ""),
        )
        return self._app(environ, start_response)


def _last(header: str) -> str:
    return header.rpartition(",")[2].strip()


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
