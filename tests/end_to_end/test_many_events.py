"""Many events at once: one call brings fifty records, whatever number of events they were folded from."""

import random

import click
import pytest

from tests.support.segment.shop_events import identify, page, person
from tests.support.xero import books

pytestmark = pytest.mark.timeout(400)

PEOPLE, EVENTS = 480, 2400
LARGEST_BODY = 4000


def crowd():
    """Return EVENTS identify calls of PEOPLE people, shuffled, of which the last in time says `final`."""
    chance = random.Random(0)
    events = [person(number) for number in range(PEOPLE)]
    events += [
        identify(f"u{n % PEOPLE}", at=1 + n // PEOPLE, email=f"draft{n}@example.com")
        for n in range(EVENTS - 2 * PEOPLE)
    ]
    events += [identify(f"u{number}", at=9, email=f"final{number}@example.com") for number in range(PEOPLE)]
    chance.shuffle(events)
    return events


@pytest.fixture(scope="module")
def answer(stack):
    """The receiver's answer to the crowd in a single body, filled up with page calls, once Xero has everybody."""
    pages = [page(f"u{number}", at=number) for number in range(LARGEST_BODY - EVENTS)]
    found = stack.post([*crowd(), *pages])
    stack.settle(300)
    return found


def test_a_body_of_four_thousand_events_is_acknowledged_in_one_go(answer):
    assert answer.status_code == 200
    assert answer.json() == {"accepted": EVENTS, "ignored": LARGEST_BODY - EVENTS, "rejected": []}
    seconds = answer.elapsed.total_seconds()
    click.echo(f"4,000 events were acknowledged in {seconds:.2f} s")
    assert seconds < 5


def test_thousands_of_events_for_hundreds_of_people_take_two_dozen_write_calls_at_most(stack, answer):
    summary = stack.summary()
    written = summary["by_resource"]["POST Contacts"]
    click.echo(f"{EVENTS} events: {written['calls']} write calls with {written['elements']} contacts")
    assert summary["writes"] == written["calls"] <= 24
    assert summary["max_elements"] <= 50


def test_each_of_them_is_one_contact_with_the_last_value_of_each_field(stack, answer):
    records = stack.records()
    assert len(records["Contacts"]) == PEOPLE
    assert books.emails(records) == {f"u{number}": f"final{number}@example.com" for number in range(PEOPLE)}
    assert books.names(records) == {f"u{number}": f"Person {number}" for number in range(PEOPLE)}
    assert list(stack.dead_letters) == []
