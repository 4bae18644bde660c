"""Many events at once: one call brings fifty records, whatever number of events they were folded from."""

import random

import click
import pytest

from tests.support.segment.shop_events import identify, person
from tests.support.xero import books

pytestmark = pytest.mark.timeout(400)

PEOPLE, EVENTS = 2000, 10_000
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
def answers(stack):
    """The receiver's answers to the crowd, in bodies of LARGEST_BODY, once Xero has everybody."""
    events = crowd()
    found = [stack.post(events[start : start + LARGEST_BODY]) for start in range(0, EVENTS, LARGEST_BODY)]
    stack.settle(300)
    return found


def test_a_body_of_four_thousand_events_is_acknowledged_in_one_go(answers):
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json() for answer in answers[:2]] == [{"accepted": 4000, "ignored": 0, "rejected": []}] * 2
    seconds = answers[0].elapsed.total_seconds()
    click.echo(f"4,000 events were acknowledged in {seconds:.2f} s")
    assert seconds < 3


def test_ten_thousand_events_for_two_thousand_people_take_at_most_sixty_write_calls(stack, answers):
    summary = stack.summary()
    written = summary["by_resource"]["POST Contacts"]
    click.echo(f"{EVENTS} events: {written['calls']} write calls with {written['elements']} contacts")
    assert summary["writes"] == written["calls"] <= 60
    assert summary["max_elements"] <= 50


def test_each_of_them_is_one_contact_with_the_last_value_of_each_field(stack, answers):
    records = stack.records()
    assert len(records["Contacts"]) == PEOPLE
    assert books.emails(records) == {f"u{number}": f"final{number}@example.com" for number in range(PEOPLE)}
    assert books.names(records) == {f"u{number}": f"Person {number}" for number in range(PEOPLE)}
    assert list(stack.dead_letters) == []
