"""Xero's rate limits: fixed windows, each organisation's with a beginning of its own."""

import math
from dataclasses import dataclass
from random import Random

from segxero.sandbox.options import SandboxOptions

MINUTE = 60.0
DAY = 86_400.0


@dataclass(slots=True, kw_only=True)
class Window:
    """A fixed window: *used* of *limit* calls since it began, *length* and *phase* in seconds."""

    length: float
    limit: int
    phase: float
    number: int = -1
    used: int = 0

    def remaining(self, now: float) -> int:
        self._turn(now)
        return max(0, self.limit - self.used)

    def seconds_left(self, now: float) -> int:
        return max(1, math.ceil(self.length - (now + self.phase) % self.length))

    def count(self, now: float) -> None:
        self._turn(now)
        self.used += 1

    def _turn(self, now: float) -> None:
        # A fixed window begins anew by the clock, not by the first call in it.
        number = int((now + self.phase) // self.length)
        if number != self.number:
            self.number, self.used = number, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A limit in the way of a call; *retry_after* is None where Xero sends none."""

    kind: str
    retry_after: int | None = None


class Limits:
    """The windows of an app: a minute and a day for each organisation, and a minute over all of them."""

    def __init__(self, options: SandboxOptions, random: Random) -> None:
        self._options = options
        self._random = random
        self._tenants: dict[str, tuple[Window, Window]] = {}
        self._app = Window(length=MINUTE, limit=options.app_minute_limit, phase=random.uniform(0, MINUTE))

    def admit(self, tenant: str, in_flight: int, now: float) -> Breach | None:
        """Count a call, or return the refusing limit: concurrent, then minute, day, app minute."""
        minute, day = self._windows(tenant)
        # A call over the concurrent limit counts against no window.
        if in_flight > self._options.concurrent_limit:
            return Breach(kind="concurrent")
        if not minute.remaining(now):
            return Breach(kind="minute", retry_after=minute.seconds_left(now))
        if not day.remaining(now):
            return Breach(kind="day", retry_after=day.seconds_left(now))
        if not self._app.remaining(now):
            return Breach(kind="appminute")
        for window in (minute, day, self._app):
            window.count(now)
        return None

    def write_headers(self, tenant: str, now: float) -> dict[str, str]:
        minute, day = self._windows(tenant)
        return {
            "X-MinLimit-Remaining": str(minute.remaining(now)),
            "X-DayLimit-Remaining": str(day.remaining(now)),
            "X-AppMinLimit-Remaining": str(self._app.remaining(now)),
        }

    def spend_day(self, tenant: str, remaining: int, now: float) -> None:
        """Set how many calls the day of *tenant* still has, as if the others had been made already."""
        day = self._windows(tenant)[1]
        day.remaining(now)
        day.used = day.limit - remaining

    def measure(self, now: float) -> dict[str, dict[str, int]]:
        """Return the calls left of each organisation, and the seconds until its windows end."""
        return {
            tenant: {
                "minute_remaining": minute.remaining(now),
                "minute_ends_in": minute.seconds_left(now),
                "day_remaining": day.remaining(now),
                "day_ends_in": day.seconds_left(now),
            }
            for tenant, (minute, day) in self._tenants.items()
        }

    def _windows(self, tenant: str) -> tuple[Window, Window]:
        if tenant not in self._tenants:
            options = self._options
            self._tenants[tenant] = (
                Window(length=MINUTE, limit=options.minute_limit, phase=self._random.uniform(0, MINUTE)),
                Window(length=DAY, limit=options.day_limit, phase=self._random.uniform(0, DAY)),
            )
        return self._tenants[tenant]
