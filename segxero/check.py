"""The set-up check: everything that must be right before a process may start, each line with its remedy."""

from collections.abc import Iterator
from dataclasses import dataclass

import redis

from segxero.errors import SegxeroError
from segxero.services import Services

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
        yield _xero(services)
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
    policy = services.redis.info("memory").get("maxmemory_policy", "noeviction")
    yield Finding(
        name="Redis forgets nothing",
        good=policy == "noeviction",
        found=f"maxmemory-policy {policy}",
        remedy="set `maxmemory-policy noeviction`: others drop keys when memory is short",
    )


def _xero(services: Services) -> Finding:
    try:
        services.tokens.access()
    except SegxeroError as error:
        return Finding(name="Xero's token", good=False, found=str(error), remedy="see README, Connect real Xero")
    return Finding(name="Xero's token", good=True, found=f"granted for {' '.join(services.scopes)}")
