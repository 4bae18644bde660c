"""Segment's Public API: the names of a workspace's sources and destinations (docs.segmentapis.com).

The events queue asks it for names when SEGMENT_API_TOKEN is set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

from segxero import jsontext
from segxero.errors import AuthenticationError, RetryableError
from segxero.mapping.names import Names

TIMEOUT = (3, 7)  # seconds to connect, to answer
PAGE = 200  # the largest page that every copy of the documentation allows
MOST_PAGES = 50
REFUSED = (401, 403)


# The write keys of these categories are delivered to browsers and phones, where everybody can read them.
PUBLIC_CATEGORIES = frozenset({"website", "mobile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """A source of the workspace: its name, the name of its kind, and whether its write key is public."""

    name: str
    kind: str
    is_public: bool


class PublicApi:
    """Reads names with *token*, which needs only the right to read the workspace."""

    def __init__(self, token: str, url: str) -> None:
        self._token = token
        self._url = url

    def names(self) -> Names:
        """Return the names of all sources and destinations. Raise RetryableError or AuthenticationError."""
        sources = {str(one["id"]): _name(one) for one in self._all("sources")}
        destinations: dict[str, str] = {}
        connected: dict[str, tuple[str, ...]] = {}
        for one in self._all("destinations"):
            destinations[str(one["id"])] = _name(one)
            if one.get("enabled"):
                source = str(one.get("sourceId", ""))
                connected[source] = tuple(sorted([*connected.get(source, ()), _name(one)]))
        return Names(sources=sources, destinations=destinations, connected=connected)

    def kinds(self) -> dict[str, SourceKind]:
        """Return the kinds of all sources by id. Raise RetryableError or AuthenticationError."""
        return {str(one["id"]): _kind(one) for one in self._all("sources")}

    def _all(self, kind: str) -> Iterator[dict[str, Any]]:
        cursor = ""
        for _ in range(MOST_PAGES):
            params = {"pagination.count": str(PAGE), **({"pagination.cursor": cursor} if cursor else {})}
            data = self._get(kind, params)
            yield from data.get(kind, [])
            cursor = (data.get("pagination") or {}).get("next") or ""
            if not cursor:
                return

    def _get(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/vnd.segment.v1+json"}
        try:
            response = requests.get(
                f"{self._url}/{path}", params=params, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
            # Another try cannot help here: a person must correct the token.
            if response.status_code in REFUSED:
                raise AuthenticationError("Segment's Public API refuses the token; check SEGMENT_API_TOKEN")
            if response.status_code != requests.codes.ok:
                raise RetryableError(f"Segment's Public API answered {response.status_code}")
            return dict(jsontext.loads(response.content)["data"])
        except requests.RequestException as error:
            raise RetryableError(f"Segment's Public API cannot be reached ({type(error).__name__})") from None
        except (KeyError, TypeError, ValueError):
            raise RetryableError("Segment's Public API gave an answer that cannot be read") from None


def _kind(one: dict[str, Any]) -> SourceKind:
    metadata = one.get("metadata") or {}
    categories = {str(category).lower() for category in metadata.get("categories") or ()}
    kind = str(metadata.get("name") or metadata.get("slug") or "unknown")
    return SourceKind(name=_name(one), kind=kind, is_public=bool(categories & PUBLIC_CATEGORIES))


def _name(one: dict[str, Any]) -> str:
    """Return the name for people: its name, or its slug, or the name of its kind."""
    return str(one.get("name") or one.get("slug") or (one.get("metadata") or {}).get("name") or one["id"])
