"""`segxero init`: the files of an organisation from its country's preset, its own books and five answers (T24)."""

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from segxero.cli import init_tables
from segxero.cli.init import init
from segxero.mapping.files.loader import load
from segxero.xero.books.parts import Account, Books, TaxRate
from segxero.xero.objects.table import FIELDS

MAPPINGS = Path(__file__).parents[3] / "mappings"
ALL = frozenset({"REVENUE", "LIABILITY"})
COUNTRIES = ("AU", "NZ", "GB", "US", "IE", "SG", "ZA", "CA", "NO")


def account(code, name, kind="REVENUE", group="REVENUE"):
    return Account(code=code, name=name, kind=kind, group=group, tax_type="", active=True, takes_payments=False)


def rate(tax_type, name, percent):
    return TaxRate(tax_type=tax_type, name=name, percent=Decimal(percent), active=True, groups=ALL)


BOOKS = Books(
    country="IE",
    base_currency="EUR",
    accounts={
        one.code: one
        for one in (
            account("4000", "Income"),
            account("4100", "Delivery charges"),
            account("2300", "Gift vouchers", "CURRLIAB", "LIABILITY"),
        )
    },
    tax_rates={
        one.tax_type: one
        for one in (
            rate("TAX002", "23% Sales", "23"),
            rate("TAX005", "13.5% Sales", "13.5"),
            rate("TAX009", "Zero Rated Sales", "0"),
            rate("NONE", "Tax Exempt", "0"),
        )
    },
)


@pytest.fixture
def mappings(tmp_path):
    return Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))


@pytest.fixture
def run(mappings, monkeypatch):
    """Run the command where nothing is connected."""
    for name in ("REDIS_URL", "XERO_CLIENT_ID", "SEGMENT_SHARED_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(mappings.parent)

    def begin(*options):
        return CliRunner().invoke(init, [*options, "--directory", str(mappings)])

    return begin


@pytest.mark.parametrize("country", COUNTRIES)
def test_t24_each_country_gets_settings_and_tables_that_load(run, mappings, country):
    answers = ("--sells", "standard,zero_rated", "--ships-abroad", "--registered", "--tax-inside")
    assert run("--country", country, *answers, "--yes").exit_code == 0
    loaded = load(mappings, FIELDS)
    tax = loaded.organisations["main"].tax
    assert (tax.country, tax.sells, tax.ships_abroad, tax.tax_missing) == (
        country,
        ("standard", "zero_rated"),
        True,
        "inside",
    )
    assert f"{country} no_supply" in loaded.tables["tax_rows"]
    assert "tax_types" not in loaded.tables


def test_nothing_is_written_before_somebody_has_agreed(run, mappings):
    before = {path: path.read_bytes() for path in mappings.rglob("*.yaml")}
    said = run("--country", "AU")
    assert said.exit_code == 1
    assert "+AU standard: 10 OUTPUT box G1+1A" in said.output
    assert "Nothing was written; --yes writes it." in said.output
    assert {path: path.read_bytes() for path in mappings.rglob("*.yaml")} == before


def test_a_second_run_has_nothing_to_do(run):
    run("--country", "AU", "--yes")
    assert "nothing was changed" in run("--country", "AU", "--yes").output


def test_without_a_connection_the_country_must_be_said(run):
    said = run("--yes")
    assert said.exit_code == 2
    assert "--country NZ" in said.output


def test_an_unknown_class_is_refused(run):
    said = run("--country", "NZ", "--sells", "luxury", "--yes")
    assert said.exit_code == 2
    assert "luxury is no class" in said.output


def test_rates_of_the_organisations_own_are_found_by_percentage_and_name():
    table = init_tables.write_rates(init_tables.read_preset(MAPPINGS, "IE"), BOOKS)
    assert "IE standard: 23 TAX002 box T1   # 23% Sales\n" in table
    assert "IE reduced: 13.5 TAX005 box T1   # 13.5% Sales\n" in table
    assert "IE zero_rated: 0 TAX009   # Zero Rated Sales\n" in table
    assert "# IE second_reduced: 9 own box T1   # your Xero has no such rate\n" in table


def test_a_rate_that_is_archived_becomes_a_comment():
    rates = {"OUTPUT": rate("OUTPUT", "GST on Income", "10"), "EXEMPTOUTPUT": rate("EXEMPTOUTPUT", "GST Free", "0")}
    table = init_tables.write_rates(init_tables.read_preset(MAPPINGS, "AU"), replace(BOOKS, tax_rates=rates))
    assert "AU export: 0 EXEMPTOUTPUT box G1+G2   # GST Free\n" in table
    assert "# AU exempt: 0 INPUTTAXED box G1+G4" in table


def test_accounts_are_the_organisations_own_with_their_names():
    text = '# mine\ndefault: "200"\nshipping: "200"\nBooks: "210"\n'
    written = init_tables.write_accounts(text, BOOKS)
    assert written.startswith(
        '# mine\ndefault: "4000"   # Income\nshipping: "4100"   # Delivery charges\nBooks: "210"\n'
    )
    assert 'gift_cards: "2300"   # Gift vouchers\n' in written
    assert '# foreign_tax: "000"   # tax of other countries: a liability\n' in written


def test_settings_keep_what_the_file_says_of_others():
    text = "# shops\nnz:\n  sources: [a]\n  country: AU   # where\nau:\n  sources: [b]\n"
    assert init_tables.write_settings(text, "nz", {"country": "NZ", "sells": "[standard]"}) == (
        "# shops\nnz:\n  sources: [a]\n  country: NZ   # where\n  sells: [standard]\nau:\n  sources: [b]\n"
    )
    assert init_tables.write_settings("", "main", {"country": "NZ"}) == "main:\n  sources: all\n  country: NZ\n"
