"""The options of a sandbox; the command line, the demo and the tests set them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from segxero.errors import ConfigError, Fault
from segxero.sandbox.state.scopes import GRANULAR_SCOPES

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, kw_only=True)
class LimitOptions:
    """The limits of calls; the defaults are Xero's Starter tier."""

    day_limit: int = 1_000
    minute_limit: int = 60
    concurrent_limit: int = 5
    app_minute_limit: int = 10_000


@dataclass(frozen=True, kw_only=True)
class AppOptions:
    """The app that calls. Empty *client_id* and *client_secret* accept any credentials but empty ones."""

    client_id: str = ""
    client_secret: str = ""
    scopes: frozenset[str] = GRANULAR_SCOPES


@dataclass(frozen=True, kw_only=True)
class CompanyOptions:
    """The organisations; the default is Xero's New Zealand demo company.

    *countries* gives an organisation (by its name) another country than *country*; an empty *base_currency* is the
    country's own. *shop_rates* adds the 10 % rates of the shipped tax table to organisations of New Zealand.
    """

    organisations: tuple[str, ...] = ("Demo Company (NZ)",)
    base_currency: str = ""
    country: str = "NZ"
    countries: Mapping[str, str] = field(default_factory=dict)
    shop_rates: bool = True
    period_lock_date: date | None = date(2009, 9, 30)


@dataclass(frozen=True, kw_only=True)
class SandboxOptions(LimitOptions, AppOptions, CompanyOptions):
    """The sandbox's settings, flat as the command line has them.

    *latency* is in seconds and slept before every answer of the Accounting API. *tracking_unknown* treats an unknown
    tracking option on a line as an "error", or as a "drop" with a warning: Xero's own behaviour is not established.
    *name_match* ("refuse" or "take") decides about a POST with a new ContactNumber and the name of a numbered contact.
    """

    port: int = 0
    host: str = "127.0.0.1"
    latency: float = 0.0
    seed: int = 0
    tracking_unknown: str = "error"
    name_match: str = "refuse"
    clock: Callable[[], float] = field(default=time.time)

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise ConfigError("The sandbox cannot start", faults)


def read_organisations(text: str) -> tuple[str, ...]:
    """Read organisations from *text*: names separated by commas, or a number of them.

    A name may carry its country, as in `Kea Games AU=AU`; `read_countries` reads it.
    """
    if text.strip().isdigit():
        return tuple(f"Shop {number:02d}" for number in range(1, int(text) + 1))
    return tuple(name.partition("=")[0].strip() for name in text.split(",") if name.strip())


def read_countries(text: str) -> dict[str, str]:
    """Read the countries of the organisations in *text* that carry one, by the organisation's name."""
    pairs = (name.partition("=") for name in text.split(",") if "=" in name)
    return {name.strip(): country.strip().upper() for name, _, country in pairs}


def _faults(options: SandboxOptions) -> list[Fault]:
    checks = {
        "host": (options.host in LOOPBACK, f"must be one of {', '.join(LOOPBACK)}: the sandbox has no protection"),
        "day_limit": (options.day_limit > 0, "must be 1 or more"),
        "minute_limit": (options.minute_limit > 0, "must be 1 or more"),
        "latency": (options.latency >= 0, "must be 0 or more seconds"),
        "countries": (set(options.countries) <= set(options.organisations), "must name organisations of the sandbox"),
        "organisations": (bool(options.organisations), "must name at least one organisation"),
        "tracking_unknown": (options.tracking_unknown in {"error", "drop"}, "must be error or drop"),
        "name_match": (options.name_match in {"refuse", "take"}, "must be refuse or take"),
    }
    return [Fault(message=message, path=name) for name, (good, message) in checks.items() if not good]
