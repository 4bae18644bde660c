"""Clocks: events and tokens carry times, so this machine, Redis and Xero must agree. An area of the set-up check."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import requests

from segxero.check.finding import Finding, fault, good, unseen
from segxero.check.set_up import SetUp
from segxero.store import server

FARTHEST_SECONDS = 60
TIMEOUT = (5, 10)  # seconds to connect, to answer
PATH = "/.well-known/openid-configuration"  # public, and does not count against an organisation's calls


def look(set_up: SetUp) -> Iterator[Finding]:
    """Compare this machine's clock with those of Redis and Xero."""
    if "Redis" not in set_up.missing:
        yield _compare("Redis' clock", server.now(set_up.services.redis), time.time())
    if "XERO_IDENTITY_URL" not in set_up.missing:
        yield _compare_with_xero(set_up.settings.xero_identity_url)


def _compare(name: str, theirs: float, ours: float) -> Finding:
    apart = ours - theirs
    found = f"this machine is {abs(apart):.0f} s {'ahead' if apart > 0 else 'behind'}"
    # Xero's tokens live 30 minutes and events are ordered by time: a difference up to a minute does no harm.
    if abs(apart) > FARTHEST_SECONDS:
        return fault(name, found, "synchronise both clocks by NTP (timedatectl set-ntp true)")
    return good(name, found)


def _compare_with_xero(identity_url: str) -> Finding:
    name = "Xero's clock"
    try:
        # The Date header of this host is free: only calls to the API count.
        answer = requests.get(identity_url + PATH, timeout=TIMEOUT, allow_redirects=False)
        theirs = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (requests.RequestException, KeyError, ValueError) as error:
        return unseen(name, f"Xero did not send its time ({type(error).__name__})")
    return _compare(name, theirs, time.time())
