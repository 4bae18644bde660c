"""The receiver as Segment sees it: posts a signed, empty batch to its public address. An area of the set-up check."""

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
SAMPLE = b"[]"  # a batch without events proves signature and route, and nothing is counted or stored
TIMEOUT = (5, 5)  # seconds to connect, to answer
ANSWERED = {"accepted": 0, "ignored": 0, "rejected": []}


def look(set_up: SetUp) -> Iterator[Finding]:
    """Call the receiver at its public address, if it runs and the address is known."""
    settings = set_up.settings
    url = settings.public_url
    if set_up.before_start:
        yield unseen(NAME, "the receiver is not running yet")
    elif not url:
        yield note(NAME, "its public address is not set", "set SEGXERO_PUBLIC_URL, so that the check can call it")
    else:
        yield _call(settings, url + PATH)


def _call(settings: Settings, url: str) -> Finding:
    headers = {"Content-Type": "application/json"}
    headers[signature.HEADER] = signature.sign(settings.segment_shared_secret[0], SAMPLE)
    if settings.segment_bearer_token:
        headers["Authorization"] = f"Bearer {settings.segment_bearer_token}"
    try:
        answer = requests.post(url, data=SAMPLE, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        return _explain(url, error)
    return _read(url, answer)


def _explain(url: str, error: requests.RequestException) -> Finding:
    host = urlsplit(url).hostname
    for kind, found, remedy in UNREACHED:
        if isinstance(error, kind):
            return fault(NAME, f"{url} {found}", remedy.format(host=host))
    return fault(NAME, f"{url} cannot be called ({type(error).__name__})", "correct SEGXERO_PUBLIC_URL")


# In requests an SSLError is a ConnectionError, so it stands before it.
UNREACHED: tuple[tuple[type[requests.RequestException], str, str], ...] = (
    (
        requests.exceptions.SSLError,
        "has an invalid certificate, or does not speak TLS",
        "give {host} a certificate from a public authority; Segment refuses others",
    ),
    (requests.Timeout, "does not answer in time", "check whether a firewall or proxy blocks calls to {host}"),
    (
        requests.ConnectionError,
        "cannot be reached",
        "start the receiver, and check that DNS and proxy route {host} to it",
    ),
)


def _read(url: str, answer: requests.Response) -> Finding:
    status = answer.status_code
    # A redirect comes first, because Segment counts it as success.
    if answer.is_redirect:
        target = answer.headers.get("Location", "")
        remedy = "give Segment the final address: it follows redirects with an empty GET and counts that as delivered"
        return fault(NAME, f"{url} redirects to {target}", remedy)
    try:
        told = jsontext.loads(answer.content)
    except ValueError:
        told = None
    said = told.get("message") if isinstance(told, dict) else None
    if status == requests.codes.ok and told == ANSWERED:
        where = " (this machine only)" if urlsplit(url).hostname in LOOPBACK else ""
        return good(NAME, f"{url} accepts signed calls{where}")
    # All our answers have a message, so this answer comes from another program.
    if not isinstance(said, str):
        return fault(NAME, f"another program answers at {url} ({status})", "correct SEGXERO_PUBLIC_URL or the proxy")
    return fault(NAME, f"{url} answers {status}: {said}", REMEDIES.get(status, "read the receiver's log"))


REMEDIES = {
    requests.codes.unauthorized: "give the receiver the SEGMENT_BEARER_TOKEN and SEGMENT_SHARED_SECRET set here",
    requests.codes.unavailable: "give the receiver the SEGMENT_SHARED_SECRET set here, and check that Redis answers",
}
