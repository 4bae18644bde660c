"""Causes: what differs from record to record is taken out, what a person repairs stays."""

import pytest

from segxero.telemetry.causes import NO_OBSTACLE, Obstacle, find_cause, identify_cause


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        (
            "the sums disagree: goods 25.00 - discount 2.5 make 27; the order's total is 30",
            "the sums disagree: goods # - discount # make #; the order's total is #",
        ),
        (
            "The contact name Ann Lee is already assigned to another contact.",
            "The contact name <name> is already assigned to another contact.",
        ),
        ("Invoice INV-0042 of ann.lee@example.com", "Invoice # of <e-mail>"),
        ("unknown id 7889A0AC-262a-40e3-8a63-9a769b1a18af", "unknown id <id>"),
        ("locked until 2026-03-31T00:00:00", "locked until <date>"),
        ("Date should be an ISO 8601 date, not 'yesterday'", "Date should be an ISO # date, not <text>"),
        ("Email address must be valid.", "Email address must be valid."),
    ],
)
def test_a_sentence_has_the_cause_that_its_kind_shares(sentence, cause):
    assert find_cause(sentence) == cause
    assert find_cause(cause) == cause


NO_GAMES = "tables/accounts.yaml has no row 'Games' and tables/accounts.yaml has no row 'default'; add it"


def test_a_missing_row_is_a_cause_of_its_own_so_its_name_stays():
    obstacle = Obstacle(lacks=(("accounts", "Games"), ("accounts", "default")))
    assert find_cause(NO_GAMES, obstacle) == NO_GAMES
    assert find_cause(NO_GAMES.replace("Games", "Books"), obstacle) != NO_GAMES


def test_a_question_is_one_cause_in_every_currency_and_its_missing_rows_tell_it_apart():
    sums = Obstacle(question="sums_disagree")
    dollars = "Order 1001 is 5.00 USD more than its parts (20.00)"
    assert identify_cause(dollars, sums) == identify_cause(dollars.replace("USD", "EUR"), sums) == "sums_disagree"
    zip_pay, cash = (
        Obstacle(question="unknown_method", lacks=(("payment_methods", name),)) for name in ("zip", "cash")
    )
    assert identify_cause("", zip_pay) == "unknown_method payment_methods/zip"
    assert identify_cause("", cash) == "unknown_method payment_methods/cash"
    assert find_cause("Order 2001 was paid with zip: 46.00 NZD.", zip_pay) == "Order # was paid with zip: # NZD."


def test_without_a_question_the_words_are_the_cause():
    assert identify_cause("Invoice INV-0042", NO_OBSTACLE) == find_cause("Invoice INV-0042") == "Invoice #"


def test_a_record_that_waits_for_another_has_the_cause_of_that_one():
    reason = "waits for Contact u1, which needs a person: it is archived in Xero; restore it there"
    obstacle = Obstacle(waits_for="Contact|u1", root="it is archived in Xero; restore it there")
    assert find_cause(reason, obstacle) == "it is archived in Xero; restore it there"


def test_a_record_that_waits_for_one_with_a_missing_row_has_that_row_as_its_cause():
    obstacle = Obstacle(waits_for="Invoice|1001", root=NO_GAMES, lacks=(("accounts", "Games"),))
    assert find_cause(f"waits for Invoice 1001, which needs a person: {NO_GAMES}", obstacle) == NO_GAMES


def test_an_old_record_without_facts_has_its_sentence_as_its_cause():
    assert Obstacle.from_json("") == NO_OBSTACLE
    assert find_cause(NO_GAMES, NO_OBSTACLE) == (
        "tables/accounts.yaml has no row <text> and tables/accounts.yaml has no row <text>; add it"
    )


def test_an_obstacle_is_read_as_it_was_written_and_facts_of_a_newer_version_are_left_out():
    obstacle = Obstacle(refusal="name_taken", name="1a2b", lacks=(("accounts", "Games"),), waits_for="Contact|u1")
    assert Obstacle.from_json(obstacle.to_json()) == obstacle
    assert NO_OBSTACLE.to_json() == ""
    assert Obstacle.from_json('{"refusal":"lock_date","period":"2026"}') == Obstacle(refusal="lock_date")
