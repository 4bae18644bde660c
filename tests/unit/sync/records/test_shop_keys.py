"""Two orders of one number are told apart by a digest of their totals, whatever stands there."""

import pytest

from segxero.sync.records.shop_keys import digest_order


def digest(total):
    return digest_order({"Total": total, "CurrencyCode": '"NZD"'}, "[]")


def test_a_total_is_the_same_however_its_number_is_written():
    assert digest("20") == digest('"20.00"') == digest("2E+1")
    assert digest("20") != digest("20.01")


@pytest.mark.parametrize("total", ["null", '""'])
def test_an_order_without_a_total_has_no_digest(total):
    assert digest(total) == ""


@pytest.mark.parametrize("total", ['"1e999999999"', "1e999999999", '"twenty"'])
def test_a_total_that_is_no_amount_has_a_digest_of_its_own(total):
    assert len(digest(total)) == 16
    assert digest(total) != digest("20")
