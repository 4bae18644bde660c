"""The proxy in front of us: reads the client from X-Forwarded-For and X-Forwarded-Proto if the proxy is trusted.

Wrapped around the receiver's app.
"""

from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Any

ALL = "*"


class Hops:
    """Knows the proxies that are *trusted*: addresses and networks, or ALL.

    Only the last entry of a header counts, because the trusted proxy added it; earlier entries come from the client.
    X-Forwarded-Host is ignored: Heroku's router and others pass on forged values.
    """

    def __init__(self, trusted: Iterable[str]) -> None:
        entries = tuple(trusted)
        self._all = ALL in entries
        self._networks = [ip_network(entry) for entry in entries if entry != ALL]

    def resolve_client(self, peer: str, scheme: str, forwarded_for: str, forwarded_proto: str) -> tuple[str, str]:
        """Return the client's address and scheme: as a trusted proxy reports them, else those of the connection."""
        if not self._trusts(peer):
            return peer, scheme
        client, said = _last(forwarded_for), _last(forwarded_proto).lower()
        # A malformed entry is ignored, not trusted.
        return (client if _is_address(client) else peer), (said if said in {"http", "https"} else scheme)

    def _trusts(self, peer: str) -> bool:
        # The peer of a unix socket has no address, and is on this machine.
        return self._all or not peer or any(ip_address(peer) in network for network in self._networks)


class BehindHop:
    """A WSGI application that sets the client's address and scheme from the hops."""

    def __init__(self, app: Callable[..., Any], hops: Hops) -> None:
        self._app = app
        self._hops = hops

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["REMOTE_ADDR"], environ["wsgi.url_scheme"] = self._hops.resolve_client(
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
