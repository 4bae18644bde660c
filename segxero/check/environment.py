"""Settings: checks each value, and contradictions between them. The first area of the set-up check."""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from sentry_sdk.utils import BadDsn, Dsn

from segxero.check.finding import Finding, State, fault, good, note
from segxero.check.set_up import SetUp
from segxero.settings import CALLBACK, EVERYBODY, LOOPBACK, SETTINGS, SHORTEST_SECRET, Settings

SHORTEST_PASSWORD = 12
FEWEST_LETTERS = 6  # a long text of fewer different letters is still easy to guess
HIGHEST_DAY_LIMIT = 5000  # of Xero's tiers, calls a day for each organisation
PREFIXES = ("SEGXERO_", "SEGMENT_", "XERO_", "ALERT_", "SENTRY_")
MAKE_ONE = "make one: openssl rand -base64 32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule for the variable *name*: *wrong* returns the fault in the settings, or ''."""

    name: str
    wrong: Callable[[Settings], str]
    remedy: str
    state: State = State.FAULT


def look(set_up: SetUp) -> Iterator[Finding]:
    """Report invalid, missing, weak and misspelt settings."""
    settings = set_up.settings
    found = [fault(invalid.path, invalid.message, "correct it") for invalid in set_up.setting_faults]
    wrong = {finding.name for finding in found}
    for one in settings.xero_faults():
        if one.path not in wrong:
            found.append(fault(one.path, one.message, REMEDIES.get(one.path, MAKE_ONE)))
            if not getattr(settings, one.path.lower()):
                set_up.missing[one.path] = f"{one.path} is not set"
    # An invalid variable needs no second line about its strength.
    wrong |= {finding.name for finding in found}
    found += [
        Finding(name=rule.name, state=rule.state, found=said, remedy=rule.remedy)
        for rule in RULES
        if rule.name not in wrong and (said := rule.wrong(settings))
    ]
    if _mixed(settings):
        set_up.missing["XERO_API_URL"] = "XERO_API_URL and XERO_IDENTITY_URL do not belong together"
    found += _find_misspelt(set_up)
    # The receiver runs without the secret, but this check cannot sign its call.
    if not settings.segment_shared_secret:
        set_up.missing.setdefault("SEGMENT_SHARED_SECRET", "SEGMENT_SHARED_SECRET is not set")
    if all(finding.good for finding in found):
        number = sum(bool(set_up.environ.get(name, "").strip()) for name in SETTINGS)
        yield good("settings", f"{number} set, {len(SETTINGS) - number} at their defaults")
    yield from found


def _find_misspelt(set_up: SetUp) -> Iterator[Finding]:
    for name in sorted(set_up.environ):
        if name.startswith(PREFIXES) and name not in SETTINGS:
            # Other programs use these prefixes too, so only near misses of our names count.
            meant = difflib.get_close_matches(name, SETTINGS, 1, cutoff=0.8)
            if meant:
                yield note(name, "is not a setting of segxero", f"did you mean {meant[0]}?")


def _weak(secret: str) -> str:
    # Length alone does not help: a long repetition is easy to guess.
    if len(secret) < SHORTEST_SECRET:
        return f"is shorter than {SHORTEST_SECRET} characters"
    return "uses so few different characters that it can be guessed" if len(set(secret)) < FEWEST_LETTERS else ""


def _any_weak(secrets: tuple[str, ...]) -> str:
    return next(filter(None, map(_weak, secrets)), "")


def _weak_password(settings: Settings) -> str:
    password = settings.segxero_password
    if not password:
        return ""
    if len(password) < SHORTEST_PASSWORD:
        return f"is shorter than {SHORTEST_PASSWORD} characters"
    return "uses so few different characters that it can be guessed" if len(set(password)) < FEWEST_LETTERS else ""


def _dsn(settings: Settings) -> str:
    try:
        # Sentry's own parser decides; without a setting a valid address stands in.
        Dsn(settings.sentry_dsn or "https://key@sentry.example/1")
    except BadDsn:
        return "is not the address of a Sentry project"
    return ""


def _mixed(settings: Settings) -> str:
    urls = (settings.xero_api_url, settings.xero_identity_url)
    here = {urlsplit(url).hostname in LOOPBACK for url in urls}
    return f"is {urls[1]} but XERO_API_URL is {urls[0]}: one is this machine, the other is not" if len(here) > 1 else ""


