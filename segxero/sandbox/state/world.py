"""The state of a running sandbox behind one lock. Gateway, pages and tests work on it."""

import re
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from segxero.sandbox.options import SandboxOptions
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.calls import Calls
from segxero.sandbox.state.faults import Faults
from segxero.sandbox.state.idempotency import IdempotencyStore
from segxero.sandbox.state.limits import Limits
from segxero.sandbox.state.tokens import Tokens


class World:
    """The state of a sandbox. It is read and changed under *lock* only."""

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Begin again: the same seed gives the same ids and the same window phases."""
        options = self.options
        self.random = Random(options.seed)  # noqa: S311 - repeatable on purpose, nothing here is a secret
        self.books = {}
        for name in options.organisations:
            tenant = self.new_id()
            self.books[tenant] = Book(options, name, tenant, self.new_id)
        self.calls = Calls()
        self.faults = Faults()
        self.idempotency = IdempotencyStore()
        self.limits = Limits(options, self.random)
        self.tokens = Tokens(options, self.random)
        self.tracking_unknown = options.tracking_unknown
        self.name_match = options.name_match
        self.latency = options.latency
        self.date_skew = 0.0

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def seconds(self) -> float:
        return self.options.clock()

    def now(self) -> datetime:
        """Return the moment in Xero's precision, milliseconds."""
        moment = datetime.fromtimestamp(self.seconds(), UTC)
        # A finer moment would not survive a round trip through `/Date(ms)/`.
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Change settings while it runs. Raise ValueError with a sentence for a wrong name or value."""
        changes: dict[str, Callable[[Any], None]] = {
            "tracking_unknown": self._set_tracking_unknown,
            "name_match": self._set_name_match,
            "latency": self._set_latency,
            "period_lock_date": lambda value: self._set_lock_date("period_lock_date", value),
            "end_of_year_lock_date": lambda value: self._set_lock_date("end_of_year_lock_date", value),
            "approvals_left": self._set_approvals_left,
            "currencies": self._set_currencies,
            "day_remaining": self._set_day_remaining,
            "expire_tokens": self._expire_tokens,
            "users": self._set_users,
            "date_skew": self._set_date_skew,
            "scopes": self._set_scopes,
            "reset_company": self._reset_company,
            "disconnect": self.tokens.disconnected.add,
            "reconnect": self.tokens.disconnected.discard,
        }
        unknown = [name for name in wanted if name not in changes]
        if unknown:
            raise ValueError(f"Unknown: {', '.join(unknown)}. Known are {', '.join(sorted(changes))}.")
        for name, value in wanted.items():
            changes[name](value)

    def _set_tracking_unknown(self, value: str) -> None:
        if value not in {"error", "drop"}:
            raise ValueError("tracking_unknown must be error or drop.")
        self.tracking_unknown = value

    def _set_name_match(self, value: str) -> None:
        if value not in {"refuse", "take"}:
            raise ValueError("name_match must be refuse or take.")
        self.name_match = value

    def _set_latency(self, value: float) -> None:
        self.latency = float(value)

    def _set_date_skew(self, seconds: float) -> None:
        """Let the Date header of every answer be so far from the truth."""
        self.date_skew = float(seconds)

    def _set_scopes(self, names: list[str]) -> None:
        """Let the app have these scopes from now on; tokens keep theirs until they run out."""
        self.tokens.app_scopes = frozenset(names)

    def _reset_company(self, name: str) -> None:
        """Begin the books of *name* again under a new tenant id, as Xero does with a demo company."""
        old = next((book for book in self.books.values() if book.name == name), None)
        if old is None:
            raise ValueError(f"There is no organisation {name}.")
        tenant = self.new_id()
        del self.books[old.tenant]
        self.books[tenant] = Book(self.options, name, tenant, self.new_id)
        # The people stay connected to the company; only its id is another.
        self.tokens.move(old.tenant, tenant)

    def _set_lock_date(self, name: str, value: str | None) -> None:
        for book in self.books.values():
            setattr(book, name, date.fromisoformat(value) if value else None)

    def _set_approvals_left(self, value: int | None) -> None:
        for book in self.books.values():
            book.approvals_left = None if value is None else int(value)

    def _set_currencies(self, codes: Any) -> None:
        if not isinstance(codes, list) or not all(re.fullmatch("[A-Z]{3}", str(code)) for code in codes):
            raise ValueError("currencies must be a list of codes such as EUR.")
        for book in self.books.values():
            book.set_currencies(codes)

    def _set_users(self, emails: Any) -> None:
        if not isinstance(emails, list) or not all(isinstance(email, str) and "@" in email for email in emails):
            raise ValueError("users must be a list of e-mail addresses.")
        for book in self.books.values():
            book.set_users(emails, self.now())

    def _set_day_remaining(self, value: int) -> None:
        for tenant in self.books:
            self.limits.spend_day(tenant, int(value), self.seconds())

    def _expire_tokens(self, value: bool) -> None:
        if value:
            self.tokens.expire_access(self.seconds())
