"""Books that no longer take what the mappings write: a person is told once per cause, and again when they do."""

from dataclasses import dataclass
from datetime import date

import pytest

from segxero.check.books.alerts import FRESH_SECONDS, alert_on_differences
from segxero.errors import RetryableError
from segxero.mapping.files.loader import load
from segxero.mapping.model import MappingSet
from segxero.telemetry.alerts import BOOKS, Alerts
from segxero.xero.books.cache import BooksCache
from segxero.xero.books.parts import PARTS
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.mapping_files import write_mappings
from tests.support.xero.sandbox import SandboxXero

TODAY = date(2026, 11, 24)
FILES = {"tables/tax_rows.yaml": "NZ standard: 15 OUTPUT2\nNZ no_supply: 0 NONE\n"}


@dataclass(frozen=True)
class Wired:
    """The parts of Services that are asked."""

    mappings: MappingSet
    alerts: Alerts
    books: BooksCache


@pytest.fixture
def xero():
    return SandboxXero()


@pytest.fixture
def wired(redis_store, xero, tmp_path):
    mappings = load(write_mappings(tmp_path / "mappings", FILES), FIELDS)
    return Wired(mappings, Alerts(redis_store), BooksCache(redis_store, xero))


def archive(xero, status):
    xero.sandbox.control("POST", "accounts", {"accounts": [{"Code": "200", "Status": status}]})


def told(wired):
    return [one.message for one in wired.alerts.open().values() if one.cause.kind == BOOKS]


def test_good_books_are_read_once_a_day_and_nobody_is_told(wired, xero, redis_store):
    assert [alert_on_differences(wired, TODAY), alert_on_differences(wired, TODAY)] == [
        {"alerts": 0, "recovered": 0}
    ] * 2
    assert (len(xero.calls), told(wired)) == (len(PARTS), [])
    assert FRESH_SECONDS == 86_400


def test_an_account_that_is_archived_is_told_once_and_so_is_its_return(wired, xero):
    alert_on_differences(wired, TODAY)
    archive(xero, "ARCHIVED")
    wired.books.of("main", "Accounts", fresh_seconds=0)
    assert [alert_on_differences(wired, TODAY), alert_on_differences(wired, TODAY)] == [
        {"alerts": 1, "recovered": 0},
        {"alerts": 0, "recovered": 0},
    ]
    assert told(wired) == ["main: accounts: row 'default' of tables/accounts.yaml is 200 Sales, which is archived."]
    archive(xero, "ACTIVE")
    assert alert_on_differences(wired, TODAY) == {"alerts": 0, "recovered": 0}
    wired.books.of("main", "Accounts", fresh_seconds=0)
    assert [alert_on_differences(wired, TODAY), alert_on_differences(wired, TODAY)] == [
        {"alerts": 0, "recovered": 1},
        {"alerts": 0, "recovered": 0},
    ]
    assert told(wired) == []


def test_books_that_cannot_be_read_now_change_nothing(wired, xero, redis_store):
    archive(xero, "ARCHIVED")
    alert_on_differences(wired, TODAY)
    before = told(wired)
    wired.books.forget("main")
    xero.sandbox.fault(status=503, times=0)
    with pytest.raises(RetryableError):
        wired.books.of("main")
    assert alert_on_differences(wired, TODAY) == {"alerts": 0, "recovered": 0}
    assert (told(wired), len(before)) == (before, 1)
