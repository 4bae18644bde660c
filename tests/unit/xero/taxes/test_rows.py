"""The table of rates: how rows are written, which hold on a day (T19), and the shipped presets (T24)."""

from datetime import date

import pytest

from segxero.xero.taxes.decision import decide
from segxero.xero.taxes.rows import read_row, read_rows
from tests.support.segment.taxed_orders import PRESETS, booked, home, line, order, preset, setup_of


@pytest.mark.parametrize(
    ("day", "tax", "tax_type"),
    [("2022-12-31", "7.00", "OUTPUT"), ("2023-12-30", "8.00", "OUTPUTY23"), ("2024-01-02", "9.00", "OUTPUTY24")],
)
def test_t19_the_row_of_the_orders_day_is_used(day, tax, tax_type):
    fields = order(line("mug", "100.00"), Tax=tax, Total=f"10{tax}", **home("SG")) | {"Date": day}
    assert booked(fields, setup_of("SG", sells=("standard",))) == [f"mug 100.00 {tax_type} {tax} 200"]


def test_t19_the_day_is_that_of_the_organisations_time_zone():
    fields = order(line("mug", "100.00"), Tax="9.00", Total="109.00", **home("SG")) | {"Date": "2023-12-31T17:00:00Z"}
    assert decide(fields, setup_of("SG", time_zone="Asia/Singapore")).lines[0].tax_type == "OUTPUTY24"


def test_a_row_says_rate_type_dates_parts_and_box():
    row = read_row("CA-QC standard 2026", "14.975 TAX003 parts 5+9.975 from 2026-01-01 to 2026-12-31 box 101+103")
    assert (row.country, row.region, row.tax_class, str(row.rate), row.tax_type) == (
        "CA",
        "QC",
        "standard",
        "14.975",
        "TAX003",
    )
    assert (row.first, row.last, row.box) == (date(2026, 1, 1), date(2026, 12, 31), "101+103")
    assert list(map(str, row.parts)) == ["5", "9.975"]
    assert row.holds_on(date(2026, 6, 1))
    assert not row.holds_on(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("NZ luxury", "15 OUTPUT2", "a country and a class"),
        ("NZ", "15 OUTPUT2", "a country and a class"),
        ("NZ standard", "15", "a rate and a TaxType"),
        ("NZ standard", "fifteen OUTPUT2", "begin with a rate"),
        ("NZ standard", "115 OUTPUT2", "from 0 to 100"),
        ("NZ standard", "15 OUTPUT2 from May", "a date such as"),
    ],
    ids=["no class", "no words", "no type", "no number", "too high", "no date"],
)
def test_a_row_that_cannot_be_read_says_why(name, text, reason):
    with pytest.raises(ValueError, match=reason):
        read_row(name, text)
    assert read_rows({name: text}, date(2026, 1, 1)).rows == ()


CODES = {
    "AU": {"standard": "OUTPUT", "zero_rated": "EXEMPTOUTPUT", "exempt": "INPUTTAXED", "export": "EXEMPTEXPORT"},
    "NZ": {"standard": "OUTPUT2", "zero_rated": "ZERORATED", "exempt": "NONE", "export": "ZERORATED"},
    "GB": {"standard": "OUTPUT2", "reduced": "RROUTPUT", "zero_rated": "ZERORATEDOUTPUT", "exempt": "EXEMPTOUTPUT"},
    "SG": {"standard": "OUTPUTY24", "zero_rated": "ZERORATEDOUTPUT", "out_of_scope": "OSOUTPUT2"},
    "ZA": {"standard": "OUTPUT3", "zero_rated": "ZERORATED", "export": "ZERORATEDOUTPUT", "exempt": "EXEMPTOUTPUT"},
    "US": {"standard": "NONE", "zero_rated": "NONE", "export": "NONE"},
}


@pytest.mark.parametrize("country", CODES)
def test_t24_the_presets_have_the_codes_of_each_country(country):
    found = read_rows(preset(country)["tax_rows"], date(2026, 11, 3))
    assert {name: found.find(country, name).tax_type for name in CODES[country]} == CODES[country]


@pytest.mark.parametrize("path", sorted(PRESETS.glob("*.yaml")), ids=lambda path: path.stem)
def test_t24_every_row_of_every_preset_can_be_read_and_each_can_book_what_is_no_supply(path):
    read = preset(path.stem)
    rows = read_rows(read["tax_rows"], date(2026, 11, 3))
    assert len(rows.rows) >= len(read["tax_rows"]) - 2  # rows of other years
    for name, text in read["tax_rows"].items():
        read_row(name, text)
    for tax_class in ("zero_rated", "exempt", "export", "no_supply", "not_registered", "reverse_charge"):
        assert rows.find(read["country"], tax_class) is not None


@pytest.mark.parametrize(
    ("country", "codes"),
    [("GB", {"OUTPUT", "SROUTPUT"}), ("US", {"OUTPUT"}), ("ZA", {"OUTPUT", "OUTPUT2"}), ("AU", {"NONE"})],
)
def test_t24_the_traps_of_a_country_are_in_no_row(country, codes):
    rows = read_rows(preset(country)["tax_rows"], date(2026, 11, 3)).rows
    assert not codes & {row.tax_type for row in rows}
