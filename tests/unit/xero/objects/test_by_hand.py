"""Payments that people enter in Xero (L15): which of them are the payment that an order wants."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from segxero.xero.objects.booked import BOOKED
from segxero.xero.objects.by_hand import is_same_payment
from segxero.xero.objects.numbering import LONGEST_MARKER, fit_key
from segxero.xero.objects.wanted import Wanted

FOURTH = "/Date(1793750400000+0000)/"  # of November 2026
LONG = f"1001 {'x' * LONGEST_MARKER}"


def is_same(key="1001 ch_7", day="2026-11-03", **element):
    wanted = Wanted(key=key, fields={BOOKED: {"Amount": "20.00", "Date": day}})
    return is_same_payment({"Amount": Decimal("20.00"), "Date": FOURTH, **element}, wanted, ZoneInfo("UTC"))


@pytest.mark.parametrize("key", ["1001 ch_7", LONG], ids=["short", "longer than Xero holds"])
def test_a_payment_with_our_marker_is_ours_whatever_its_day(key):
    assert is_same(key, "2026-01-01", Reference=fit_key(key, LONGEST_MARKER))


def test_l15_a_payment_by_hand_is_the_same_up_to_five_days_apart():
    assert is_same(day="2026-11-09")
    assert not is_same(day="2026-11-10")
    assert not is_same(Amount=Decimal("19.99"))


def test_another_tender_of_the_order_is_another_payment_although_the_amount_is_the_same():
    assert not is_same(Reference="1001 ch_8")
    assert is_same(Reference="10012 by hand")
