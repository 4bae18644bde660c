"""The way to Xero: the app's credentials, each organisation's token, tenant and scopes."""

from collections.abc import Iterator

from segxero.check.finding import Finding, fault, good, note
from segxero.check.set_up import SetUp
from segxero.errors import AuthenticationError, RetryableError, SegxeroError
from segxero.services import Services
from segxero.xero.access.connections import Connection, Tenant, explain_loss, list_missing, list_tenants
from segxero.xero.access.consent import OFFLINE
from segxero.xero.access.token_endpoint import GrantRefusedError, ScopeRefusedError, TokenEndpoint, claims

APP = "Xero's app"
CONNECTIONS = "Xero's connections"
NOBODY = "segxero-check"  # no refresh token: the endpoint looks at the app's credentials before it refuses this
PORTAL = "copy both from the app in Xero's developer portal, and see that XERO_GRANT is the app's kind"
LATER = "see status.developer.xero.com, and check again when Xero answers"
ADD = "add it to the app's scopes in Xero's developer portal, then {connect}"


def app(set_up: SetUp) -> Iterator[Finding]:
    """Let Xero's token endpoint look at the app's credentials, without using up any token."""
    endpoint = TokenEndpoint(set_up.settings)
    try:
        if set_up.settings.by_consent:
            _ask_in_vain(endpoint)
        else:
            scopes = () if "mappings" in set_up.missing else set_up.services.scopes
            endpoint.mint(scopes)
    except ScopeRefusedError:
        set_up.missing[APP] = "Xero gives the app no token"
        lacking = [scope for scope in set_up.services.scopes if not _has(endpoint, scope)]
        yield fault(APP, f"has not the scope {' '.join(lacking)}", ADD.format(connect="authorise it there again"))
    except AuthenticationError as error:
        set_up.missing[APP] = "Xero gives the app no token"
        yield fault(APP, str(error), PORTAL)
    except RetryableError as error:
        set_up.missing[APP] = "Xero does not answer"
        yield fault(APP, str(error), LATER)
    else:
        yield good(APP, "Xero knows XERO_CLIENT_ID and XERO_CLIENT_SECRET")


def _ask_in_vain(endpoint: TokenEndpoint) -> None:
    try:
        endpoint.refresh(NOBODY, ())
    except GrantRefusedError:
        return


def _has(endpoint: TokenEndpoint, scope: str) -> bool:
    try:
        endpoint.mint([scope])
    except ScopeRefusedError:
        return False
    return True


def look(set_up: SetUp) -> Iterator[Finding]:
    """Check that Xero lets each organisation in, with the scopes that the mappings need."""
    services = set_up.services
    listings: dict[str, list[Tenant]] = {}
    for organisation in services.mappings.organisations:
        if set_up.before_start and services.settings.by_consent and services.connections.of(organisation) is None:
            # Nobody can open the page that connects it before the first start.
            yield note(_way(services, organisation), "is not connected yet", _connect(services))
            continue
        try:
            access = services.tokens.access(organisation)
            if access.tenant and access.token not in listings:
                # A user's list is read once for all the organisations that this user has connected.
                listings[access.token] = list_tenants(services.settings.xero_api_url, access.token)
        except SegxeroError as error:
            remedy = LATER if isinstance(error, RetryableError) else _connect(services)
            yield fault(_way(services, organisation), str(error), remedy)
            continue
        connection = services.connections.of(organisation) if access.tenant else None
        found = list(_tenant(services, organisation, connection, listings.get(access.token, [])))
        granted = frozenset(connection.scopes if connection else _claimed(access.token, services))
        found.append(_scopes(services, organisation, granted, by_consent=connection is not None))
        if all(one.good for one in found):
            set_up.let_in[organisation] = granted
        yield from found
    yield from _forgotten(services)


def _claimed(token: str, services: Services) -> tuple[str, ...]:
    """Return the scopes that a custom connection's token names; those asked for if it cannot be read."""
    told = claims(token).get("scope", services.scopes)
    return tuple(told.split() if isinstance(told, str) else told)


def _tenant(
    services: Services, organisation: str, connection: Connection | None, tenants: list[Tenant]
) -> Iterator[Finding]:
    name = _way(services, organisation)
    if connection is None:
        yield good(name, "Xero gives a token")
        return
    wanted = services.mappings.organisations[organisation].tenant
    if gone := explain_loss(connection, tenants, is_demo=services.books.known(organisation).is_demo):
        yield fault(name, gone, _connect(services))
    elif wanted and wanted.lower() not in (connection.tenant.lower(), connection.name.lower()):
        found = f"is {connection.name}, and organisations.yaml has the tenant {wanted}"
        yield fault(name, found, f"correct `tenant` there, or {_connect(services)}")
    else:
        yield good(name, connection.name)


def _scopes(services: Services, organisation: str, granted: frozenset[str], *, by_consent: bool) -> Finding:
    name = f"Xero's scopes for {organisation}"
    if lacking := list_missing((*services.scopes, *([OFFLINE] if by_consent else ())), granted):
        remedy = ADD.format(connect=_connect(services) if by_consent else "authorise it there again")
        return fault(name, f"{' '.join(lacking)} missing", remedy)
    return good(name, " ".join(sorted(granted)))


def _forgotten(services: Services) -> Iterator[Finding]:
    for organisation, connection in services.connections.all().items():
        if services.settings.by_consent and organisation not in services.mappings.organisations:
            remedy = f"give {organisation} its part in organisations.yaml, or disconnect it in Xero"
            yield note(_way(services, organisation), f"{connection.name} is connected and gets nothing", remedy)


def _way(services: Services, organisation: str) -> str:
    return f"Xero's connection of {organisation}" if services.settings.by_consent else "Xero's token"


def _connect(services: Services) -> str:
    if not services.settings.by_consent:
        return f"see {services.settings.where_to_connect}"
    return f"connect it: {services.settings.where_to_connect}"
