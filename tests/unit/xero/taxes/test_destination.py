"""The place of supply (T4): home, abroad, the EU, and unknown."""

import pytest

from segxero.errors import ParkedError
from segxero.xero.taxes.decision import decide
from tests.support.segment.taxed_orders import booked, line, order, setup_of, spelled

NZ = setup_of("NZ", sells=("standard", "zero_rated"))


def waits(fields, setup):
    with pytest.raises(ParkedError) as caught:
        decide(fields, setup)
    return caught.value


def test_t4_goods_that_leave_the_country_are_exports_with_their_shipping():
    fields = order(line("mug", "140.00"), Shipping="25.00", Tax="0", Total="165.00", ShipTo={"Country": "US"})
    assert booked(fields, NZ) == ["mug 140.00 ZERORATED 0.00 200", "Shipping 25.00 ZERORATED 0.00 260"]


def test_t4_tax_of_another_country_never_gets_a_home_type():
    # 14.00 on 140.00 are 10 %; in a New Zealand order to Australia it is Australian tax.
    fields = order(line("mug", "140.00"), Tax="14.00", Total="154.00", ShipTo={"Country": "Australia"})
    assert booked(fields, NZ) == ["mug 140.00 ZERORATED 0.00 200", "VAT AU 14.00 NONE 0.00 829"]
    # 15 % would fit the home rate exactly, and it is still not home tax.
    fields = order(line("mug", "140.00"), Tax="21.00", Total="161.00", ShipTo={"Country": "AU"})
    assert booked(fields, NZ)[1] == "VAT AU 21.00 NONE 0.00 829"


def test_t4_an_order_that_is_collected_is_at_home():
    fields = order(line("mug", "80.00"), Tax="12.00", Total="92.00", ShipTo={"Country": "AU"}, Collected=True)
    assert booked(fields, NZ) == ["mug 80.00 OUTPUT2 12.00 200"]


def test_t4_an_unknown_place_in_the_base_currency_uses_home_rows_and_is_a_finding():
    taxed = decide(order(line("mug", "80.00"), Tax="12.00", Total="92.00"), NZ)
    assert spelled(taxed) == ["mug 80.00 OUTPUT2 12.00 200"]
    assert taxed.findings == ("destination unknown: 92.00",)


def test_t4_an_unknown_place_in_another_currency_waits():
    error = waits(order(line("mug", "80.00"), Tax="12.00", Total="92.00", CurrencyCode="USD"), NZ)
    assert (error.kind, error.currency) == ("place_unknown", "USD")
    assert "a currency does not tell that" in str(error)


def test_t4_no_tax_at_an_unknown_place_waits_unless_the_shop_sells_at_home_only():
    fields = order(line("mug", "80.00"), Tax="0", Total="80.00")
    assert waits(fields, NZ).kind == "place_unknown"
    at_home = setup_of("NZ", sells=("standard", "zero_rated"), ships_abroad=False)
    assert booked(fields, at_home) == ["mug 80.00 ZERORATED 0.00 200"]


def test_t4_irish_goods_to_consumers_in_the_eu_have_their_tax_on_a_line():
    fields = order(line("mug", "200.00"), Tax="38.00", TaxRate=19, Total="238.00", ShipTo={"Country": "DE"})
    assert booked(fields, setup_of("IE")) == ["mug 200.00 NONE 0.00 200", "VAT DE 19 % 38.00 NONE 0.00 829"]


def test_t4_an_irish_seller_below_the_threshold_charges_irish_tax_in_the_eu():
    fields = order(line("mug", "200.00"), Tax="46.00", Total="246.00", ShipTo={"Country": "DE"})
    setup = setup_of("IE", rows={"EU foreign": "home"}, sells=("standard",))
    assert booked(fields, setup) == ["mug 200.00 IE23 46.00 200"]


def test_t4_irish_goods_and_services_to_eu_businesses_have_rows_of_their_own():
    rows = {"IE eu_goods": "0 EUGOODS", "IE eu_services": "0 EUSERVICES"}
    fields = order(
        line("mug", "200.00"),
        line("advice", "50.00", Kind="service"),
        Tax="0",
        Total="250.00",
        ShipTo={"Country": "DE"},
        CustomerTaxNumber="DE123",
    )
    assert booked(fields, setup_of("IE", rows=rows)) == [
        "mug 200.00 EUGOODS 0.00 200",
        "advice 50.00 EUSERVICES 0.00 200",
    ]


def test_t4_northern_ireland_is_in_the_eu_for_irish_goods():
    fields = order(
        line("mug", "200.00"),
        Tax="0",
        Total="200.00",
        ShipTo={"Country": "GB", "PostalCode": "BT1 1AA"},
        CustomerTaxNumber="XI123",
    )
    assert booked(fields, setup_of("IE", rows={"IE eu_goods": "0 EUGOODS"})) == ["mug 200.00 EUGOODS 0.00 200"]


def test_t4_a_service_abroad_is_taxed_at_home_unless_it_is_digital():
    advice = order(line("advice", "50.00", Kind="service"), Tax="7.50", Total="57.50", ShipTo={"Country": "AU"})
    assert booked(advice, NZ) == ["advice 50.00 OUTPUT2 7.50 200"]
    song = order(line("song", "50.00", Kind="digital"), Tax="0", Total="50.00", ShipTo={"Country": "AU"})
    assert booked(song, NZ) == ["song 50.00 ZERORATED 0.00 200"]
