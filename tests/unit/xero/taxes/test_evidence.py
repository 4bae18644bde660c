"""The ladder of evidence of a line (T1-T3, T20) and what contradicts it."""

from dataclasses import replace

import pytest

from segxero.errors import ParkedError
from segxero.xero.taxes.decision import decide
from tests.support.segment.taxed_orders import booked, home, line, order, setup_of

NZ = setup_of("NZ", sells=("standard", "zero_rated"))
GB = setup_of("GB")


def waits(fields, setup):
    with pytest.raises(ParkedError) as caught:
        decide(fields, setup)
    return caught.value


@pytest.mark.parametrize(
    ("tax_class", "tax_type"),
    [("zero_rated", "ZERORATEDOUTPUT"), ("exempt", "EXEMPTOUTPUT"), ("out_of_scope", "NONE")],
)
def test_t1_three_types_have_the_rate_0_and_the_class_tells_them_apart(tax_class, tax_type):
    fields = order(line("book", "10.00", TaxClass=tax_class), Tax="0", Total="10.00", **home("GB"))
    assert booked(fields, GB) == [f"book 10.00 {tax_type} 0.00 200"]


def test_t2_tax_of_each_line_decides_before_the_tax_of_the_order():
    lamp, course = line("lamp", "40.00", TaxAmount="6.00"), line("course", "25.00", TaxAmount="0.00")
    assert booked(order(lamp, course, Tax="6.00", Total="71.00", **home("NZ")), NZ) == [
        "lamp 40.00 OUTPUT2 6.00 200",
        "course 25.00 ZERORATED 0.00 200",
    ]


def test_t2_e1_the_type_and_the_amount_of_a_mapping_are_honoured():
    lamp = line("lamp", "40.00", TaxType="OUTPUT2", TaxAmount="6.00")
    course = line("course", "25.00", TaxType="NONE")
    assert booked(order(lamp, course, Tax="6.00", Total="71.00", **home("NZ")), setup_of("NZ")) == [
        "lamp 40.00 OUTPUT2 6.00 200",
        "course 25.00 NONE 0.00 200",
    ]


def test_t2_e2_a_line_that_is_not_taxable_has_the_rate_0():
    lines = line("mug", "10.00", Taxable=False), line("toy", "10.00")
    assert booked(order(*lines, Tax="2.00", Total="22.00", **home("GB")), GB) == [
        "mug 10.00 ZERORATEDOUTPUT 0.00 200",
        "toy 10.00 OUTPUT2 2.00 200",
    ]


@pytest.mark.parametrize("key", ["TaxCode", "Sku", "Category"])
def test_t2_e3_the_class_of_a_product_stands_in_the_table_by_code_sku_or_category(key):
    setup = setup_of("GB", tax_classes={"B1": "zero_rated"})
    lines = line("book", "10.00", **{key: "B1"}), line("toy", "10.00")
    assert booked(order(*lines, Tax="2.00", Total="22.00", **home("GB")), setup) == [
        "book 10.00 ZERORATEDOUTPUT 0.00 200",
        "toy 10.00 OUTPUT2 2.00 200",
    ]


def test_t2_e5_one_rate_of_the_order_leaves_no_other():
    # 5 % on both would also make 2.00; the shop says that what is taxed has 20 %.
    lines = line("book", "30.00"), line("toy", "10.00")
    assert booked(order(*lines, Tax="2.00", TaxRate=20, Total="42.00", **home("GB")), GB) == [
        "book 30.00 ZERORATEDOUTPUT 0.00 200",
        "toy 10.00 OUTPUT2 2.00 200",
    ]


def test_t3_a_type_and_a_tax_that_contradict_each_other_wait_and_both_are_named():
    lines = line("mug", "10.00"), line("Guide book", "10.00", TaxType="OUTPUT2", TaxAmount="0.00")
    error = waits(order(*lines, Tax="1.50", Total="21.50", **home("NZ")), NZ)
    assert str(error) == (
        "Order 1001, line 2 (Guide book, 10.00): the mapping says OUTPUT2 (15 %), but the shop charged 0.00 (0 %)."
        " Which of the two is right?"
    )
    assert (error.kind, error.amount, error.currency) == ("tax_contradiction", 21.5, "NZD")


def test_t3_a_stated_amount_that_the_rate_of_its_class_does_not_make_waits():
    fields = order(line("mug", "10.00", TaxClass="standard", TaxAmount="1.00"), Tax="1.00", Total="11.00", **home("NZ"))
    assert waits(fields, NZ).kind == "tax_contradiction"


def test_t3_a_mapping_that_forces_its_type_is_followed_if_the_sums_meet():
    forced = line("Guide book", "10.00", TaxType="OUTPUT2", ForceTaxType=True, Taxable=False)
    assert booked(order(forced, Tax="1.50", Total="11.50", **home("NZ")), NZ) == ["Guide book 10.00 OUTPUT2 1.50 200"]
    assert waits(order(forced, Tax="0.00", Total="10.00", **home("NZ")), NZ).kind == "tax_unknown"


def test_t2_a_type_without_a_row_waits_for_its_row():
    fields = order(line("mug", "10.00", TaxType="TAX007"), Tax="1.90", Total="11.90", **home("NZ"))
    error = waits(fields, NZ)
    assert (error.kind, error.lacks) == ("row_missing", (("tax_rows", "NZ standard"),))
    assert "line 1 (mug, 10.00) the tax type TAX007" in str(error)


@pytest.mark.parametrize("rate", [15, "15.0", "15%", "15 %", "0.15"])
def test_t20_a_rate_is_read_as_a_percentage_or_a_fraction(rate):
    fields = order(line("mug", "40.00", TaxRate=rate), Tax="6.00", Total="46.00", **home("NZ"))
    assert booked(fields, NZ) == ["mug 40.00 OUTPUT2 6.00 200"]


def test_t20_a_rate_that_no_row_has_waits_for_its_row():
    fields = order(line("mug", "40.00", TaxRate="12.5"), Tax="5.00", Total="45.00", **home("NZ"))
    assert waits(fields, NZ).lacks == (("tax_rows", "NZ standard"),)


def test_t21_nothing_is_booked_by_default():
    error = waits(
        order(line("mug", "80.00"), Tax="7.10", Total="87.10", **home("NZ")), setup_of("NZ", sells=("standard",))
    )
    assert str(error) == (
        "Order 1001 to NZ has 7.10 NZD tax on 80.00. None of your tax rates makes 7.10; the nearest makes 12.00, 4.90"
        " more. Is a rate or a class missing in tables/tax_rows.yaml or in `sells`?"
    )
    assert error.kind == "tax_unknown"


def test_t21_a_set_up_with_the_retired_table_parks_and_is_told_its_successor():
    setup = setup_of("NZ")
    tables = {**setup.tables, "tax_types": {"15": "OUTPUT2", "otherwise": "OUTPUT2"}, "tax_rows": {}}
    error = waits(order(line("mug", "80.00"), Tax="12.00", Total="92.00"), replace(setup, tables=tables))
    assert error.lacks == (("tax_rows", "NZ standard"),)
    assert "tables/tax_types.yaml is no longer read, its successor is tables/tax_rows.yaml" in str(error)
