"""The receiver as Segment sees it: a signed call to its public address, without an event, so nothing is kept."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import requests

from segxero import jsontext
from segxero.check.finding import Finding, fault, good, note, unseen
from segxero.check.set_up import SetUp
from segxero.segment import signature
from segxero.settings import LOOPBACK, Settings

NAME = "receiver"
PATH = "/webhooks/segment"
SAMPLE = b"[]"  # a batch without events: signature and route are proved, and nothing is counted or stored
TIMEOUT = (5, 5)  # seconds to connect, to answer
ANSWERED = {"accepted": 0, "ignored": 0, "rejected": []}


def look(set_up: SetUp) -> Iterator[Finding]:
    """Call the receiver from outside, unless it does not run yet or nobody told where it is."""
    settings = set_up.settings
    url = settings.public_url
    if set_up.before_start:
        yield unseen(NAME, "it does not run yet")
    elif not url:
        yield note(NAME, "its public address is not known", "set SEGXERO_PUBLIC_URL, so that it can be called")
    else:
        yield _called(settings, url + PATH)


def _called(settings: Settings, url: str) -> Finding:
    headers = {"Content-Type": "application/json"}
    headers[signature.HEADER] = signature.sign(settings.segment_shared_secret[0], SAMPLE)
    if settings.segment_bearer_token:
        headers["Authorization"] = f"Bearer {settings.segment_bearer_token}"
    try:
        answer = requests.post(url, data=SAMPLE, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        return _unreached(url, error)
    return _read(url, answer)


def _unreached(url: str, error: requests.RequestException) -> Finding:
    host = urlsplit(url).hostname
    for kind, found, remedy in UNREACHED:
        if isinstance(error, kind):
            return fault(NAME, f"{url} {found}", remedy.format(host=host))
    return fault(NAME, f"{url} cannot be called ({type(error).__name__})", "correct SEGXERO_PUBLIC_URL")


UNREACHED: tuple[tuple[type[requests.RequestException], str, str], ...] = (
    (
        requests.exceptions.SSLError,
        "has a certificate that does not hold, or speaks no TLS",
        "give {host} a certificate of a known authority; Segment refuses others",
    ),
    (requests.Timeout, "does not answer in time", "look whether a firewall or proxy holds calls to {host} back"),
    (requests.ConnectionError, "cannot be reached", "start the receiver, and see that DNS and proxy lead {host} to it"),
)


def _read(url: str, answer: requests.Response) -> Finding:
    status = answer.status_code
    if answer.is_redirect:
        target = answer.headers.get("Location", "")
        remedy = "give Segment the final address: it follows a redirect with an empty GET and takes that for a delivery"
        return fault(NAME, f"{url} redirects to {target}", remedy)
    try:
        told = jsontext.loads(answer.content)
    except ValueError:
        told = None
    said = told.get("message") if isinstance(told, dict) else None
    if status == requests.codes.ok and told == ANSWERED:
        where = " (this machine only)" if urlsplit(url).hostname in LOOPBACK else ""
        return good(NAME, f"{url} takes signed calls{where}")
    if not isinstance(said, str):
        return fault(NAME, f"another program answers at {url} ({status})", "correct SEGXERO_PUBLIC_URL or the proxy")
    return fault(NAME, f"{url} answers {status}: {said}", REMEDIES.get(status, "look into the receiver's log"))


REMEDIES = {
    requests.codes.unauthorized: "start the receiver with the SEGMENT_BEARER_TOKEN and SEGMENT_SHARED_SECRET of here",
    requests.codes.unavailable: "start the receiver with the SEGMENT_SHARED_SECRET of here, and see that Redis answers",
}
