"""What a person sees in Flower: queues with their lengths, tasks with their results, a dead letter with its reason."""

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome

from segxero.demo import LocalStack
from segxero.store import keys
from segxero.sync.queues import ALL_QUEUES
from tests.support.people.browser import browser
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import order, person

EMAIL = "bo@exa_mple.com"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The text of Flower's pages, once a batch is delivered and one contact is a dead letter."""
    pictures = tmp_path_factory.mktemp("pictures")
    with (
        browser(tmp_path_factory.mktemp("chromium")) as chromium,
        LocalStack(("web", "worker", "beat", "flower")) as stack,
    ):
        stack.wait_ready()
        stack.control("POST", "faults", {"element": {"contains": "exa_mple"}, "message": "Not today.", "times": 0})
        stack.post([*(person(number) for number in range(4)), order("1001", "u1", at=1), bad_event()])
        stack.settle()
        assert within(30, lambda: stack.store.exists(keys.DEAD_LETTERS_REPORTED)), stack.tail("worker")
        address = urlsplit(stack.flower_url)
        chromium.get(f"http://segxero:{stack.password}@{address.netloc}/broker")
        flower = Flower(chromium, stack.flower_url, pictures)
        yield {
            "broker": flower.page("broker", "dead_letters"),
            "tasks": flower.page("tasks", "workers.schedule.dead_letter"),
            "dead letter": flower.task("workers.schedule.dead_letter", "FAILURE"),
            "contacts": flower.task("workers.contacts.deliver", "SUCCESS"),
        }


def bad_event():
    return {"type": "group", "messageId": "no-group", "traits": {"name": "Nobody Ltd", "email": EMAIL}}


@dataclass(frozen=True)
class Flower:
    """Flower at *address* in a browser that keeps a picture of every page."""

    browser: Chrome
    address: str
    pictures: Path

    def page(self, name, word):
        """Return the text of the page *name*, once *word* is on it."""
        assert within(20, lambda: word in self._text(name)), self._text(name)
        self.browser.save_screenshot(str(self.pictures / f"{name.replace('/', '-')}.png"))
        return self._text(name)

    def task(self, name, state):
        """Return the text of the page of the newest task *name* in *state*."""
        rows = self.page("tasks", name).splitlines()
        identifier = next(row.split()[1] for row in rows if row.startswith(f"{name} ") and f" {state} " in row)
        return self.page(f"task/{identifier}", state)

    def _text(self, name):
        self.browser.get(f"{self.address}/{name}")
        time.sleep(0.3)  # the page asks for its rows
        return self.browser.find_element("tag name", "body").text


def test_every_queue_is_shown_with_its_length_and_the_dead_letters_with_theirs(pages):
    rows = [line.split() for line in pages["broker"].splitlines()]
    lengths = {row[0]: row[1] for row in rows if len(row) > 1 and row[1].isdigit()}
    assert {name: lengths.get(name) for name in ALL_QUEUES} == dict.fromkeys(ALL_QUEUES, "0")
    assert lengths["dead_letters"] == "1"


def test_tasks_have_readable_names_and_results(pages):
    assert "workers.events.handle" in pages["tasks"]
    assert "workers.contacts.deliver" in pages["tasks"]
    assert "{'delivered': 4}" in pages["contacts"]


def test_the_dead_letter_is_a_failed_task_with_its_reason(pages):
    assert "FAILURE" in pages["dead letter"]
    assert "DeadLetterError" in pages["dead letter"]
    assert "MappingError in events: Mapping group" in pages["dead letter"]


def test_nothing_leaks_no_page_shows_personal_data(pages):
    for page in pages.values():
        assert "example.com" not in page
        assert "Person" not in page
