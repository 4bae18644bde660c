"""Which of Xero's sentences fall under which policy."""

import pytest

from segxero.xero.api.refusals import find_call_policy, find_policy

MODIFIED = "Invoice not of valid status for modification"
CASES = [
    ("The document date cannot be before the period lock date, currently set at 30 September 2009.", "lock_date"),
    ("The document date cannot be before the end of year lock date, currently set at 1 April.", "lock_date"),
    ("This document cannot be edited as it has a payment or credit note allocated to it.", "paid_invoice"),
    (
        "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.",
        "paid_invoice",
    ),
    ("Organisation is not subscribed to currency EUR", "currency_off"),
    ("ORGANISATION IS NOT SUBSCRIBED TO CURRENCY eur", "currency_off"),
    ("You have reached the limit of invoices you can approve", "plan_limit"),
    ("Email address must be valid.", ""),
    ("", ""),
]


@pytest.mark.parametrize(("sentence", "policy"), CASES)
def test_a_sentence_falls_under_a_policy_by_a_fragment(sentence, policy):
    assert find_policy([sentence], {}) == policy


@pytest.mark.parametrize(
    ("element", "policy"),
    [
        ({}, ""),
        ({"AmountPaid": 0, "AmountCredited": "0.00"}, ""),
        ({"AmountPaid": "5.00"}, "paid_invoice"),
        ({"AmountCredited": 5}, "paid_invoice"),
    ],
)
def test_an_invoice_of_a_closed_status_is_a_paid_one_when_money_is_on_it(element, policy):
    assert find_policy([MODIFIED], element) == policy


def test_a_sentence_that_no_policy_knows_makes_it_a_case_for_a_person():
    locked, euro = CASES[0][0], CASES[4][0]
    assert find_policy([locked, "Email address must be valid."], {}) == ""
    assert find_policy([euro, locked], {}) == "currency_off"
    assert find_policy([], {}) == ""


@pytest.mark.parametrize(("sentence", "policy"), CASES)
def test_only_the_plan_concerns_a_whole_call(sentence, policy):
    assert find_call_policy([sentence]) == (policy if policy == "plan_limit" else "")
