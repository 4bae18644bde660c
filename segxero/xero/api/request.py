"""A call to Xero as data. The objects, listings and books make it; `client` sends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call: *body* is the element list or object as Xero takes it."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None  # sent as JSON
    content: bytes | None = None  # sent unchanged, for attachments
