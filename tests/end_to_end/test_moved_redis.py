"""Redis is moved to another machine in the middle of traffic, and an old backup of it is restored."""

import shutil

import pytest

from segxero.demo import LocalStack
from segxero.processes.broker import EmbeddedBroker
from segxero.store import keys
from segxero.store.client import connect
from tests.support.processes.command import segxero
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify, order, person
from tests.support.set_ups import core
from tests.support.xero import books

PEOPLE = [person(number) for number in range(120)]
XERO = ("XERO_API_URL", "XERO_IDENTITY_URL", "XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "SEGXERO_SECRET_KEY")


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """Two stacks: the second took over the Redis of the first while a call to Xero was on its way."""
    first = LocalStack(names=("web", "worker", "beat"), sandbox={"latency": 0.5})
    with first, EmbeddedBroker(tmp_path_factory.mktemp("new")) as new:
        first.wait_ready()
        first.post(PEOPLE)
        assert within(30, lambda: first.store.exists(keys.flight("main", "contacts")))
        first.broker.stop()
        new.stop()
        shutil.copytree(first.broker.directory, new.directory, dirs_exist_ok=True)
        new.start()
        with connect(new.url) as store:
            core.forget_the_dead(store, "contacts")
        with LocalStack(redis_url=new.url, settings={name: first.env[name] for name in XERO}) as second:
            second.wait_ready()
            second.post(PEOPLE[::10])
            second.settle(90)
            yield first, second


def test_what_was_under_way_arrives_once_and_the_call_in_doubt_is_looked_up(moved):
    first, second = moved
    numbers = [contact["ContactNumber"] for contact in first.records()["Contacts"]]
    assert sorted(numbers) == sorted(f"u{number}" for number in range(120))
    calls = [call for call in first.calls() if call["path"].endswith("/Contacts")]
    made = [one.get("ContactNumber") for call in calls if call["method"] == "POST" for one in call["body"]["Contacts"]]
    assert sorted(filter(None, made)) == sorted(numbers)
    assert any("ContactNumber" in call["query"] for call in calls if call["method"] == "GET")
    assert second.store.hgetall(keys.FORMAT)["knows_since"] != ""


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A stack whose Redis goes back to a backup: what was delivered after it is unknown there."""
    backup = tmp_path_factory.mktemp("backup")
    with LocalStack() as running:
        running.wait_ready()
        running.post([identify("u1", at=0, name="Ann Able", phone="111"), identify("u2", at=0, name="Bob Bell")])
        running.settle()
        running.broker.stop()
        shutil.copytree(running.broker.directory, backup, dirs_exist_ok=True)
        running.broker.start()
        running.post([identify("u1", at=5, phone="222"), identify("u3", at=6, name="Cy Cole"), order("1", "u1", at=7)])
        assert within(60, lambda: books.totals(running.records()))
        running.settle()
        running.broker.stop()
        shutil.rmtree(running.broker.directory)
        shutil.copytree(backup, running.broker.directory)
        running.broker.start()
        running.wait_ready()
        yield running


def phone(stack, user="u1"):
    slots = books.contacts(stack.records())[user].get("Phones", {})
    return slots.get("DEFAULT", {}).get("PhoneNumber")


def test_the_rebuild_names_what_xero_has_newer_and_links_what_redis_does_not_know(stack):
    assert stack.store.exists(keys.record("main", "Contact|u3")) == 0
    said = segxero(stack.env, "links", "rebuild", "--json")
    assert said.status == 0, said.err
    figures = said.json[0]["objects"]
    assert {name: figures["Contact"][name] for name in ("found", "linked", "already linked", "newer in Xero")} == {
        "found": 3,
        "linked": 1,
        "already linked": 2,
        "newer in Xero": 1,
    }
    assert (figures["Invoice"]["found"], figures["Invoice"]["linked"]) == (1, 1)
    assert phone(stack) == "222"


def test_a_later_event_does_not_bring_back_what_the_backup_says(stack):
    stack.post(identify("u1", at=20, email="ann@example.com"))
    stack.settle()
    assert (phone(stack), books.emails(stack.records())["u1"]) == ("222", "ann@example.com")


def test_a_replay_of_everything_changes_nothing_more(stack):
    before = stack.records()
    replayed = [
        identify("u1", at=20, email="ann@example.com"),
        order("1", "u1", at=7),
        identify("u3", at=6, name="Cy Cole"),
        identify("u1", at=5, phone="222"),
        identify("u1", at=0, name="Ann Able", phone="111"),
        identify("u2", at=0, name="Bob Bell"),
    ]
    stack.post(replayed)
    stack.settle()
    assert stack.records() == before
    assert list(stack.dead_letters) == []
