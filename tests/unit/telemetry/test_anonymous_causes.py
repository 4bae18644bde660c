"""Sentences without their variable parts: equal for one cause, and telling nothing about a person."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.telemetry.causes import anonymise, known_values

SAME = [
    (
        "The contact name Ann Lee is already assigned to another contact.",
        ["Ann Lee"],
        "The contact name … is already assigned to another contact.",
    ),
    ("Email address ann@example.com is not valid", [], "Email address … is not valid"),
    ("Account code '200' is not valid for this document.", [], "Account code … is not valid for this document."),
    ('The TaxType code "OUTPUT9" does not exist', [], "The TaxType code … does not exist"),
    ("Invoice # must be unique. Invoice number W-1001 exists", [], "Invoice … must be unique. Invoice number … exists"),
    ("Payment date 2026-11-24 is locked", [], "Payment date … is locked"),
    ("Payment date 24/11/2026 is locked", [], "Payment date … is locked"),
    ("the order's total is 23.00", [], "the order's total is …"),
    ("goods $1,234.50 - discount 0 + shipping 5 make 3", [], "goods … - discount … + shipping … make …"),
    ("Contact 3f2b8a1e-7d60-4f6e-9a3e-1f0a9b7c2d11 is gone", [], "Contact … is gone"),
    (
        "Mapping identify (contacts.yaml:12): the key is empty",
        [],
        "Mapping identify (contacts.yaml:…): the key is empty",
    ),
    ("products 1, 2 and 17 have no price", [], "products … have no price"),
    ("Contact u is in Xero, but: it differs", ["u"], "Contact u is in Xero, but: it differs"),
    ("ANN LEE and Ann Lee", ["ann lee"], "…"),
]


@pytest.mark.parametrize(("text", "known", "wanted"), SAME)
def test_what_varies_becomes_a_gap(text, known, wanted):
    assert anonymise(text, known) == wanted


def test_a_known_value_is_not_taken_out_of_a_longer_word():
    assert anonymise("Contact is in contacts", ["tact", "Contacts"]) == "Contact is in …"


def test_a_long_sentence_is_cut():
    assert len(anonymise("word " * 100)) == 200


@given(st.text(), st.text(alphabet=st.characters(categories=["L"]), min_size=3))
def test_no_known_value_survives_as_a_word(text, value):
    assert anonymise(f"before {value} after {text}", [value]).startswith("before … after")


@given(st.integers(), st.dates(), st.emails(), st.uuids())
def test_one_cause_gives_one_sentence(number, date, email, identifier):
    assert anonymise(f"No {number} of {date} for {email} ({identifier}) is open") == "No … of … for … (…) is open"


def test_all_texts_of_an_event_are_known_and_the_words_of_names():
    event = {
        "type": "identify",
        "userId": "u1",
        "traits": {"name": "Ann van Leeuwen", "age": 7, "tags": ["blue sky"], "email": "a.lee@sunny.example"},
        "context": {"company": {"display_name": "Mug Limited"}},
    }
    found = set(known_values(json.loads(json.dumps(event))))
    assert found == {"u1", "Ann van Leeuwen", "Leeuwen", "blue sky", "Mug Limited", "Limited"} | {
        "a.lee@sunny.example",
        "sunny",
        "example",
    }


def test_words_of_our_own_files_stay_and_people_do_not():
    ours = {"tables/accounts.yaml", "accounts", "Games", "200"}
    said = anonymise("tables/accounts.yaml has no row 'Games' for Ann Lee; code '200', total 200.00", ["Ann Lee"], ours)
    assert said == "tables/accounts.yaml has no row Games for …; code 200, total …"
    assert anonymise("Games", ["Games"]) == "…"
