"""A row of the routing table."""

from collections.abc import Callable
from dataclasses import dataclass

from segxero.sandbox.answers import Answer
from segxero.sandbox.request import Request


@dataclass(frozen=True, slots=True)
class Route:
    """*method* on *path* (Flask's rule below `/api.xro/2.0`) is answered by *handle*."""

    method: str
    path: str
    handle: Callable[[Request], Answer]

    @property
    def resource(self) -> str:
        """The part of the path that decides about the scope."""
        return self.path.split("/")[1]
