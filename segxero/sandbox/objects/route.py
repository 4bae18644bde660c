"""A row of the routing table. Each object's module lists its routes under the OAuth scopes that open them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from segxero.sandbox.state.request import Request
from segxero.sandbox.wire.answers import Answer


@dataclass(frozen=True, slots=True)
class Route:
    """*handle* answers *method* on *path*, Flask's rule below `/api.xro/2.0`.

    The handler of a *raw* route gets the body as bytes, with any content type. Any of the *scopes* opens the route,
    and its `.read` variant opens a GET. A route without scopes needs only a token.
    """

    method: str
    path: str
    handle: Callable[[Request], Answer]
    raw: bool = False
    scopes: tuple[str, ...] = ()

    def is_open_to(self, granted: frozenset[str]) -> bool:
        """Tell whether a token with the *granted* scopes may call the route."""
        enough = {f"{scope}.read" for scope in self.scopes} if self.method == "GET" else set()
        return not self.scopes or not granted.isdisjoint(enough.union(self.scopes))


def allow(scopes: tuple[str, ...], *routes: Route) -> tuple[Route, ...]:
    """Return *routes*, opened by any of *scopes*."""
    return tuple(replace(route, scopes=scopes) for route in routes)
