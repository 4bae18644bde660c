"""A row of the routing table."""

from collections.abc import Callable
from dataclasses import dataclass

from segxero.sandbox.state.request import Request
from segxero.sandbox.wire.answers import Answer


@dataclass(frozen=True, slots=True)
class Route:
    """*handle* answers *method* on *path*, Flask's rule below `/api.xro/2.0`.

    The handler of a *raw* route gets the body as bytes, with any content type.
    """

    method: str
    path: str
    handle: Callable[[Request], Answer]
    raw: bool = False

    @property
    def resource(self) -> str:
        """The part of the path to look the scope up by."""
        parts = self.path.split("/")
        return "Attachments" if "Attachments" in parts else parts[1]
