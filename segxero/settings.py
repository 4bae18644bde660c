"""The settings: the only place that reads the environment. README's table is compared with SETTINGS by a test."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from segxero.errors import ConfigError, Fault

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
GRANTS = ("client_credentials", "authorization_code")
SHORTEST_SECRET = 16
VERIFICATIONS = ("required", "optional", "none")  # of the certificate behind a rediss:// address: ssl_cert_reqs=…
EVERYBODY = "*"  # as a trusted proxy
CALLBACK, CONNECT, CONSOLE = "/xero/callback", "/xero/connect", "/console"


def _text(value: str) -> str:
    return value


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError
    return number


def _flag(value: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
    try:
        return words[value.lower()]
    except KeyError:
        raise ValueError from None


def _grant(value: str) -> str:
    if value not in GRANTS:
        raise ValueError
    return value


def _level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError
    return value.upper()


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    plain_allowed = parts.hostname in LOOPBACK
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and plain_allowed)):
        raise ValueError
    return value.rstrip("/")


def _callback_address(value: str) -> str:
    """Read the address to which Xero sends the operator back; '' derives it from the request."""
    if not value:
        return ""
    address = _web_address(value)
    parts = urlsplit(address)
    if parts.path != CALLBACK or (parts.scheme == "http" and parts.hostname != "localhost"):
        raise ValueError
    return address


def _optional_address(value: str) -> str:
    return _web_address(value) if value else ""


def _redis_address(value: str) -> str:
    parts = urlsplit(value)
    verification = parse_qs(parts.query).get("ssl_cert_reqs", ["required"])[-1]
    if parts.scheme not in {"redis", "rediss", "unix"} or verification not in VERIFICATIONS:
        raise ValueError
    return value


def _proxies(value: str) -> tuple[str, ...]:
    """Read addresses and networks; "*" stands for all. Raise ValueError for anything else."""
    entries = _list(value)
    return tuple(entry if entry == EVERYBODY else str(ip_network(entry)) for entry in entries)


def _verified(url: str, otherwise: str) -> str:
    """Say in a rediss:// address whether its certificate is verified; an address that says so itself stays."""
    parts = urlsplit(url)
    if parts.scheme != "rediss" or "ssl_cert_reqs" in parse_qs(parts.query):
        return url
    return parts._replace(query="&".join(filter(None, (parts.query, f"ssl_cert_reqs={otherwise}")))).geturl()


@dataclass(frozen=True, slots=True)
class Setting:
    """An environment variable: its default, how it is read, and the words for a right value."""

    default: str
    read: Callable[[str], Any]
    wanted: str = ""
    secret: bool = False


