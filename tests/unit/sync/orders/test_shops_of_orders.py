"""An order is booked with the tables, currency and time zone of its shop, or else with those of its organisation."""

from dataclasses import replace

import pytest

from segxero.mapping.shops import Shop
from segxero.sync.folding.preview import preview
from segxero.sync.orders.settings import choose_context
from segxero.xero.objects.context import Context
from tests.support.set_ups.core import ORG, Core, order_completed, shipped_mappings
from tests.support.xero.sandbox import SandboxXero

ROW = "money at_checkout refundable"
SHOP_TABLES = {"accounts": {"shipping": "260"}, "payment_methods": {"card": f"091 {ROW}"}}
OUTLET = Shop(name="outlet", sources=("out",), prefix="OUT-", tables=SHOP_TABLES)
LATE = Shop(name="late", sources=("nz",), prefix="NZ-", time_zone="Pacific/Auckland", currency="NZD")


@pytest.fixture
def core(redis_store):
    shipped = shipped_mappings()
    tables = {"payment_methods": {"card": f"090 {ROW}"}}
    organisation = replace(shipped.organisations[ORG], shops=(OUTLET, LATE), tables=tables)
    mappings = replace(shipped, organisations={ORG: organisation})
    return Core(redis_store, xero=SandboxXero(), mappings=mappings)


def order(source, number="1001", **changes):
    changes = {"total": 24, "shipping": 4, "payment_method": "card", **changes}
    return {**order_completed(number, **changes), "projectId": source}


def invoices(core):
    return {each["InvoiceNumber"]: each for each in core.xero.books["Invoices"]}


def accounts_of_payments(core):
    return {each["Reference"]: each["Account"]["Code"] for each in core.xero.books["Payments"]}


def accounts_of_lines(core, number):
    return [line["AccountCode"] for line in invoices(core)[number]["LineItems"]]


def test_the_tables_of_its_shop_go_before_those_of_the_organisation(core):
    core.feed(order("site"), order("out"))
    core.deliver()
    assert accounts_of_lines(core, "1001") == ["200", "200"]
    assert accounts_of_lines(core, "OUT-1001") == ["200", "260"]
    assert accounts_of_payments(core) == {"1001 card": "090", "OUT-1001 card": "091"}


def test_a_method_without_a_row_in_the_shop_has_that_of_the_organisation(core):
    core.feed(order("nz", "7"))
    core.deliver()
    assert accounts_of_payments(core) == {"NZ-7 card": "090"}


def test_the_day_of_an_order_is_that_of_its_shop_and_so_is_its_currency(core):
    core.feed({**order("nz", "7", currency=None), "timestamp": "2026-11-20T11:15:00Z"})
    core.deliver()
    booked = invoices(core)["NZ-7"]
    assert (booked["DateString"][:10], booked["CurrencyCode"]) == ("2026-11-21", "NZD")


def test_a_row_that_was_missing_for_a_shop_frees_its_order(core):
    core.feed(order("out", payment_method="zip"))
    core.deliver()
    assert core.record("Order", "OUT-1001").obstacle.lacks == (("payment_methods", "zip"),)
    tables = {**SHOP_TABLES, "payment_methods": {"zip": f"091 {ROW}"}}
    organisation = replace(core.mappings.organisations[ORG], shops=(replace(OUTLET, tables=tables), LATE))
    core.mappings = replace(core.mappings, organisations={ORG: organisation})
    core.outbox.free(ORG, "orders", "Order|OUT-1001")
    core.deliver()
    assert accounts_of_payments(core) == {"OUT-1001 zip": "091"}
    assert core.record("Order", "OUT-1001").disposition == "delivered"


def test_the_preview_of_an_event_shows_the_accounts_of_its_shop(core):
    made = preview(core.mappings, {**order("out"), "messageId": "m1"})
    (lines,) = [one.payload["LineItems"] for one in made if one.object == "Invoice"]
    assert [line["AccountCode"] for line in lines] == ["200", "260"]


def test_the_shop_of_an_order_is_that_of_its_first_version_whoever_tells_its_money():
    context = Context(tables={"accounts": {"shipping": "200"}}, shops=(OUTLET, LATE))
    version = {"Kind": "version", "At": "2026-11-02T09:00:00Z", "Source": "out"}
    later = {"Kind": "version", "At": "2026-11-03T09:00:00Z", "Source": "nz"}
    payment = {"Kind": "payment", "At": "2026-11-01T09:00:00Z", "Source": "nz"}
    chosen = choose_context(context, {"Facts": [later, payment, version]})
    assert (chosen.tables["accounts"]["shipping"], chosen.currency) == ("260", "")
    assert choose_context(context, {"Facts": [payment]}).currency == "NZD"
    assert choose_context(context, {"Facts": [{"Kind": "version", "At": "2026-11-02T09:00:00Z"}]}) is context
