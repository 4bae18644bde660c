"""The short form of `make chaos`, and what makes a seed repeatable."""

import re

from tests.chaos.debtors import GUESTS
from tests.chaos.reference import books
from tests.chaos.run import Verdict, run
from tests.chaos.shop import KINDS, traffic
from tests.chaos.timeline import plan

SEED, EVENTS = 1, 300


def test_whatever_is_killed_frozen_or_cut_every_event_comes_to_its_one_end():
    verdict = run(SEED, EVENTS)

    assert not verdict.faults, verdict.story()
    assert sum(verdict.ends.values()) == len(traffic(SEED, EVENTS).events)


def test_traffic_and_faults_are_functions_of_the_seed():
    assert traffic(7, 500) == traffic(7, 500)
    assert traffic(7, 500) != traffic(8, 500)
    assert plan(7, 200) == plan(7, 200)
    assert plan(7, 200) != plan(8, 200)


def test_the_long_form_has_every_fault_and_every_kind_of_event():
    steps = plan(1, 200)
    made = traffic(1, 10_000)

    assert {step.name for step in steps if step.what == "kill"} == {"web", "worker", "worker-2", "beat", "redis"}
    assert {step.name for step in steps if step.what == "freeze"} == {"web", "worker", "worker-2", "beat", "redis"}
    assert len({step.name for step in steps if step.what == "xero"}) == 12
    assert made.posted == 10_000
    wanted = books(made.events)
    assert min(map(len, (wanted.parked, wanted.letters))) > len(KINDS)
    names = "\n".join(contact["Name"] for contact in wanted.contacts.values())
    assert re.search(r"@example\.com\) \(2\)$", names, re.MULTILINE)
    assert not re.search(r"\b[aug]-?u?\d+\b(?!\.\d@)", names)
    assert GUESTS in wanted.contacts
    assert any(number.startswith("email:") for number in wanted.contacts)


def test_a_failed_run_tells_how_it_is_run_again():
    verdict = Verdict(seed=7, events=50, steps=plan(7, 10), faults=["contacts differ: u1"], logs="/logs")

    assert verdict.story().endswith("logs: /logs\nagain: make chaos SEED=7 EVENTS=50")
    assert "  - contacts differ: u1" in verdict.story()
    assert "kill     worker" in verdict.story()
