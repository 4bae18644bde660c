"""The scopes that the app asks for are the least that mappings and policies need."""

from dataclasses import replace

import pytest

from segxero.mapping.shops import Shop
from tests.support.set_ups.core import earlier_mappings, shipped_mappings
from tests.support.set_ups.fake_services import make_services
from tests.support.set_ups.policies import with_policies


def without_tracking():
    """Return the project's mappings without those that need the settings' scope anyway."""
    mappings = earlier_mappings()
    kept = tuple(one for one in mappings.mappings if not one.object.startswith("Tracking"))
    return type(mappings)(
        mappings=kept, tables=mappings.tables, organisations=mappings.organisations, version=mappings.version
    )


@pytest.mark.parametrize(
    ("policies", "more"),
    [
        ({}, set()),
        ({"lock_date": "first_open_day"}, {"accounting.settings.read"}),
        ({"lock_date": "first_open_day", "currency_off": "add"}, {"accounting.settings"}),
    ],
)
def test_a_policy_adds_the_scope_that_it_needs_and_what_writes_reads_too(policies, more):
    before = set(make_services(without_tracking()).scopes)
    assert "accounting.settings" not in before
    assert set(make_services(with_policies(without_tracking(), **policies)).scopes) == before | more


def test_with_tracking_nothing_more_is_asked_for():
    chosen = with_policies(earlier_mappings(), lock_date="first_open_day", currency_off="add")
    assert make_services(chosen).scopes == make_services(earlier_mappings()).scopes


def test_orders_need_the_scope_of_payments_once_a_way_of_paying_has_an_account():
    assert "accounting.payments" not in make_services(shipped_mappings()).scopes
    paying = with_policies(shipped_mappings(), {"payment_methods": {"card": "090 money at_checkout refundable"}})
    assert {*make_services(paying).scopes} - {*make_services(shipped_mappings()).scopes} == {"accounting.payments"}


def test_a_way_of_paying_of_a_single_shop_needs_that_scope_as_well():
    shipped = shipped_mappings()
    shop = Shop(name="outlet", sources=("out",), tables={"payment_methods": {"card": "090 money"}})
    organisations = {name: replace(each, shops=(shop,)) for name, each in shipped.organisations.items()}
    assert "accounting.payments" in make_services(replace(shipped, organisations=organisations)).scopes
