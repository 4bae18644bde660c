"""Connections: the Xero tenant of each organisation in organisations.yaml, and the user who gave consent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import requests

from segxero import jsontext
from segxero.errors import AuthenticationError, Fault, RetryableError
from segxero.mapping.organisations import Organisation
from segxero.store import keys
from segxero.store.client import Store

RESET_DAYS = 28  # Xero resets a demo company after so long
TIMEOUT = (5, 15)  # seconds to connect, to answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An organisation as Xero's list of connections names it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The tenant of an organisation, the Xero user whose tokens open it, and the granted scopes."""

    tenant: str
    name: str
    user: str
    scopes: tuple[str, ...]
    connected_at: str


class Connections:
    """The connections of all organisations, in Redis."""

    def __init__(self, client: Store) -> None:
        self._redis = client

    def of(self, organisation: str) -> Connection | None:
        stored = self._redis.hget(keys.CONNECTIONS, organisation)
        return _read(stored) if stored else None

    def all(self) -> dict[str, Connection]:
        """Return the connections by organisation."""
        stored = self._redis.hgetall(keys.CONNECTIONS)
        return {organisation: _read(text) for organisation, text in sorted(stored.items())}

    def find_by_user(self, user: str) -> dict[str, Connection]:
        """Return the connections behind the tokens of *user*."""
        return {name: connection for name, connection in self.all().items() if connection.user == user}

    def lacking(self, needed: Collection[str], organisations: Iterable[str]) -> dict[str, list[str]]:
        """Return by *needed* scope the *organisations* whose consent lacks it."""
        connected = self.all()
        found: dict[str, list[str]] = {}
        for organisation in organisations:
            for scope in list_missing(needed, connected[organisation].scopes) if organisation in connected else ():
                found.setdefault(scope, []).append(organisation)
        return found

    def put(self, connections: Mapping[str, Connection]) -> None:
        """Keep *connections* by organisation, in an atomic step."""
        if connections:
            stored = {name: jsontext.dumps(asdict(connection)) for name, connection in connections.items()}
            self._redis.hset(keys.CONNECTIONS, mapping=stored)

    def drop(self, organisation: str) -> None:
        """Forget the connection of *organisation*."""
        self._redis.hdel(keys.CONNECTIONS, organisation)


def check_custom_connection(organisations: Collection[str]) -> list[Fault]:
    """Return a fault when a custom connection serves several organisations."""
    if len(organisations) == 1:
        return []
    remedy = "a custom connection serves one organisation; keep one here, or set XERO_GRANT=authorization_code"
    return [Fault(remedy, file="organisations.yaml")]


def list_missing(needed: Iterable[str], granted: Collection[str]) -> list[str]:
    """Return the *needed* scopes that are not *granted*; a scope to write reads as well."""
    return sorted(scope for scope in needed if scope not in granted and scope.removesuffix(".read") not in granted)


def _read(text: str) -> Connection:
    stored = jsontext.loads(text)
    return Connection(**{**stored, "scopes": tuple(stored["scopes"])})


def list_tenants(api_url: str, access: str) -> list[Tenant]:
    """Ask Xero for the organisations behind the token *access*. Raise AuthenticationError or RetryableError."""
    return [Tenant(id=entry["tenantId"], name=entry.get("tenantName") or "") for entry in _entries(api_url, access)]


def close(api_url: str, access: str, tenant: str) -> None:
    """End the connection of *tenant* at Xero, if it is still open. Raise AuthenticationError or RetryableError.

    Xero's DELETE /connections/{id} takes the connection's id, found only in the list of connections.
    """
    for entry in _entries(api_url, access):
        if entry["tenantId"] == tenant:
            response = _asked("DELETE", f"{api_url}/connections/{entry['id']}", access)
            if response.status_code not in (requests.codes.no_content, requests.codes.not_found):
                raise RetryableError(f"Xero does not end the connection now ({response.status_code}); try again")


def _entries(api_url: str, access: str) -> list[dict[str, Any]]:
    response = _asked("GET", f"{api_url}/connections", access)
    try:
        answer = jsontext.loads(response.content) if response.ok else None
    except ValueError:
        answer = None
    if not isinstance(answer, list):
        # An answer without a list proves nothing about the connections, so nobody is called lost by it.
        raise RetryableError(f"Xero's list of connections does not come ({response.status_code})")
    return [entry for entry in answer if entry.get("tenantType") == "ORGANISATION"]


def _asked(method: str, url: str, access: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
    try:
        response = requests.request(method, url, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        raise RetryableError(f"Xero's connections cannot be reached ({type(error).__name__})") from None
    if response.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
        raise AuthenticationError(f"Xero does not show its connections ({response.status_code}); connect again")
    return response


def explain_loss(connection: Connection, tenants: Sequence[Tenant], *, is_demo: bool) -> str:
    """Explain why a *connection* is not among the user's *tenants*; '' when it is.

    After a reset, a demo company has a new id and its old name; Xero resets it after RESET_DAYS.
    """
    if any(tenant.id == connection.tenant for tenant in tenants):
        return ""
    if any(tenant.name == connection.name for tenant in tenants):
        return f"{connection.name} was reset: Xero has it under a new tenant id, with empty books"
    if is_demo:
        return (
            f"{connection.name} was disconnected in Xero, or reset: Xero resets demo companies after {RESET_DAYS} days"
        )
    return f"{connection.name} was disconnected in Xero"


def match_tenants(
    organisations: Iterable[Organisation], tenants: Sequence[Tenant], held: Mapping[str, Connection]
) -> dict[str, Tenant]:
    """Return the tenant of each organisation where it is sure: a wrong guess would book into a stranger's books.

    First comes the id or exact name in organisations.yaml (`tenant`, else the organisation's own name), then the tenant
    of an earlier connection. A single organisation takes a single tenant.
    """
    organisations = list(organisations)
    found: dict[str, Tenant] = {}
    for organisation in organisations:
        wanted = organisation.tenant or organisation.name
        named = [tenant for tenant in tenants if wanted.lower() == tenant.id.lower() or wanted == tenant.name]
        # Two organisations of the same name cannot be told apart, so neither is taken.
        if len(named) == 1:
            found[organisation.name] = named[0]
    for organisation in organisations:
        before = held.get(organisation.name)
        free = [tenant for tenant in tenants if tenant not in found.values()]
        # An earlier connection counts only while organisations.yaml names no tenant: the file is the newer word.
        same = [tenant for tenant in free if before and tenant.id == before.tenant]
        if organisation.name not in found and not organisation.tenant and same:
            found[organisation.name] = same[0]
    if len(organisations) == len(tenants) == 1 and not organisations[0].tenant:
        found[organisations[0].name] = tenants[0]
    return found
