"""The decisions of an organisation about its orders (chapter V) and its ways of paying (P2), for all modules here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

MONEY, GIFT_CARD, STORE_CREDIT, LATER = "money", "gift_card", "store_credit", "later"
AT_CHECKOUT, WHEN_TOLD, NEVER = "at_checkout", "when_told", "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """A row of the table `payment_methods`."""

    account: str
    counts_as: str = MONEY
    paid: str = WHEN_TOLD
    refundable: bool = False

    @property
    def is_card_like(self) -> bool:
        """Return whether money goes back by it before it goes back to a gift card."""
        return self.counts_as not in (GIFT_CARD, STORE_CREDIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSettings:
    """The settings of an organisation, as shipped unless stated."""

    time_zone: str = "UTC"
    currency: str = ""
    change_window: str = "month"  # or until_locked
    void_window: str = "month"  # or never
    settle: timedelta = timedelta(minutes=10)
    updated_totals: str = "match"  # or after_refunds, before_refunds
    overpaid: str = "wait"  # or credit
    refund_pays_back: str = "when_paid"  # or never
    zero_orders: str = "book"  # or skip
    locked_until: date | None = None
    fee_account: str = ""  # of restocking fees; empty: the account of the goods
    methods: Mapping[str, PaymentMethod] = field(default_factory=dict)
    cents: Mapping[str, Decimal] = field(default_factory=dict)  # smallest amount of currencies without cents

    def tell_day(self, at: datetime) -> date:
        """Return the calendar day of *at* where the organisation is."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def end_month(self, at: datetime) -> datetime:
        """Return the last instant of the calendar month of *at* where the organisation is."""
        local = at.astimezone(ZoneInfo(self.time_zone))
        following = (local.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0)
        return following.replace(microsecond=0, fold=0) - timedelta(microseconds=1)

    def is_locked(self, day: date) -> bool:
        """Return whether *day* is locked in Xero."""
        return self.locked_until is not None and day <= self.locked_until

    def get_cent(self, currency: str) -> Decimal:
        """Return the smallest amount of *currency*."""
        return self.cents.get(currency, Decimal("0.01"))

    def find_method(self, method: str, currency: str) -> PaymentMethod | None:
        """Return the row of *method* in *currency*, else its row for any currency."""
        name = method.strip().lower().replace(" ", "_")
        return self.methods.get(f"{name} {currency}".lower()) or self.methods.get(name)
