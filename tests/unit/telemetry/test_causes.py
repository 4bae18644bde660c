"""Causes: what differs from record to record is taken out, what a person repairs stays."""

import pytest

from segxero.telemetry.causes import cause_of


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
        (
            "waits for Contact u1, which needs a person: it is archived in Xero; restore it there",
            "it is archived in Xero; restore it there",
        ),
        (
            "tables/accounts.yaml has no row 'Games' and tables/accounts.yaml has no row 'default'; add it",
            "tables/accounts.yaml has no row 'Games' and tables/accounts.yaml has no row 'default'; add it",
        ),
        ("Invoice INV-0042 of ann.lee@example.com", "Invoice # of <e-mail>"),
        ("unknown id 7889A0AC-262a-40e3-8a63-9a769b1a18af", "unknown id <id>"),
        ("locked until 2026-03-31T00:00:00", "locked until <date>"),
        ("Date should be an ISO 8601 date, not 'yesterday'", "Date should be an ISO # date, not <text>"),
        ("Email address must be valid.", "Email address must be valid."),
    ],
)
def test_a_sentence_has_the_cause_that_its_kind_shares(sentence, cause):
    assert cause_of(sentence) == cause
    assert cause_of(cause) == cause
