"""L3 as a property: any order, repetition and split of the facts gives one end state, and it is the rulebook's."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from segxero.orders import facts as told
from segxero.orders.books import AUTHORISED, INVOICE
from segxero.orders.order import fold_facts
from segxero.orders.steps import plan_steps
from segxero.orders.want import want_books
from tests.support.orders.telling import SETTINGS, at, content, goods
from tests.unit.orders.ledger import Ledger
from tests.unit.orders.reference import Cancellation, Receipt, Refund, Repayment, Version, end_state

START = at("3 Nov 09:00")
TIMES = st.one_of(st.integers(0, 30), st.integers(0, 4000), st.integers(20000, 60000))
AMOUNTS = st.sampled_from([1000, 2000, 5750, 5749, 7750, 11500, 3000])
VERSIONS = st.builds(Version, TIMES, st.integers(0, 3), st.integers(0, 2))
REFUNDS = st.builds(Refund, TIMES, st.sampled_from(["", "", "r1", "r2"]), st.one_of(st.none(), AMOUNTS))
RECEIPTS = st.builds(Receipt, TIMES, st.just(""), AMOUNTS, st.sampled_from(["card", "card", "bank_transfer"]))
REPAYMENTS = st.builds(Repayment, TIMES, st.just(""), AMOUNTS)


@st.composite
def histories(draw):
    """Draw the facts of one order: no two versions or receipts of one minute, each repayment with an id."""
    versions = draw(st.lists(VERSIONS, max_size=3, unique_by=lambda fact: fact.time))
    versions = [Version(0, 2, draw(st.integers(0, 1))), *(each for each in versions if each.time)]
    receipts = draw(st.lists(RECEIPTS, max_size=3, unique_by=lambda fact: fact.time))
    repayments = draw(st.lists(REPAYMENTS, max_size=2, unique_by=lambda fact: fact.time))
    return [
        *versions,
        *draw(st.lists(REFUNDS, max_size=3, unique_by=lambda fact: (fact.time, fact.name))),
        *(each._replace(name=f"ch_{number}") for number, each in enumerate(receipts)),
        *(each._replace(name=f"re_{number}") for number, each in enumerate(repayments)),
        *([Cancellation(draw(TIMES))] if draw(st.integers(0, 3)) == 0 else []),
    ]


def cents(value):
    return Decimal(value) / 100


def state(fact):
    """Make the product's fact of a fact of the reference."""
    when = START + timedelta(minutes=fact.time)
    common = {"at": when, "received_at": when, "message_id": repr(fact)}
    match fact:
        case Version():
            lines = [goods(50 * fact.shirts, quantity=fact.shirts, key="shirt")] if fact.shirts else []
            if fact.books:
                lines.append(goods(20 * fact.books, tax=0, quantity=fact.books, key="book", tax_type="ZERORATED"))
            return told.Version(**common, currency="NZD", content=content(*lines))
        case Cancellation():
            return told.Cancellation(**common)
        case Refund():
            amount = None if fact.amount is None else cents(fact.amount)
            return told.Refund(**common, refund_id=fact.name, amount=amount)
        case Receipt():
            return told.Tender(
                **common, tender_id=fact.name, method=fact.method, amount=cents(fact.amount), status="paid"
            )
        case Repayment():
            return told.Repayment(**common, repayment_id=fact.name, method="card", amount=cents(fact.amount))


def add_up(money):
    """Add the money of one document and method up: the rulebook splits it by tender, the reference does not."""
    sums = Counter()
    for document, amount, method in money:
        sums[document, method] += amount
    return dict(sums)


def digest(books):
    """Put the product's books in the reference's terms; the numbers of unnamed refunds differ by design."""

    def short(number):
        return "1001-R-?" if number.startswith("1001-R-") and not number.endswith(("r1", "r2")) else number

    def whole(amount):
        return int(amount * 100)

    accounts = {"091": "card", "090": "bank_transfer"}
    return (
        sorted(
            (
                short(each.number),
                "invoice" if each.kind == INVOICE else "credit note",
                each.day,
                whole(each.total) if each.status == AUTHORISED else -1,
            )
            for each in books.documents
        ),
        add_up((each.document, whole(each.amount), accounts[each.account]) for each in books.payments),
        add_up((short(each.document), whole(each.amount), accounts[each.account]) for each in books.repayments),
        sorted((short(each.credit_note), each.invoice, whole(each.amount)) for each in books.allocations),
        sorted(each.kind for each in books.questions),
    )


def expected(history):
    books = end_state(history)

    def short(number):
        return "1001-R-?" if number.startswith("1001-R-at") else number

    return (
        sorted(
            (short(name), kind, day, -1 if total is None else total)
            for name, (kind, day, total) in books.documents.items()
        ),
        add_up(books.money_in),
        add_up((short(name), amount, method) for name, amount, method in books.money_out),
        sorted((short(note), invoice, amount) for note, invoice, amount in books.set_off),
        books.questions,
    )


def plain(document):
    """Leave out which of two equal facts a document is of."""
    return replace(document, source="")


def want(history):
    return want_books(fold_facts("1001", map(state, history)), SETTINGS)


@settings(max_examples=200, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_l3_any_order_and_repetition_of_the_facts_is_the_end_state_of_the_rulebook(history, chance):
    arrivals = [*history, *chance.sample(history, len(history) // 2)]
    chance.shuffle(arrivals)
    assert digest(want(arrivals)) == expected(history)


@settings(max_examples=150, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_l4_any_split_of_the_facts_leads_to_the_end_state_by_steps_that_xero_allows(history, chance):
    arrivals = [*history, *chance.sample(history, len(history) // 2)]
    chance.shuffle(arrivals)
    ledger = Ledger()
    seen = []
    while arrivals:
        portion, arrivals = arrivals[: (size := chance.randint(1, 3))], arrivals[size:]
        seen += portion
        if any(isinstance(fact, Version) for fact in seen):
            for step in plan_steps(ledger.found(), want(seen)):
                ledger.take(step)
    wanted = want(history)
    assert {each.number: each for each in map(plain, wanted.documents) if each.status == AUTHORISED} == {
        number: plain(each) for number, each in ledger.documents.items()
    }
    assert sorted(map(str, wanted.payments)) == sorted(map(str, ledger.payments))
    assert sorted(map(str, wanted.repayments)) == sorted(map(str, ledger.repayments))
    assert sorted(map(str, wanted.allocations)) == sorted(map(str, ledger.allocations))


@settings(max_examples=100, deadline=None)
@given(histories())
def test_b10_every_document_comes_to_its_lines_and_the_open_rest_to_documents_and_money(history):
    books = want(history)
    for document in books.documents:
        assert document.total == sum(line.amount + line.tax for line in document.lines)
        assert all(line.quantity * line.unit_amount == line.amount for line in document.lines)
        assert document.total > 0 or document.kind == INVOICE
    due = sum(each.total for each in books.documents if each.kind == INVOICE and each.status == AUTHORISED)
    assert sum(each.amount for each in books.payments) <= due
    assert sum(each.amount for each in books.repayments) <= sum(each.amount for each in books.payments)
