"""Connections to Xero: the app's credentials, and each organisation's token, tenant and scopes.

Two areas of the set-up check: `look_at_app`, then `look`.
"""

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
NOBODY = "segxero-check"  # not a refresh token: Xero verifies the app's credentials before it refuses this
PORTAL = "copy both from the app in Xero's developer portal, and check that XERO_GRANT matches the app's kind"
LATER = "see status.developer.xero.com, and run the check again when Xero answers"
ADD = "add it to the app's scopes in Xero's developer portal, then {connect}"


def look_at_app(set_up: SetUp) -> Iterator[Finding]:
    """Verify the app's credentials at Xero's token endpoint, without using up a refresh token."""
    endpoint = TokenEndpoint(set_up.settings)
    try:
        # Before the first consent there is no token; an invalid refresh token still proves the credentials.
        if set_up.settings.by_consent:
            _verify_credentials(endpoint)
        else:
            scopes = () if "mappings" in set_up.missing else set_up.services.scopes
            endpoint.mint(scopes)
    except ScopeRefusedError:
        set_up.missing[APP] = "Xero refuses the app a token"
        # Xero does not name the refused scope, so each is requested alone.
        lacking = [scope for scope in set_up.services.scopes if not _grants(endpoint, scope)]
        yield fault(APP, f"lacks the scope {' '.join(lacking)}", ADD.format(connect="authorise it there again"))
    except AuthenticationError as error:
        set_up.missing[APP] = "Xero refuses the app a token"
        yield fault(APP, str(error), PORTAL)
    except RetryableError as error:
        set_up.missing[APP] = "Xero does not answer"
        yield fault(APP, str(error), LATER)
    else:
        yield good(APP, "Xero accepts XERO_CLIENT_ID and XERO_CLIENT_SECRET")


def _verify_credentials(endpoint: TokenEndpoint) -> None:
    try:
        endpoint.refresh(NOBODY, ())
    except GrantRefusedError:
        return


def _grants(endpoint: TokenEndpoint, scope: str) -> bool:
    try:
        endpoint.mint([scope])
    except ScopeRefusedError:
        return False
    return True


def look(set_up: SetUp) -> Iterator[Finding]:
    """Check that each organisation is connected and has granted the scopes the mappings need."""
    services = set_up.services
    listings: dict[str, list[Tenant]] = {}
    for organisation in services.mappings.organisations:
        if set_up.before_start and services.settings.by_consent and services.connections.of(organisation) is None:
            # Organisations can be connected only after the first start.
            yield note(_name(services, organisation), "is not connected yet", _connect(services))
            continue
        try:
            access = services.tokens.access(organisation)
            if access.tenant and access.token not in listings:
                # A user may have connected several organisations; Xero lists them all in a single answer.
                listings[access.token] = list_tenants(services.settings.xero_api_url, access.token)
        except SegxeroError as error:
            remedy = LATER if isinstance(error, RetryableError) else _connect(services)
            yield fault(_name(services, organisation), str(error), remedy)
            continue
        connection = services.connections.of(organisation) if access.tenant else None
        found = list(_tenant(services, organisation, connection, listings.get(access.token, [])))
        granted = frozenset(connection.scopes if connection else _claimed(access.token, services))
        found.append(_scopes(services, organisation, granted, by_consent=connection is not None))
        # The books cost five calls, so they are read only through a working connection.
        if all(finding.good for finding in found):
            set_up.let_in[organisation] = granted
        yield from found
    yield from _find_unused(services)


def _claimed(token: str, services: Services) -> tuple[str, ...]:
    """Return the scopes named in a custom connection's token; if it cannot be read, the scopes we requested."""
    told = claims(token).get("scope", services.scopes)
    return tuple(told.split() if isinstance(told, str) else told)


def _tenant(
    services: Services, organisation: str, connection: Connection | None, tenants: list[Tenant]
) -> Iterator[Finding]:
    name = _name(services, organisation)
    if connection is None:
        yield good(name, "Xero issues a token")
        return
    wanted = services.mappings.organisations[organisation].tenant
    if gone := explain_loss(connection, tenants, is_demo=services.books.known(organisation).is_demo):
        yield fault(name, gone, _connect(services))
    elif wanted and wanted.lower() not in (connection.tenant.lower(), connection.name.lower()):
        found = f"leads to {connection.name}, but organisations.yaml names the tenant {wanted}"
        yield fault(name, found, f"correct `tenant` in organisations.yaml, or {_connect(services)}")
    else:
        yield good(name, connection.name)


def _scopes(services: Services, organisation: str, granted: frozenset[str], *, by_consent: bool) -> Finding:
    name = f"Xero's scopes for {organisation}"
    if lacking := list_missing((*services.scopes, *([OFFLINE] if by_consent else ())), granted):
        remedy = ADD.format(connect=_connect(services) if by_consent else "authorise it there again")
        return fault(name, f"{' '.join(lacking)} missing", remedy)
    return good(name, " ".join(sorted(granted)))


def _find_unused(services: Services) -> Iterator[Finding]:
    for organisation, connection in services.connections.all().items():
        if services.settings.by_consent and organisation not in services.mappings.organisations:
            remedy = f"add {organisation} to organisations.yaml, or disconnect it in Xero"
            yield note(_name(services, organisation), f"{connection.name} is connected, but no events go there", remedy)


def _name(services: Services, organisation: str) -> str:
    return f"Xero's connection of {organisation}" if services.settings.by_consent else "Xero's token"


def _connect(services: Services) -> str:
    if not services.settings.by_consent:
        return f"see {services.settings.where_to_connect}"
    return f"connect it: {services.settings.where_to_connect}"
