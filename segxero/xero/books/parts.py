"""The books of an organisation: accounts, tax rates, currencies, tracking categories, lock dates. Read by `cache`.

Each part is a call (Xero's OpenAPI file: GET /Organisation, /Accounts and so on). Only the listed fields of an answer
are kept, and none of them is personal.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from segxero.xero.api.request import Request

ACTIVE = "ACTIVE"
STAMP = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
Element = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the chart; *kind* is Xero's Type, such as REVENUE or BANK."""

    code: str
    name: str
    kind: str
    group: str  # Xero's Class: ASSET, EQUITY, EXPENSE, LIABILITY or REVENUE
    tax_type: str
    active: bool
    takes_payments: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """A tax rate; *percent* is the sum of its components, *groups* are its classes of account."""

    tax_type: str
    name: str
    percent: Decimal
    active: bool
    groups: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A tracking category with the names of its active options."""

    name: str
    active: bool
    options: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The books of an organisation; an unread part is empty."""

    name: str = ""
    base_currency: str = ""
    country: str = ""
    time_zone: str = ""  # Xero's own word, such as NEWZEALANDSTANDARDTIME
    short_code: str = ""
    is_demo: bool = False
    locks: tuple[date, ...] = ()  # PeriodLockDate and EndOfYearLockDate, where they are set
    accounts: Mapping[str, Account] = field(default_factory=dict)  # by code
    account_ids: Mapping[str, Account] = field(default_factory=dict)  # by AccountID: bank accounts may have no code
    tax_rates: Mapping[str, TaxRate] = field(default_factory=dict)  # by TaxType
    currencies: frozenset[str] = frozenset()
    categories: tuple[Category, ...] = ()

    @property
    def first_open_day(self) -> date | None:
        """The day after the last locked day; None when nothing is locked."""
        return max(self.locks) + timedelta(days=1) if self.locks else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the books: the *path* to ask, the fields *kept* of each element, and the function to *read* them."""

    path: str
    kept: tuple[str, ...]
    read: Callable[[Sequence[Element]], dict[str, Any]]
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def request(self) -> Request:
        return Request(method="GET", path=self.path, params=self.params)


def read_day(stamp: Any) -> date | None:
    """Read Xero's `/Date(milliseconds+0000)/`, midnight UTC of a calendar day; None for anything else."""
    found = STAMP.fullmatch(str(stamp or ""))
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(found[1]))).date() if found else None


def _organisation(elements: Sequence[Element]) -> dict[str, Any]:
    if not elements:
        return {}
    told = elements[0]
    # An accountant may set either date; the later of them decides.
    locks = (read_day(told.get(name)) for name in ("PeriodLockDate", "EndOfYearLockDate"))
    return {
        "name": str(told.get("Name") or ""),
        "base_currency": str(told.get("BaseCurrency") or ""),
        "country": str(told.get("CountryCode") or ""),
        "time_zone": str(told.get("Timezone") or ""),
        "short_code": str(told.get("ShortCode") or ""),
        "is_demo": bool(told.get("IsDemoCompany")),
        "locks": tuple(lock for lock in locks if lock),
    }


def _accounts(elements: Sequence[Element]) -> dict[str, Any]:
    found = {
        str(told.get("AccountID") or told.get("Code")).lower(): Account(
            code=str(told.get("Code") or ""),
            name=str(told.get("Name") or ""),
            kind=str(told.get("Type") or ""),
            group=str(told.get("Class") or ""),
            tax_type=str(told.get("TaxType") or ""),
            active=told.get("Status", ACTIVE) == ACTIVE,
            # Xero takes payments on every bank account, whatever its flag says.
            takes_payments=told.get("Type") == "BANK" or bool(told.get("EnablePaymentsToAccount")),
        )
        for told in elements
    }
    return {"accounts": {one.code: one for one in found.values() if one.code}, "account_ids": found}


def _tax_rates(elements: Sequence[Element]) -> dict[str, Any]:
    found = [
        TaxRate(
            tax_type=str(told["TaxType"]),
            name=str(told.get("Name") or ""),
            percent=Decimal(str(told.get("EffectiveRate") or 0)),
            active=told.get("Status", ACTIVE) == ACTIVE,
            groups=frozenset(group for group, flag in APPLIES.items() if told.get(flag)),
        )
        for told in elements
        if told.get("TaxType")
    ]
    return {"tax_rates": {rate.tax_type: rate for rate in found}}


def _currencies(elements: Sequence[Element]) -> dict[str, Any]:
    return {"currencies": frozenset(str(told["Code"]) for told in elements if told.get("Code"))}


def _categories(elements: Sequence[Element]) -> dict[str, Any]:
    return {
        "categories": tuple(
            Category(
                name=str(told.get("Name") or ""),
                active=told.get("Status", ACTIVE) == ACTIVE,
                options=frozenset(
                    str(option.get("Name"))
                    for option in told.get("Options") or []
                    if option.get("Status", ACTIVE) == ACTIVE
                ),
            )
            for told in elements
        )
    }


APPLIES = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}
FACTS = ("Name", "BaseCurrency", "CountryCode", "Timezone", "ShortCode", "IsDemoCompany")
PARTS: Mapping[str, Part] = {
    "Organisations": Part(
        path="/Organisation", kept=(*FACTS, "PeriodLockDate", "EndOfYearLockDate"), read=_organisation
    ),
    "Accounts": Part(
        path="/Accounts",
        kept=("AccountID", "Code", "Name", "Type", "Class", "TaxType", "Status", "EnablePaymentsToAccount"),
        read=_accounts,
    ),
    "TaxRates": Part(
        path="/TaxRates",
        kept=("TaxType", "Name", "EffectiveRate", "Status", *APPLIES.values()),
        read=_tax_rates,
    ),
    "Currencies": Part(path="/Currencies", kept=("Code",), read=_currencies),
    "TrackingCategories": Part(
        path="/TrackingCategories",
        kept=("Name", "Status", "Options"),
        read=_categories,
        params={"includeArchived": "true"},
    ),
}


def keep_facts(part: str, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of Xero's *answer* to keep for *part*."""
    names = PARTS[part].kept
    return [{name: told[name] for name in names if name in told} for told in answer.get(part) or []]


def make_books(parts: Mapping[str, Sequence[Element]]) -> Books:
    """Make the books from the kept fields of each of *parts*."""
    values: dict[str, Any] = {}
    for part, elements in parts.items():
        values |= PARTS[part].read(elements)
    return Books(**values)
