"""Shops: sources with one series of orders are one shop; different orders under one key never fold into one record."""

import shutil
from dataclasses import replace
from decimal import Decimal

import pytest

from segxero.errors import ConfigError, SharedKeyError
from segxero.mapping.files.loader import load
from segxero.mapping.shops import Shop
from segxero.sync.folding.series import SeriesOfKeys
from segxero.sync.records.operations import make_operations
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.core import NOW, ORG, identify, order_completed, shipped_mappings
from tests.support.set_ups.mapping_files import OBJECTS, write_mappings

WEB = Shop(name="web", sources=("site", "server"))


def with_shops(*shops, **settings):
    shipped = shipped_mappings()
    organisation = replace(shipped.organisations[ORG], shops=shops, **settings)
    return replace(shipped, organisations={ORG: organisation})


def told(source, event):
    return {**event, "projectId": source}


def refund(order, **properties):
    properties = {"order_id": order, "refund_id": "r1", "total": 5, "currency": "USD", **properties}
    return {
        "type": "track",
        "event": "Order Refunded",
        "userId": "u1",
        "timestamp": "2026-11-02T10:00:00Z",
        "properties": properties,
    }


def latest_total(core):
    facts = core.record("Order", "1001").fields["Facts"]
    return max(facts, key=lambda fact: fact["At"])["Total"]


def operations(mappings, event):
    return {one.object: one for one in make_operations(mappings, event, NOW, "m1") if not one.implied}


def test_different_orders_of_two_sources_under_one_key_never_fold_into_one_record(core):
    core.mappings = shipped_mappings()
    core.feed(told("a", order_completed("1001", total=20)))
    before = core.stored("Order", "1001")
    with pytest.raises(SharedKeyError, match="Order 1001 was told by the source a, and the source b tells another"):
        core.feed(told("b", order_completed("1001", total=99)))
    assert core.stored("Order", "1001") == before
    assert core.store.hlen("segxero:inbox") == 1  # it stays until it is a dead letter


def test_the_same_order_of_two_sources_is_one_record_and_later_versions_of_either_count(core):
    core.mappings = shipped_mappings()
    core.feed(told("a", order_completed("1001")), told("b", order_completed("1001")))
    assert core.feed(told("b", order_completed("1001", time="2026-11-02T10:00:00Z", total=30))) != [0]
    assert latest_total(core) == Decimal(30)


def test_sources_of_one_shop_share_their_keys(core):
    core.mappings = with_shops(WEB)
    core.feed(told("site", order_completed("1001")))
    core.feed(told("server", order_completed("1001", time="2026-11-02T10:00:00Z", total=30)))
    assert latest_total(core) == Decimal(30)


def test_the_prefix_of_a_shop_stands_before_its_orders_refunds_and_payments():
    mappings = with_shops(WEB, Shop(name="outlet", sources=("out",), prefix="OUT-"))
    paid = {**refund("1001"), "event": "Order Paid"}
    for event in (order_completed("1001"), refund("1001"), paid):
        assert operations(mappings, told("out", event))["Order"].key == "OUT-1001"
        assert operations(mappings, told("site", event))["Order"].key == "1001"


def test_contacts_are_shared_unless_a_shop_says_otherwise():
    shared = Shop(name="outlet", sources=("out",), prefix="OUT-")
    event = told("out", identify("u1", name="Ann"))
    assert operations(with_shops(shared), event)["Contact"].key == "u1"
    apart = with_shops(replace(shared, contacts="apart"))
    assert operations(apart, event)["Contact"].key == "OUT-u1"
    order = operations(apart, told("out", order_completed("1001")))["Order"]
    assert '"key":"OUT-u1"' in {path: text for path, _, text in order.fields}["@Contact"]


def test_a_rehearsal_finds_the_same(core):
    series, mappings = SeriesOfKeys(), shipped_mappings()

    def admit(source, **changes):
        event = told(source, order_completed("1001", **changes))
        series.admit(make_operations(mappings, event, NOW, "m1"))

    admit("a")
    admit("b")
    admit("b", total=30)
    with pytest.raises(SharedKeyError, match="the source c tells another"):
        admit("c", total=31)


SHOPS = """\
main:
  sources: [a, b, c]
  shops:
    web: {sources: [a, b]}
    outlet: {sources: [c], prefix: OUT-, currency: EUR, contacts: apart, tables: {accounts: {default: "290"}}}
"""


def loaded(tmp_path, text):
    return load(write_mappings(tmp_path, {"organisations.yaml": text}), OBJECTS)


def test_shops_are_read_from_the_file_with_their_own_settings(tmp_path):
    web, outlet = loaded(tmp_path, SHOPS).organisations["main"].shops
    assert (web.sources, web.prefix, web.contacts, web.has_settings) == (("a", "b"), "", "shared", False)
    assert (outlet.prefix, outlet.currency, outlet.contacts, outlet.has_settings) == ("OUT-", "EUR", "apart", True)
    assert outlet.tables == {"accounts": {"default": "290"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("prefix: OUT-", 'prefix: ""'), "web and outlet have the same prefix"),
        (("sources: [c]", "sources: [b]"), "b is in web and in outlet"),
        (("{sources: [a, b]}", "{sources: [a, z]}"), "z is not among the sources of main"),
        (("contacts: apart", "contacts: maybe"), "should be shared or apart"),
        (("prefix: OUT-", "prefix: 'a b'"), "should be at most 12 letters"),
        (("currency: EUR", "colour: red"), "is not a setting of a shop"),
    ],
)
def test_a_wrong_shop_is_a_fault_with_its_place(tmp_path, change, message):
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, SHOPS.replace(*change))
    assert message in str(error.value)


def test_the_tables_and_the_currency_of_a_shop_go_before_those_of_its_organisation(tmp_path):
    shop = """
  shops:
    outlet: {sources: [c], prefix: OUT-, tables: {accounts: {default: "290"}}}
"""
    shutil.copytree("mappings", tmp_path / "m")
    file = tmp_path / "m" / "organisations.yaml"
    file.write_text(file.read_text().rstrip() + shop)
    mappings = load(tmp_path / "m", FIELDS)

    def account(source):
        order = operations(mappings, told(source, order_completed("1")))["Order"]
        return next(text for path, _, text in order.fields if path.endswith("].LineItems"))

    assert '"AccountCode":"290"' in account("c")
    assert '"AccountCode":"200"' in account("a")
