"""The clock: events and tokens carry times, so this machine, Redis and Xero must agree on them."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import requests

from segxero.check.finding import Finding, fault, good, unseen
from segxero.check.set_up import SetUp
from segxero.store import server

FARTHEST_SECONDS = 60
TIMEOUT = (5, 10)  # seconds to connect, to answer
PATH = "/.well-known/openid-configuration"  # open to everybody, and no call of an organisation


def look(set_up: SetUp) -> Iterator[Finding]:
    """Compare the clocks."""
    if "Redis" not in set_up.missing:
        yield _compared("Redis' clock", server.now(set_up.services.redis), time.time())
    if "XERO_IDENTITY_URL" not in set_up.missing:
        yield _of_xero(set_up.settings.xero_identity_url)


def _compared(name: str, theirs: float, ours: float) -> Finding:
    apart = ours - theirs
    found = f"this machine is {abs(apart):.0f} s {'ahead' if apart > 0 else 'behind'}"
    if abs(apart) > FARTHEST_SECONDS:
        return fault(name, found, "let NTP set the clocks of both (timedatectl set-ntp true)")
    return good(name, found)


def _of_xero(identity_url: str) -> Finding:
    name = "Xero's clock"
    try:
        answer = requests.get(identity_url + PATH, timeout=TIMEOUT, allow_redirects=False)
        theirs = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (requests.RequestException, KeyError, ValueError) as error:
        return unseen(name, f"Xero does not tell its time ({type(error).__name__})")
    return _compared(name, theirs, time.time())
