"""The short form of the month in `make chaos`."""

import pytest

from tests.chaos.month import run_months
from tests.simulation.month import Size

pytestmark = pytest.mark.timeout(600)

SMALL = Size(customers=15, orders=40, changed=0.2, refunded=0.2, cancelled=0.1)


def test_a_month_told_twice_in_other_orders_under_kills_ends_in_the_shops_own_books():
    verdicts = run_months((1, 2), SMALL, side_by_side=2)

    for verdict in verdicts:
        assert not verdict.faults, f"{verdict.faults} {verdict.logs}"
    kills = [step for verdict in verdicts for step in verdict.steps if step.what == "kill"]
    assert len(kills) >= 2
    assert verdicts[0].books == verdicts[1].books
    assert len(verdicts[0].books["payments"]) > 25