SETTINGS: dict[str, Setting] = {
    "PORT": Setting("8000", _positive, "a port number"),
    "REDIS_URL": Setting(
        "redis://127.0.0.1:6379/0",
        _redis_address,
        "a redis:// or rediss:// address (ssl_cert_reqs in it: none, optional or required)",
        secret=True,
    ),
    "SEGMENT_SHARED_SECRET": Setting("", _list, secret=True),
    "SEGMENT_BEARER_TOKEN": Setting("", _text, secret=True),
    "SEGMENT_BATCH_NEEDS_BEARER": Setting("false", _flag, "true or false"),
    "SEGMENT_WRITE_KEY": Setting("", _text, secret=True),
    "SEGMENT_API_URL": Setting("https://api.segment.io", _web_address, "an https:// address"),
    "SEGMENT_API_TOKEN": Setting("", _text, secret=True),
    "SEGMENT_PUBLIC_API_URL": Setting("https://api.segmentapis.com", _web_address, "an https:// address"),
    "XERO_CLIENT_ID": Setting("", _text),
    "XERO_CLIENT_SECRET": Setting("", _text, secret=True),
    "XERO_GRANT": Setting("client_credentials", _grant, " or ".join(GRANTS)),
    "XERO_API_URL": Setting(
        "https://api.xero.com", _web_address, "an https:// address (http:// only for this machine)"
    ),
    "XERO_IDENTITY_URL": Setting(
        "https://identity.xero.com", _web_address, "an https:// address (http:// only for this machine)"
    ),
    "XERO_LOGIN_URL": Setting(
        "https://login.xero.com", _web_address, "an https:// address (http:// only for this machine)"
    ),
    "XERO_REDIRECT_URL": Setting(
        "",
        _callback_address,
        f"https://your-host{CALLBACK} (http:// only for localhost), as registered in the Xero app",
    ),
    "XERO_DAY_LIMIT": Setting("1000", _positive, "the number of calls a day that your Xero tier allows"),
    "SEGXERO_SECRET_KEY": Setting("", _list, secret=True),
    "SEGXERO_MAPPINGS": Setting("mappings", Path, "a directory"),
    "SEGXERO_PASSWORD": Setting("", _text, secret=True),
    "SEGXERO_PUBLIC_URL": Setting("", _optional_address, "an https:// address (http:// only for this machine)"),
    "SENTRY_DSN": Setting("", _text, secret=True),
    "ALERT_WEBHOOK_URL": Setting("", _optional_address, "an https:// address", secret=True),
    "ALERT_BACKLOG_MINUTES": Setting("120", _positive, "a number of minutes"),
    "FORWARDED_ALLOW_IPS": Setting("127.0.0.1,::1", _proxies, "addresses or networks, separated by commas, or *"),
    "DYNO": Setting("", _text),
    "LOG_LEVEL": Setting("INFO", _level, "DEBUG, INFO, WARNING or ERROR"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a process; each field is the environment variable of its name in lower case.

    The class is wide because the environment is flat: a reader finds each variable under its own name.
    """

    port: int
    redis_url: str = field(repr=False)
    segment_shared_secret: tuple[str, ...] = field(repr=False)
    segment_bearer_token: str = field(repr=False)
    segment_batch_needs_bearer: bool
    segment_write_key: str = field(repr=False)
    segment_api_url: str
    segment_api_token: str = field(repr=False)
    segment_public_api_url: str
    xero_client_id: str
    xero_client_secret: str = field(repr=False)
    xero_grant: str
    xero_api_url: str
    xero_identity_url: str
    xero_login_url: str
    xero_redirect_url: str
    xero_day_limit: int
    segxero_secret_key: tuple[str, ...] = field(repr=False)
    segxero_mappings: Path
    segxero_password: str = field(repr=False)
    segxero_public_url: str
    sentry_dsn: str = field(repr=False)
    alert_webhook_url: str = field(repr=False)
    alert_backlog_minutes: int
    forwarded_allow_ips: tuple[str, ...]
    dyno: str
    log_level: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read *environ* (default: the process's own). Raise ConfigError with every fault at once."""
        settings, faults = cls.read(os.environ if environ is None else environ)
        if faults:
            raise ConfigError("The environment has faults:", faults)
        return settings

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> tuple["Settings", tuple[Fault, ...]]:
        """Read *environ* as far as it can be: a setting with a fault has its default."""
        values: dict[str, Any] = {}
        faults = []
        for name, setting in SETTINGS.items():
            text = environ.get(name, "").strip() or setting.default
            try:
                values[name.lower()] = setting.read(text)
            except ValueError:
                shown = "its value" if setting.secret else repr(text)
                faults.append(Fault(f"{shown} should be {setting.wanted}", path=name))
                values[name.lower()] = setting.read(setting.default)
        # Heroku's Redis shows a chain that Heroku has signed itself; everywhere else a chain is verified.
        values["redis_url"] = _verified(values["redis_url"], "none" if values["dyno"] else "required")
        return cls(**values), tuple(faults)

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """Whose X-Forwarded-For and X-Forwarded-Proto are believed; a dyno is reached through Heroku's router only."""
        return (EVERYBODY,) if self.dyno else self.forwarded_allow_ips

    @property
    def by_consent(self) -> bool:
        """Whether people connect organisations in the browser; otherwise there is one custom connection."""
        return self.xero_grant == GRANTS[1]

    @property
    def where_to_connect(self) -> str:
        """The page or command with which a person connects an organisation."""
        if not self.by_consent:
            return "the custom connection in Xero's developer portal"
        if self.xero_redirect_url:
            return self.xero_redirect_url.removesuffix(CALLBACK) + CONNECT
        return f"{CONNECT} of the receiver, or `segxero connect`"

    @property
    def public_url(self) -> str:
        """Where Segment and browsers reach the receiver: as set, or as the redirect URL tells; '' when neither does."""
        address = self.segxero_public_url or self.xero_redirect_url.removesuffix(CALLBACK)
        return "" if not self.segxero_public_url and urlsplit(address).hostname in LOOPBACK else address

    def bearer_fault(self) -> str:
        """Say why the receiver must not start; '' when it may."""
        asks = self.segment_batch_needs_bearer and not self.segment_bearer_token
        return "is not set, but SEGMENT_BATCH_NEEDS_BEARER asks for it" if asks else ""

    def require_xero(self) -> None:
        """Raise ConfigError unless every variable of a process that calls Xero is set."""
        if faults := self.xero_faults():
            raise ConfigError("The environment has faults:", faults)

    def xero_faults(self) -> list[Fault]:
        """Return the faults of a process that calls Xero: the variables that are missing or too short."""
        faults = [
            Fault("is not set; workers need it to call Xero", path=name)
            for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "SEGXERO_SECRET_KEY")
            if not getattr(self, name.lower())
        ]
        if any(len(key) < SHORTEST_SECRET for key in self.segxero_secret_key):
            faults.append(Fault(f"each key needs at least {SHORTEST_SECRET} characters", path="SEGXERO_SECRET_KEY"))
        return faults
