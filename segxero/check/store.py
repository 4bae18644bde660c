"""Redis: checks that it answers, is durable, takes writes, and has no other user. An area of the set-up check."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import redis

from segxero.check.finding import Finding, fault, good, note, unseen
from segxero.check.set_up import SetUp
from segxero.settings import LOOPBACK
from segxero.store import formats
from segxero.store.client import Store

NAME = "Redis"
OLDEST = (6, 2)
FULLEST_SHARE = 0.9  # of maxmemory; above this, a backlog of some hours may not fit
MOST_KEYS = 5000  # keys examined for another program
OURS = ("segxero:", "dead_letters", "_kombu.", "unacked", "celery", "flower")
BINDING = "_kombu.binding."
OUR_BINDINGS = ("celery.pidbox", "reply.celery.pidbox", "celeryev")  # every Celery application has these
REPLIES = ".reply.celery.pidbox"
UNREACHABLE = "check REDIS_URL (rediss:// if the server requires TLS), and that Redis runs"
Facts = Mapping[str, Any]


def look(set_up: SetUp) -> Iterator[Finding]:
    """Check the server behind REDIS_URL, and the data it holds."""
    store = set_up.services.redis
    try:
        facts: Facts = store.info()
    except redis.ResponseError:
        yield unseen(NAME, "its host has disabled INFO", "ask the host whether Redis is append-only")
        return
    except redis.RedisError as error:
        yield _explain_failure(set_up, error)
        return
    if facts.get("role", "master") != "master":
        set_up.missing[NAME] = "Redis is a replica"
    for row in ROWS:
        yield row(facts)
    yield _fsync(store)
    yield _format(store)
    yield from _find_other_programs(store, set_up.queues)
    if set_up.settings.redis_url.startswith("redis://") and not _is_local(set_up.settings.redis_url):
        yield note("Redis' connection", "is not encrypted", "use rediss:// if Redis is outside your own network")


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    # A name without a dot is a host in the same network, such as `redis` in compose.
    return host in LOOPBACK or "." not in host


def _explain_failure(set_up: SetUp, error: redis.RedisError) -> Finding:
    """Report why Redis does not answer."""
    url = urlsplit(set_up.settings.redis_url)
    set_up.missing[NAME] = "Redis does not answer"
    # The server answers but refuses us; the remedy differs from a server that is down.
    if isinstance(error, redis.AuthenticationError):
        set_up.missing[NAME] = "Redis does not accept our password"
        if url.password:
            return fault(NAME, "refuses the password", "correct the user and password in REDIS_URL")
        return fault(NAME, "requires a password, but REDIS_URL has none", "write redis://:PASSWORD@host:port/0")
    if isinstance(error, redis.exceptions.BusyLoadingError):
        return fault(NAME, "is loading its data", "wait, then run the check again")
    if "CERTIFICATE" in str(error).upper():
        found = "has a certificate that cannot be verified"
        return fault(
            NAME, found, "correct the certificate; in a network that you trust, append ?ssl_cert_reqs=none to REDIS_URL"
        )
    if url.scheme == "rediss":
        found = f"does not answer by TLS ({type(error).__name__})"
        return fault(NAME, found, "write redis:// if that server has no TLS; else check that it runs")
    return fault(NAME, f"does not answer ({type(error).__name__})", UNREACHABLE)


def _version(facts: Facts) -> Finding:
    version = str(facts.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return (
        good(NAME, f"version {version}")
        if numbers >= OLDEST
        else fault(NAME, f"version {version}", "use Redis 6.2 or newer, or Valkey")
    )


def _append_only(facts: Facts) -> Finding:
    name = "Redis keeps its data"
    if facts.get("aof_enabled"):
        return good(name, "append-only")
    return fault(name, "not append-only", "set `appendonly yes`: otherwise a restart of Redis loses accepted events")


def _policy(facts: Facts) -> Finding:
    name, policy = "Redis forgets nothing", facts.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return good(name, f"maxmemory-policy {policy}")
    remedy = "set `maxmemory-policy noeviction`: other policies delete records when memory is short"
    return fault(name, f"maxmemory-policy {policy}", remedy)


def _memory(facts: Facts) -> Finding:
    name, used, most = "Redis' memory", int(facts.get("used_memory", 0)), int(facts.get("maxmemory", 0))
    # Without a limit Redis evicts nothing.
    if not most:
        return good(name, f"{used / 2**20:.0f} MB used, no limit set")
    found = f"{used / 2**20:.0f} MB of {most / 2**20:.0f} MB used"
    if used > FULLEST_SHARE * most:
        return fault(
            name, found, "raise maxmemory, or deliver and discard waiting records: a full Redis accepts no events"
        )
    return good(name, found)


def _primary(facts: Facts) -> Finding:
    name = "Redis takes writes"
    # A replica answers reads, so nothing else reveals it.
    if facts.get("role", "master") == "master":
        return good(name, "a primary")
    return fault(name, "is a replica", "point REDIS_URL to the primary: a replica accepts no writes")


ROWS = (_version, _append_only, _policy, _memory, _primary)


def _fsync(store: Store) -> Finding:
    name = "Redis writes to disk"
    try:
        told = store.config_get("appendfsync").get("appendfsync", "everysec")
    except redis.ResponseError:
        return unseen(name, "its host has disabled CONFIG", "ask the host whether appendfsync is everysec or always")
    if told == "no":
        return fault(
            name, "appendfsync no", "set `appendfsync everysec` or `always`: otherwise a crash loses minutes of events"
        )
    return good(name, f"appendfsync {told}")


def _format(store: Store) -> Finding:
    name, number = "Redis' format", formats.number(store)
    if number > formats.FORMAT:
        remedy = "install the version of segxero that wrote it, or a later version"
        return fault(name, f"{number}, but this version reads only up to {formats.FORMAT}", remedy)
    return good(name, f"{number or formats.FORMAT}")


def _find_other_programs(store: Store, queues: tuple[str, ...]) -> Iterator[Finding]:
    """Check whether another program uses the same database."""
    name = "Redis is ours"
    found = set()
    for number, key in enumerate(store.scan_iter(count=1000)):
        # A sample is enough: another program rarely has only a few keys.
        if number >= MOST_KEYS:
            break
        if not key.startswith(OURS) and not key.endswith(REPLIES) and key.split("\x06")[0] not in queues:
            found.add(key)
    # Two Celery applications in one database receive each other's control commands, such as shutdown.
    bindings = [key.removeprefix(BINDING) for key in store.scan_iter(f"{BINDING}*", count=1000)]
    apps = sorted(one for one in bindings if one not in queues and one not in OUR_BINDINGS)
    if apps:
        yield fault(
            name,
            f"another Celery application uses this database (queue {apps[0]})",
            "give segxero a database of its own in REDIS_URL, such as /1: the workers receive each other's commands",
        )
    # Foreign keys do no harm by themselves, but share the memory.
    elif found:
        number = len(found)
        yield note(name, f"{number} keys belong to another program", "give segxero a database of its own in REDIS_URL")
    else:
        yield good(name, "no other program uses this database")
