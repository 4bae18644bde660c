"""The set-up check: everything that must be right before a process may start, each line with its remedy."""

from collections.abc import Iterator
from dataclasses import dataclass

import redis

from segxero import formats, keys
from segxero.errors import SegxeroError
from segxero.services import Services
from segxero.xero.connections import listed

OLDEST_REDIS = (6, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the check; *remedy* says what to do when it is not *good*."""

    name: str
    good: bool
    found: str
    remedy: str = ""


def findings(services: Services) -> Iterator[Finding]:
    """Check Redis, the mappings and the way to Xero for *services*, whose settings are read already."""
    yield _mappings(services)
    redis_findings = list(_redis(services))
    yield from redis_findings
    if all(finding.good for finding in redis_findings):
        yield from _xero(services)
    settings = services.settings
    yield Finding(
        name="Segment's signature",
        good=bool(settings.segment_shared_secret),
        found="a shared secret is set" if settings.segment_shared_secret else "no secret is set",
        remedy="set SEGMENT_SHARED_SECRET, or whoever knows the address can send events",
    )


def _mappings(services: Services) -> Finding:
    names = [mapping.name for mapping in services.mappings.enabled]
    return Finding(name="mappings", good=True, found=f"{len(names)} in {services.settings.segxero_mappings}")


def _redis(services: Services) -> Iterator[Finding]:
    try:
        server = services.redis.info("server")
    except redis.RedisError as error:
        yield Finding(
            name="Redis",
            good=False,
            found=f"does not answer ({type(error).__name__})",
            remedy="check REDIS_URL and that Redis runs",
        )
        return
    version = str(server.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2])
    yield Finding(
        name="Redis", good=numbers >= OLDEST_REDIS, found=f"version {version}", remedy="use Redis 6.2 or newer"
    )
    append_only = services.redis.info("persistence").get("aof_enabled")
    yield Finding(
        name="Redis keeps its data",
        good=bool(append_only),
        found="append-only" if append_only else "not append-only",
        remedy="set `appendonly yes`: without it a restart of Redis loses accepted events",
    )
    number = int(services.redis.hget(keys.FORMAT, formats.NUMBER) or formats.FORMAT)
    yield Finding(
        name="Redis' format",
        good=number <= formats.FORMAT,
        found=f"{number}; this version knows up to {formats.FORMAT}",
        remedy="install the version of segxero that wrote it, or a later one",
    )
    policy = services.redis.info("memory").get("maxmemory_policy", "noeviction")
    yield Finding(
        name="Redis forgets nothing",
        good=policy == "noeviction",
        found=f"maxmemory-policy {policy}",
        remedy="set `maxmemory-policy noeviction`: others drop keys when memory is short",
    )


def _xero(services: Services) -> Iterator[Finding]:
    """Check that Xero lets each organisation in, with the scopes that the mappings need."""
    listings: dict[str, set[str]] = {}
    for organisation in services.mappings.organisations:
        try:
            access = services.tokens.access(organisation)
            if access.tenant and access.token not in listings:
                # A user's list is read once for all the organisations that this user has connected.
                tenants = listed(services.settings.xero_api_url, access.token)
                listings[access.token] = {tenant.id for tenant in tenants}
        except SegxeroError as error:
            yield Finding(name=_way(services, organisation), good=False, found=str(error), remedy=_remedy(services))
        else:
            is_open = not access.tenant or access.tenant in listings[access.token]
            yield from _granted(services, organisation, is_open=is_open)


def _granted(services: Services, organisation: str, *, is_open: bool) -> Iterator[Finding]:
    connection = services.connections.of(organisation) if services.settings.by_consent else None
    if connection is None:
        yield Finding(name="Xero's token", good=True, found=f"granted for {' '.join(services.scopes)}")
        return
    found = (
        connection.name if is_open else f"{connection.name} was disconnected in Xero, or is a demo company and reset"
    )
    yield Finding(name=_way(services, organisation), good=is_open, found=found, remedy=_remedy(services))
    missing = sorted(set(services.scopes) - set(connection.scopes))
    yield Finding(
        name=f"Xero's scopes for {organisation}",
        good=not missing,
        found=f"{' '.join(missing)} missing" if missing else " ".join(connection.scopes),
        remedy=f"add it to the app, then {_remedy(services)}",
    )


def _way(services: Services, organisation: str) -> str:
    return f"Xero's connection of {organisation}" if services.settings.by_consent else "Xero's token"


def _remedy(services: Services) -> str:
    if not services.settings.by_consent:
        return "see README, Connect real Xero"
    return f"connect it: {services.settings.where_to_connect}"
