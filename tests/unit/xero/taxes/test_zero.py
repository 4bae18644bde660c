"""Lines without tax: the reason decides the type (T12, T14), and a missing tax is not 0."""

import pytest

from segxero.errors import ParkedError
from segxero.xero.taxes.decision import decide
from tests.support.segment.taxed_orders import booked, home, line, order, setup_of, spelled


def waits(fields, setup):
    with pytest.raises(ParkedError) as caught:
        decide(fields, setup)
    return caught.value


def untaxed(country, **fields):
    return order(line("rice", "10.00", **fields), Tax="0", Total="10.00", **home(country))


@pytest.mark.parametrize(("country", "tax_type"), [("AU", "BASEXCLUDED"), ("NZ", "NONE"), ("GB", "NONE")])
def test_t12_an_organisation_that_is_not_registered(country, tax_type):
    setup = setup_of(country, registered=False)
    assert booked(untaxed(country), setup) == [f"rice 10.00 {tax_type} 0.00 200"]
    taxed = order(line("rice", "10.00"), Tax="1.00", Total="11.00", **home(country))
    assert waits(taxed, setup).kind == "not_registered"


@pytest.mark.parametrize(("country", "tax_type"), [("AU", "BASEXCLUDED"), ("NZ", "NONE"), ("GB", "NONE")])
def test_t12_t14_a_gift_card_is_no_supply(country, tax_type):
    assert booked(untaxed(country, GiftCard=True), setup_of(country)) == [f"rice 10.00 {tax_type} 0.00 825"]


@pytest.mark.parametrize(
    ("country", "tax_type"), [("AU", "EXEMPTEXPORT"), ("NZ", "ZERORATED"), ("GB", "ZERORATEDOUTPUT")]
)
def test_t12_goods_that_leave_the_country(country, tax_type):
    fields = order(line("rice", "10.00"), Tax="0", Total="10.00", ShipTo={"Country": "JP"})
    assert booked(fields, setup_of(country)) == [f"rice 10.00 {tax_type} 0.00 200"]


@pytest.mark.parametrize(("country", "tax_type"), [("AU", "EXEMPTEXPORT"), ("NZ", "ZERORATED"), ("GB", "NONE")])
def test_t12_a_service_for_a_business_abroad_is_reverse_charge(country, tax_type):
    ship = {"ShipTo": {"Country": "JP"}, "CustomerTaxNumber": "JP1"}
    fields = order(line("advice", "10.00", Kind="service"), Tax="0", Total="10.00", **ship)
    assert booked(fields, setup_of(country)) == [f"advice 10.00 {tax_type} 0.00 200"]


@pytest.mark.parametrize(
    ("country", "zero_rated", "exempt"),
    [
        ("AU", "EXEMPTOUTPUT", "INPUTTAXED"),
        ("NZ", "ZERORATED", "NONE"),
        ("GB", "ZERORATEDOUTPUT", "EXEMPTOUTPUT"),
        ("SG", "ZERORATEDOUTPUT", "ESN33OUTPUT"),
        ("ZA", "ZERORATED", "EXEMPTOUTPUT"),
    ],
)
def test_t12_the_class_of_the_product(country, zero_rated, exempt):
    for tax_class, tax_type in (("zero_rated", zero_rated), ("exempt", exempt)):
        assert booked(untaxed(country, TaxClass=tax_class), setup_of(country)) == [f"rice 10.00 {tax_type} 0.00 200"]


@pytest.mark.parametrize(("country", "tax_type"), [("AU", "EXEMPTOUTPUT"), ("GB", "ZERORATEDOUTPUT"), ("US", "NONE")])
def test_t12_where_the_choices_share_a_box_nothing_is_asked(country, tax_type):
    assert booked(untaxed(country), setup_of(country)) == [f"rice 10.00 {tax_type} 0.00 200"]


@pytest.mark.parametrize("country", ["NZ", "SG", "ZA"])
def test_t12_where_they_do_not_the_category_is_asked(country):
    error = waits(untaxed(country, Category="Grain"), setup_of(country))
    assert (error.kind, error.lacks) == ("zero_unknown", (("tax_classes", "Grain"),))
    assert "Is Grain zero-rated or exempt" in str(error)


def test_t12_a_missing_tax_is_asked_for_and_a_tax_of_0_is_a_statement():
    fields = order(line("mug", "34.50", 2), Total="69.00", **home("NZ"))
    error = waits(fields, setup_of("NZ"))
    assert str(error) == (
        "Order 1001 (69.00 NZD) states no tax. Is tax of 9.00 inside? Set tax_missing to inside or none, or send the"
        " tax."
    )
    inside = decide(fields, setup_of("NZ", tax_missing="inside"))
    assert (inside.amount_types, spelled(inside)) == ("Inclusive", ["mug 69.00 OUTPUT2 9.00 200"])
    none = setup_of("NZ", tax_missing="none", sells=("standard", "zero_rated"))
    assert booked(fields, none) == ["mug 69.00 ZERORATED 0.00 200"]


def test_t12_a_missing_tax_of_the_order_is_the_sum_of_its_lines_taxes():
    fields = order(line("mug", "80.00", TaxAmount="12.00"), Total="92.00", **home("NZ"))
    assert booked(fields, setup_of("NZ")) == ["mug 80.00 OUTPUT2 12.00 200"]


def test_t12_a_missing_tax_follows_from_the_classes_of_all_lines():
    lines = line("mug", "80.00", TaxClass="standard"), line("rice", "10.00", TaxClass="zero_rated")
    on_top = decide(order(*lines, Total="102.00", **home("NZ")), setup_of("NZ"))
    assert (on_top.amount_types, on_top.tax) == ("Exclusive", 12)
    inside = decide(order(*lines, Total="90.00", **home("NZ")), setup_of("NZ"))
    assert (inside.amount_types, str(inside.tax)) == ("Inclusive", "10.43")


def test_t14_a_single_purpose_voucher_is_taxed_when_it_is_sold():
    fields = order(line("voucher", "50.00", GiftCard=True), Tax="10.00", Total="60.00", **home("GB"))
    setup = setup_of("GB", gift_cards="single_purpose", sells=("standard",))
    assert booked(fields, setup) == ["voucher 50.00 OUTPUT2 10.00 200"]
