"""Taxes of other countries, of US states and of Canada: T15, T16, T17."""

from dataclasses import replace
from decimal import Decimal

import pytest

from segxero.errors import ParkedError
from segxero.xero.taxes.decision import decide
from tests.support.segment.taxed_orders import booked, home, line, order, setup_of, spelled


def waits(fields, setup):
    with pytest.raises(ParkedError) as caught:
        decide(fields, setup)
    return caught.value


GERMAN = order(line("mug", "200.00"), Tax="38.00", TaxRate="19%", Total="238.00", ShipTo={"Country": "DE"})
NEW_YORK = {"Country": "US", "Region": "NY"}


@pytest.mark.parametrize(
    ("country", "tax_type", "untaxed"),
    [("GB", "ZERORATEDOUTPUT", "NONE"), ("IE", "NONE", "NONE"), ("AU", "EXEMPTEXPORT", "BASEXCLUDED")],
)
def test_t15_in_the_form_line_the_tax_is_a_line_on_the_liability(country, tax_type, untaxed):
    assert booked(GERMAN, setup_of(country)) == [
        f"mug 200.00 {tax_type} 0.00 200",
        f"VAT DE 19 % 38.00 {untaxed} 0.00 829",
    ]


def test_t15_in_the_form_rate_the_shops_own_rate_carries_it():
    setup = setup_of("GB", rows={"DE foreign": "19 OSSDE19"})
    assert booked(GERMAN, setup) == ["mug 200.00 OSSDE19 38.00 200"]


def test_t15_tax_inside_is_taken_out_of_the_lines():
    fields = order(line("mug", "119.00", 2), Tax="38.00", TaxRate=19, Total="238.00", ShipTo={"Country": "DE"})
    taxed = decide(fields, setup_of("IE"))
    assert (taxed.amount_types, taxed.total) == ("Exclusive", 238)
    assert spelled(taxed) == ["mug 200.00 NONE 0.00 200", "VAT DE 19 % 38.00 NONE 0.00 829"]
    assert taxed.lines[0].unit_amount == 100


def test_t15_without_a_row_and_an_account_the_order_waits():
    error = waits(GERMAN, setup_of("GB", without="accounts.foreign_tax"))
    assert (error.kind, error.lacks) == ("foreign_tax", (("accounts", "foreign_tax"),))
    assert str(error).startswith("Order 1001 has 38.00 GBP tax of DE. On which liability account is it booked?")


def test_t15_each_country_may_have_an_account_of_its_own():
    setup = setup_of("GB")
    tables = {**setup.tables, "accounts": {**setup.tables["accounts"], "foreign_tax DE": "8291"}}
    assert booked(GERMAN, replace(setup, tables=tables))[1].endswith(" 8291")


def test_t16_each_tax_of_a_us_order_is_a_line():
    taxes = [
        {"title": "New York State", "rate": "4%", "price": "3.20"},
        {"title": "City", "rate": "4.5%", "price": "3.60"},
        {"title": "MCTD", "rate": "0.375%", "price": "0.30"},
    ]
    fields = order(line("mug", "80.00"), Tax="7.10", TaxLines=taxes, Total="87.10", ShipTo=NEW_YORK)
    assert booked(fields, setup_of("US")) == [
        "mug 80.00 NONE 0.00 200",
        "New York State 4 % 3.20 NONE 0.00 832",
        "City 4.5 % 3.60 NONE 0.00 832",
        "MCTD 0.375 % 0.30 NONE 0.00 832",
    ]


def test_t16_a_tax_that_is_not_itemised_is_one_line():
    fields = order(line("mug", "80.00"), Tax="7.10", Total="87.10", ShipTo=NEW_YORK)
    assert booked(fields, setup_of("US")) == ["mug 80.00 NONE 0.00 200", "Sales tax NY 7.10 NONE 0.00 832"]


def test_t16_a_rate_of_the_shops_own_carries_the_tax():
    setup = setup_of("US", rows={"US-NY standard": "8.875 TAX001 parts 4+4.5+0.375"})
    fields = order(line("mug", "80.00"), Tax="7.10", Total="87.10", ShipTo=NEW_YORK)
    assert booked(fields, setup) == ["mug 80.00 TAX001 7.10 200"]


@pytest.mark.parametrize("total", ["87.10", "80.00"])
def test_t16_tax_that_a_marketplace_owes_passes_through_or_is_no_part_of_the_order(total):
    taxes = [{"title": "Sales tax NY", "price": "7.10", "channel_liable": True}]
    fields = order(line("mug", "80.00"), Tax="7.10", TaxLines=taxes, Total=total, ShipTo=NEW_YORK)
    rows = booked(fields, setup_of("US"))
    assert rows[0] == "mug 80.00 NONE 0.00 200"
    assert rows[1:] == (["Sales tax NY 7.10 NONE 0.00 833"] if total == "87.10" else [])


@pytest.mark.parametrize(("country", "tax_type"), [("AU", "EXEMPTOUTPUT"), ("GB", "ZERORATEDOUTPUT")])
def test_t12_goods_whose_tax_a_marketplace_owes(country, tax_type):
    taxes = [{"title": "VAT", "price": "2.00", "channel_liable": True}]
    fields = order(line("mug", "80.00"), Tax="2.00", TaxLines=taxes, Total="82.00", **home(country))
    assert booked(fields, setup_of(country))[0] == f"mug 80.00 {tax_type} 0.00 200"


@pytest.mark.parametrize(
    ("region", "tax", "tax_type"),
    [("QC", "14.98", "CAQC14975"), ("ON", "13.00", "CAON13"), ("BC", "12.00", "CABC12"), ("AB", "5.00", "CAAB5")],
)
def test_t17_each_province_has_its_rate(region, tax, tax_type):
    fields = order(
        line("mug", "100.00"), Tax=tax, Total=str(100 + Decimal(tax)), ShipTo={"Country": "CA", "Region": region}
    )
    assert booked(fields, setup_of("CA")) == [f"mug 100.00 {tax_type} {tax} 200"]


def test_t17_two_components_may_be_rounded_apart():
    # 10.10: GST 0.505 and QST 1.007 make 0.51 + 1.01 = 1.52, one sum of 14.975 % makes 1.51.
    fields = order(line("mug", "10.10"), Tax="1.52", Total="11.62", ShipTo={"Country": "CA", "Region": "QC"})
    assert booked(fields, setup_of("CA")) == ["mug 10.10 CAQC14975 1.52 200"]


def test_t17_without_a_province_two_types_of_one_rate_wait():
    error = waits(order(line("mug", "100.00"), Tax="12.00", Total="112.00", ShipTo={"Country": "CA"}), setup_of("CA"))
    assert (error.kind, error.explanations) == ("tax_ambiguous", ("CABC12", "CAMB12"))


def test_t17_a_sale_abroad_is_on_the_return_at_0():
    fields = order(line("mug", "100.00"), Tax="0", Total="100.00", ShipTo={"Country": "US", "Region": "NY"})
    assert booked(fields, setup_of("CA")) == ["mug 100.00 CA0 0.00 200"]