def _redirect(settings: Settings) -> str:
    # On this machine the page's own address is right, so the setting may stay empty.
    if not settings.by_consent or urlsplit(settings.segxero_public_url).hostname in (None, *LOOPBACK):
        return ""
    wanted = settings.segxero_public_url + CALLBACK
    if not settings.xero_redirect_url:
        return f"is not set, although browsers use SEGXERO_PUBLIC_URL: it should be {wanted}"
    return (
        "" if settings.xero_redirect_url == wanted else f"differs from {wanted}, the address under SEGXERO_PUBLIC_URL"
    )


REMEDIES = {
    "XERO_CLIENT_ID": "copy it from the app in Xero's developer portal",
    "XERO_CLIENT_SECRET": "copy it from the app in Xero's developer portal",
}
RULES = (
    Rule(
        name="SEGMENT_SHARED_SECRET",
        wrong=lambda settings: (
            "" if settings.segment_shared_secret else "is not set: anybody who knows the address can send events"
        ),
        remedy=f"{MAKE_ONE}, and set it here and in Segment's destination",
    ),
    Rule(
        name="SEGMENT_SHARED_SECRET",
        wrong=lambda settings: _any_weak(settings.segment_shared_secret),
        remedy=f"{MAKE_ONE}, set `new,old` here, the new value in Segment, then remove the old value",
    ),
    Rule(
        name="SEGMENT_SHARED_SECRET",
        wrong=lambda settings: (
            f"has {len(settings.segment_shared_secret)} values: a rotation is under way"
            if len(settings.segment_shared_secret) > 1
            else ""
        ),
        remedy="remove the old value when Segment has the new value",
        state=State.NOTE,
    ),
    Rule(
        name="SEGMENT_BEARER_TOKEN",
        wrong=lambda settings: settings.bearer_fault(),
        remedy=f"{MAKE_ONE}, and map the header `Authorization: Bearer <token>` in Segment",
    ),
    Rule(
        name="SEGMENT_BEARER_TOKEN",
        wrong=lambda settings: _weak(settings.segment_bearer_token) if settings.segment_bearer_token else "",
        remedy=f"{MAKE_ONE}, and set it here and in Segment",
    ),
    Rule(
        name="SEGMENT_BEARER_TOKEN",
        wrong=lambda settings: (
            "" if settings.segment_bearer_token else "is not set: Segment signs only the first event of a batch"
        ),
        remedy=f"{MAKE_ONE}, and map the header `Authorization: Bearer <token>` in Segment",
        state=State.NOTE,
    ),
    Rule(name="SEGXERO_SECRET_KEY", wrong=lambda settings: _any_weak(settings.segxero_secret_key), remedy=MAKE_ONE),
    Rule(
        name="SEGXERO_PASSWORD",
        wrong=lambda settings: (
            "is not set: /xero/connect stays closed" if settings.by_consent and not settings.segxero_password else ""
        ),
        remedy="set a password, so that an operator can connect organisations",
    ),
    Rule(
        name="SEGXERO_PASSWORD",
        wrong=lambda settings: (
            "" if settings.segxero_password or settings.by_consent else "is not set: Flower and /metrics stay closed"
        ),
        remedy="set a password to open them",
        state=State.NOTE,
    ),
    Rule(name="SEGXERO_PASSWORD", wrong=_weak_password, remedy="set a longer password: openssl rand -base64 18"),
    Rule(
        name="XERO_REDIRECT_URL",
        wrong=_redirect,
        remedy=f"set it to SEGXERO_PUBLIC_URL followed by {CALLBACK}, and register it in the Xero app",
    ),
    Rule(
        name="XERO_IDENTITY_URL",
        wrong=_mixed,
        remedy="set both to Xero, or both to the sandbox: neither accepts the other's tokens",
    ),
    Rule(
        name="XERO_DAY_LIMIT",
        wrong=lambda settings: (
            f"is {settings.xero_day_limit}, but no Xero tier allows more than {HIGHEST_DAY_LIMIT}"
            if settings.xero_day_limit > HIGHEST_DAY_LIMIT
            else ""
        ),
        remedy="set your tier's calls a day: 1000 or 5000",
    ),
    Rule(
        name="FORWARDED_ALLOW_IPS",
        wrong=lambda settings: (
            "trusts everybody: a client that bypasses the proxy can claim any address"
            if EVERYBODY in settings.forwarded_allow_ips and not settings.dyno
            else ""
        ),
        remedy="set the address of your proxy",
    ),
    Rule(name="SENTRY_DSN", wrong=_dsn, remedy="copy the DSN from the project's settings in Sentry"),
    Rule(
        name="SENTRY_DSN",
        wrong=lambda settings: (
            "" if settings.sentry_dsn or settings.alert_webhook_url else "is not set: alerts go only to the log"
        ),
        remedy="set it, or ALERT_WEBHOOK_URL, so that alerts reach a person",
        state=State.NOTE,
    ),
)
