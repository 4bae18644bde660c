"""What is blocked: one cause for all that one repair frees, with their number and the money that waits."""

import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from segxero.dead_letters import DeadLetter
from segxero.mapping.files.loader import load
from segxero.oversight.blocked import PARKED_ERROR, Blockage, Filter, find_amount
from segxero.store import keys
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.core import ORG, SHIPPED, identify, order_completed

EVERYTHING = Filter()


@pytest.fixture
def blockage(core):
    return Blockage(core.store, core.letters, [ORG])


def letter(**changes):
    made = {
        "error": "XeroValidationError",
        "message": "Xero refused it: Email address must be valid.",
        "next_step": "correct it",
        "queue": "contacts",
        "organisation": ORG,
        "key": "u1",
    }
    return DeadLetter(**{**made, **changes})


def ago(**passed):
    return (datetime.now(UTC) - timedelta(**passed)).isoformat()


def test_a_missing_account_is_one_cause_with_the_sum_of_what_it_blocks(core, blockage, tmp_path):
    shutil.copytree(SHIPPED, tmp_path / "mappings")
    (tmp_path / "mappings" / "tables" / "accounts.yaml").write_text('shipping: "200"\n')
    core.mappings = load(tmp_path / "mappings", FIELDS)
    for number in range(3):
        product = {"name": "Mug", "price": 10, "quantity": 2, "category": "Mugs"}
        core.feed(order_completed(f"o{number}", products=[product]))
    core.deliver()
    (cause,) = blockage.causes(EVERYTHING)
    assert (cause.count, cause.error, cause.queue) == (3, PARKED_ERROR, "orders")
    assert cause.sums == {"USD": Decimal(60)}
    assert cause.cause.startswith("tables/accounts.yaml has no row 'Mugs'")
    assert [one.key for one in blockage.parked(EVERYTHING)] == ["o0", "o1", "o2"]


def test_sums_that_disagree_are_one_cause_whatever_the_sums(core, blockage):
    core.feed(order_completed("o1", total=25), order_completed("o2", total=26, currency="EUR"))
    core.deliver()
    (cause,) = blockage.causes(EVERYTHING)
    assert (cause.count, cause.sums) == (2, {"USD": Decimal(25), "EUR": Decimal(26)})


def test_letters_of_one_cause_are_together_and_the_one_that_blocks_most_is_first(core, blockage):
    core.letters.bury(letter(key="u1"), letter(key="u2"), letter(message="Xero refused it: Something else."))
    first, second = blockage.causes(EVERYTHING)
    assert (first.count, first.cause) == (2, "Xero refused it: Email address must be valid.")
    assert (second.count, second.cause) == (1, "Xero refused it: Something else.")


def test_what_waits_for_another_record_by_itself_is_not_blocked(core, blockage):
    core.feed(order_completed("o1"))
    core.turn("invoices")
    assert core.record("Invoice", "o1").disposition == "parked"
    assert (blockage.parked(EVERYTHING), blockage.causes(EVERYTHING)) == ([], [])


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Filter(organisation="other"), {"d"}),
        (Filter(queue="events"), {"b"}),
        (Filter(error="mappingerror"), {"b"}),
        (Filter(key="ann"), {"c"}),
        (Filter(age_seconds=3600), {"a"}),
        (Filter(queue="contacts", age_seconds=3600), {"a"}),
        (Filter(queue="events", age_seconds=3600), set()),
    ],
)
def test_letters_are_chosen_by_organisation_queue_error_key_and_age(core, blockage, wanted, ids):
    core.letters.bury(
        letter(id="a", failed_at=ago(hours=2)),
        letter(id="b", queue="events", error="MappingError"),
        letter(id="c", key="ann@example.com"),
        letter(id="d", organisation="other"),
    )
    assert {one.letter.id for one in blockage.letters(wanted)} == ids


def test_a_letter_is_as_old_as_its_first_failure(core, blockage):
    core.letters.bury(letter(first_failed_at=ago(days=2), failed_at=ago(minutes=1)))
    assert len(blockage.letters(Filter(age_seconds=86_400))) == 1


def test_a_parked_record_is_freed_at_the_place_that_it_had(core, blockage):
    core.feed(order_completed("o1", total=25))
    core.deliver()
    core.outbox.free(ORG, "invoices", "Invoice|o1")
    assert core.store.zscore(keys.parked(ORG, "invoices"), "Invoice|o1") is None
    assert core.is_due("invoices")
    core.outbox.free(ORG, "invoices", "Invoice|unknown")
    assert core.outbox.waiting(ORG, "invoices") == 1


def test_the_list_names_what_is_parked_and_what_is_dead_with_its_customer_its_money_and_an_id(core, blockage):
    core.mappings = load(SHIPPED, FIELDS)
    core.feed(identify("u1", name="Ann Lee"), order_completed("o1", "u1", total=25))
    core.deliver()
    core.letters.bury(letter(id="a", key="u9", events=('{"traits": {"name": "Bo Ek"}}',)))
    listed = blockage.name_customers(blockage.find_all(EVERYTHING))
    assert {(one.object, one.key, one.customer, one.amount, one.currency) for one in listed} == {
        ("Order", "o1", "Ann Lee", Decimal(25), "USD"),
        ("", "u9", "Bo Ek", None, ""),
    }
    for one in listed:
        found = blockage.find(one.id)
        assert found is not None
        assert (found.key, len(one.id) <= 12) == (one.key, True)
    assert blockage.find("nope") is None


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("20.00", Decimal("20.00")),
        (-5, Decimal(-5)),
        ("9999999999.99", Decimal("9999999999.99")),
        # The sum of several such texts would be no number any more.
        ("1e999999999", None),
        ("10000000000", None),
        ("twenty", None),
        ("NaN", None),
        ("", None),
        (None, None),
    ],
)
def test_only_amounts_that_xero_could_hold_are_counted(value, amount):
    assert find_amount(value) == amount
