"""What cannot be booked waits with its reason and writes nothing, until a person corrects what the reason names."""

from decimal import Decimal

import pytest

from segxero.demo import LocalStack
from tests.support.people import bookkeeper
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify, order, product
from tests.support.xero import books

D = Decimal
CHANGES = [
    ("tables/accounts.yaml", 'default: "200"', 'Games: "200"'),
]
OLGA = {"Name": "Olga Old", "EmailAddress": "other.olga@example.com"}


@pytest.fixture(scope="module")
def mappings(tmp_path_factory):
    """The project's mappings without the row for other categories and the row for other tax rates."""
    return bookkeeper.own_mappings(tmp_path_factory.mktemp("own"), CHANGES)


@pytest.fixture(scope="module")
def stack(mappings):
    """A Xero that had a contact and two tracking categories before segxero came."""
    with LocalStack(mappings=mappings) as running:
        running.wait_ready()
        bookkeeper.writes(running, "PUT", "Contacts", {"Contacts": [OLGA]})
        for name in ("Region", "Department"):
            bookkeeper.writes(running, "PUT", "TrackingCategories", {"Name": name})
        yield running


def game(price, quantity=1, category="Games"):
    return product("Chess", price, quantity, category=category)


def reasons(stack):
    """Return the reason of each waiting order by number."""
    return {parked.key: parked.reason for parked in stack.standing().parked if parked.object == "Order"}


def writes_of(stack, text):
    """Return the calls that wrote something with *text* in it."""
    return [call for call in stack.calls() if call["method"] != "GET" and text in str(call["body"])]


def test_an_order_whose_sums_disagree_waits_with_the_sums_and_is_booked_when_it_is_corrected(stack):
    stack.post(order("8001", "u1", products=[game("20.00")], shipping="5.00", total="27.00"))
    stack.settle()
    reason = reasons(stack)["8001"]
    assert reason.startswith("Order 8001 is 2.00 NZD more than its parts (25.00): goods 20.00, shipping 5.00.")
    assert "Its total is 27.00. Which part is missing?" in reason
    assert writes_of(stack, "8001") == []
    stack.post(order("8001", "u1", at=1, products=[game("20.00")], shipping="7.00", total="27.00"))
    stack.settle()
    assert books.totals(stack.records())["8001"] == D("27.00")
    assert "8001" not in reasons(stack)


def test_orders_without_an_account_or_with_a_tax_nobody_can_tell_wait_for_their_row_in_the_table(stack, mappings):
    stack.post(
        [
            order("8002", "u1", products=[game("20.00", category="Books")], total="20.00"),
            order("8003", "u1", products=[game("20.00")], tax="1.77", total="21.77"),
        ]
    )
    stack.settle()
    waiting = reasons(stack)
    assert "tables/accounts.yaml has no row 'Books'" in waiting["8002"]
    assert "None of your tax rates makes 1.77" in waiting["8003"]
    assert writes_of(stack, "8002") + writes_of(stack, "8003") == []
    bookkeeper.edits(mappings, "tables/accounts.yaml", 'Games: "200"', 'Games: "200"\nBooks: "260"')
    bookkeeper.edits(
        mappings, "tables/tax_rows.yaml", "NZ standard: ", "NZ standard of books: 8.85 OUTPUT\nNZ standard: "
    )
    bookkeeper.restarts_workers(stack)
    assert within(30, lambda: reasons(stack).keys().isdisjoint({"8002", "8003"}))
    stack.settle()
    booked = books.invoices(stack.records())
    assert booked["8002"]["Lines"] == [("Chess", D(1), D("20.00"), D("20.00"), "NONE", D("0.00"), "260")]
    assert booked["8003"]["Lines"] == [("Chess", D(1), D("20.00"), D("20.00"), "OUTPUT", D("1.77"), "200")]
    assert booked["8003"]["Total"] == D("21.77")


def test_a_third_tracking_category_is_never_created_and_the_invoice_goes_without_that_label(stack):
    stack.post(order("8004", "u1", products=[game("20.00")], total="20.00", affiliation="Web shop", campaign="Spring"))
    standing = stack.settle()
    assert books.invoices(stack.records())["8004"]["Labels"] == {}
    assert books.categories(stack.records()) == {"Region": [], "Department": []}
    assert [call for call in stack.calls() if call["method"] == "PUT" and "Sales channel" in str(call["body"])] == []
    parked = {one.key: one.reason for one in standing.parked if one.object == "TrackingCategory"}
    assert parked.keys() == {"Sales channel", "Campaign"}
    assert "Xero allows 2 active tracking categories and has Region and Department" in parked["Campaign"]


def test_a_name_that_somebody_else_in_xero_holds_is_left_to_it_and_ours_carries_its_email(stack):
    stack.post(identify("u2", name="olga old", email="olga@example.com"))
    stack.settle()
    assert books.names(stack.records())["u2"] == "olga old (olga@example.com)"
    assert books.contacts(stack.records())["Olga Old"] == OLGA


def test_of_two_contacts_with_one_name_each_carries_its_email_and_none_its_id(stack):
    stack.post([identify("u3", name="Pat Poe", email="pat@example.com")])
    stack.settle()
    assert books.names(stack.records())["u3"] == "Pat Poe"
    stack.post([identify("u4", name="pat poe"), identify("u5", name="Pat Poe", email="poe@example.com")])
    stack.settle()
    found = books.names(stack.records())
    assert [found[number] for number in ("u3", "u4", "u5")] == [
        "Pat Poe (pat@example.com)",
        "pat poe",
        "Pat Poe (poe@example.com)",
    ]


def test_nothing_of_all_this_is_a_dead_letter(stack):
    assert list(stack.dead_letters) == []
