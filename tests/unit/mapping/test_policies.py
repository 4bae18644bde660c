"""Policies: the registry, how an organisation chooses, and the two places that show them."""

import re
from pathlib import Path

import pytest

from segxero.errors import ConfigError
from segxero.mapping.files.loader import load
from segxero.mapping.policies import DEFAULTS, POLICIES, drop_unused_rows, list_scopes
from segxero.xero.objects.context import Context
from tests.support.set_ups.mapping_files import OBJECTS, write_mappings

MAPPINGS = Path(__file__).parents[3] / "mappings"
TABLES = {"accounts": {"default": "200", "rounding": "860"}}


def organisations(policies, tables=""):
    return {"organisations.yaml": f"main:\n  sources: all\n  policies: {policies}\n{tables}"}


def faults(tmp_path, policies):
    with pytest.raises(ConfigError) as caught:
        load(write_mappings(tmp_path, organisations(policies)), OBJECTS)
    return [str(fault) for fault in caught.value.faults]


def test_every_policy_has_its_default_first_and_says_what_a_person_does():
    assert DEFAULTS == {
        "lock_date": "park",
        "paid_invoice": "park",
        "archived_contact": "park",
        "which_contact": "park",
        "number_taken": "park",
        "currency_off": "park",
        "plan_limit": "park",
        "tax_unknown": "park",
        "cent_off": "park",
        "change_window": "month",
        "void_window": "month",
        "updated_totals": "match",
        "refund_pays_back": "when_paid",
        "zero_orders": "book",
    }
    assert [name for name, policy in POLICIES.items() if not policy.remedy] == [
        "tax_unknown",
        "cent_off",
        "change_window",
        "void_window",
        "updated_totals",
        "refund_pays_back",
        "zero_orders",
    ]


def test_what_an_organisation_has_not_chosen_is_as_the_default(tmp_path):
    mappings = load(write_mappings(tmp_path, organisations("{lock_date: first_open_day}")), OBJECTS)
    assert mappings.organisations["main"].policies == {"lock_date": "first_open_day"}
    assert Context.of(mappings, "main").policies == {**DEFAULTS, "lock_date": "first_open_day"}


WORDS = (
    "lock_date, paid_invoice, archived_contact, which_contact, number_taken, currency_off, plan_limit, tax_unknown,"
    " cent_off, change_window, void_window, updated_totals, refund_pays_back, zero_orders"
)


@pytest.mark.parametrize(
    ("policies", "fault"),
    [
        (
            "\n    lock_days: park",
            f"organisations.yaml:4: /main/policies/lock_days: is not a policy: write {WORDS}",
        ),
        (
            "\n    lock_date: park\n    paid_invoice: pay",
            "organisations.yaml:5: /main/policies/paid_invoice: should be park or keep or allowed",
        ),
        ("{plan_limit: [park]}", "organisations.yaml:3: /main/policies/plan_limit: should be park"),
        (
            "{cent_off: rounding_line}",
            "organisations.yaml:3: /main/policies/cent_off: needs a row rounding in tables/accounts.yaml: add it",
        ),
        (
            "park",
            f"organisations.yaml:3: /main/policies: should name a choice each, such as lock_date: park, of {WORDS}",
        ),
    ],
)
def test_a_wrong_policy_is_a_fault_with_its_place_and_the_possible_words(tmp_path, policies, fault):
    assert faults(tmp_path, policies) == [fault]


def test_t21_a_set_up_that_still_guesses_tax_types_starts_and_is_told_that_such_orders_wait(tmp_path):
    mappings = load(write_mappings(tmp_path, organisations("\n    tax_unknown: otherwise")), OBJECTS)
    (told,) = [str(warning) for warning in mappings.warnings if warning.file == "organisations.yaml"]
    assert told == (
        "organisations.yaml:4: /main/policies/tax_unknown: the choice otherwise is read no more: an order whose tax no"
        " rate makes waits (rule T21). Delete the line. Its successors are the rows of tables/tax_rows.yaml and the"
        " setting `sells`; a shop with one rate for everything writes `sells: [standard]`"
    )
    assert Context.of(mappings, "main").policies["tax_unknown"] == "park"


def test_a_row_that_the_organisation_has_for_itself_is_enough(tmp_path):
    text = organisations("{cent_off: rounding_line}", "  tables: {accounts: {rounding: '860'}}\n")
    assert Context.of(load(write_mappings(tmp_path, text), OBJECTS), "main").tables["accounts"]["rounding"] == "860"


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        ({}, set()),
        ({"tax_unknown": "park"}, set()),
        ({"cent_off": "park"}, set()),
        ({"cent_off": "rounding_line"}, {"rounding"}),
    ],
)
def test_a_row_of_a_policy_that_waits_is_as_if_it_were_not_there(chosen, rows):
    found = drop_unused_rows(TABLES, chosen)
    assert {key for table in found.values() for key in table} == {"default", *rows}


def test_a_choice_names_the_scope_that_it_needs():
    assert list_scopes({}) == list_scopes({"lock_date": "park", "paid_invoice": "allowed"}) == set()
    assert list_scopes({"lock_date": "first_open_day"}) == {"accounting.settings.read"}
    assert list_scopes({"currency_off": "add"}) == {"accounting.settings"}


def test_the_readme_shows_every_policy_with_its_choices_and_default():
    readme = (MAPPINGS / "README.md").read_text(encoding="utf-8")
    table = readme.partition("\n## Policies\n")[2].partition("\n# ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{name}` | {policy.case} | "
        + "; ".join(
            f"{'**' if choice == policy.default else ''}`{choice}`{'**' if choice == policy.default else ''}: {says}"
            for choice, says in policy.choices.items()
        )
        + " |"
        for name, policy in POLICIES.items()
    ]


def test_the_shipped_organisation_shows_every_policy_as_a_comment_with_its_default():
    text = (MAPPINGS / "organisations.yaml").read_text(encoding="utf-8")
    shown = re.findall(r"^  #   (\w+): (\w+) +# (.+)$", text.partition("# policies:")[2], re.MULTILINE)
    assert {name: [choice, *re.findall(r"\bor (\w+)", others)] for name, choice, others in shown} == {
        name: list(policy.choices) for name, policy in POLICIES.items()
    }
