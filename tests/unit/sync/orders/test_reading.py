"""The facts of an order are read with their moments, also where Xero or a shop tells only a day."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from segxero.orders.facts import Tender
from segxero.sync.orders.reading import FactReader
from tests.support.xero.wanted import CONTEXT

AUCKLAND = ZoneInfo("Pacific/Auckland")


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=AUCKLAND)),
        ("2026-11-01T09:30:00", datetime(2026, 11, 1, 9, 30, tzinfo=AUCKLAND)),
        ("2026-11-01T09:30:00Z", datetime(2026, 11, 1, 9, 30, tzinfo=ZoneInfo("UTC"))),
    ],
)
def test_a_day_without_a_time_zone_is_a_day_of_the_organisation(at, moment):
    reader = FactReader(number="1001", context=replace(CONTEXT, time_zone="Pacific/Auckland"))
    told = {"Kind": "payment", "At": at, "MessageId": "m1", "PaymentMethod": "card", "Amount": 20}
    (tender,), questions = reader.read({"Facts": [told]})
    assert isinstance(tender, Tender)
    assert (tender.at, tender.at.utcoffset()) == (moment, moment.utcoffset())
    assert questions == []
