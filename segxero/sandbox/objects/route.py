"""A row of the routing table."""

from collections.abc import Callable
from dataclasses import dataclass

from segxero.sandbox.state.request import Request
from segxero.sandbox.wire.answers import Answer


@dataclass(frozen=True, slots=True)
class Route:
    """*method* on *path* (Flask's rule below `/api.xro/2.0`) is answered by *handle*.

    A *raw* one gets its body in bytes, whatever the content type.
    """

    method: str
    path: str
    handle: Callable[[Request], Answer]
    raw: bool = False

    @property
    def resource(self) -> str:
        """The part of the path that decides about the scope."""
        parts = self.path.split("/")
        return "Attachments" if "Attachments" in parts else parts[1]
