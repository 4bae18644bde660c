"""BooksCache: what the books of an organisation allow, read part by part from the sandbox."""

from datetime import date
from decimal import Decimal

import pytest

from segxero.errors import RetryableError
from segxero.store import keys
from segxero.xero.books.cache import BooksCache
from segxero.xero.books.parts import PARTS, Account, Books, TaxRate, read_day
from tests.support.set_ups.core import ORG
from tests.support.xero.echo import EchoXero
from tests.support.xero.sandbox import SandboxXero


@pytest.fixture
def xero():
    return SandboxXero()


@pytest.fixture
def books(redis_store, xero):
    return BooksCache(redis_store, xero)


def test_the_books_says_what_the_books_allow(books, xero):
    found = books.of(ORG)
    assert (found.name, found.base_currency, found.country) == ("Demo Company (NZ)", "NZD", "NZ")
    assert (found.time_zone, found.short_code, found.is_demo) == ("NEWZEALANDSTANDARDTIME", "!Sbx01", True)
    assert found.locks == (date(2009, 9, 30),)
    assert found.first_open_day == date(2009, 10, 1)
    assert found.accounts["200"] == Account(
        code="200",
        name="Sales",
        kind="REVENUE",
        group="REVENUE",
        tax_type="OUTPUT2",
        active=True,
        takes_payments=False,
    )
    assert sorted(code for code, account in found.accounts.items() if account.takes_payments) == [
        *("090", "091", "092", "093", "640", "825", "826", "827", "880")
    ]
    assert found.tax_rates["OUTPUT2"] == TaxRate(
        tax_type="OUTPUT2",
        name="15% GST on Income",
        percent=Decimal(15),
        active=True,
        groups=frozenset({"ASSET", "EQUITY", "LIABILITY", "REVENUE"}),
    )
    assert found.currencies == {"NZD", "USD", "EUR", "GBP", "AUD"}
    assert found.categories == ()
    assert [call.path for call in xero.calls] == [part.path for part in PARTS.values()]


def test_each_part_is_read_once_an_hour_and_only_when_it_is_asked_for(books, xero):
    books.of(ORG, "Organisations")
    books.of(ORG, "Organisations", "Currencies")
    assert [call.path for call in xero.calls] == ["/Organisation", "/Currencies"]
    books.of(ORG, "Currencies", fresh_seconds=0)
    assert [call.path for call in xero.calls] == ["/Organisation", "/Currencies", "/Currencies"]
    books.forget(ORG)
    assert books.known(ORG) == Books()
    books.of(ORG, "Organisations")
    assert len(xero.calls) == 4


def test_what_was_read_before_a_failure_is_kept(redis_store):
    xero = EchoXero()
    xero.then({"Organisations": [{"Name": "North", "LegalName": "Ann Lee"}]}, RetryableError("Xero is down"))
    books = BooksCache(redis_store, xero)
    with pytest.raises(RetryableError):
        books.of(ORG)
    assert books.known(ORG) == Books(name="North")
    assert "Ann Lee" not in redis_store.hget(keys.books(ORG), "Organisations")


def test_a_lock_date_that_is_not_set_locks_nothing():
    assert Books().first_open_day is None
    assert [read_day(text) for text in (None, "", "2026-01-01", "/Date(x)/")] == [None] * 4
    assert read_day("/Date(-86400000)/") == date(1969, 12, 31)
