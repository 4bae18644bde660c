"""The command `segxero`: what a person asks and does at the terminal, on a stack that has worked."""

import json

import pytest

from segxero import jsontext
from tests.support.processes.command import segxero
from tests.support.segment.shop_events import identify, order
from tests.support.xero import books

BAD = [
    identify("u2", name="Bo Berg", email="bo@exa_mple.com"),
    {"type": "group", "messageId": "no-group", "traits": {"name": "Nobody Ltd"}},
    {"type": "unheard of", "messageId": "odd"},
]


@pytest.fixture(scope="module")
def env(stack):
    """The stack's environment, once an order is booked, one waits and three things are dead letters."""
    stack.control("POST", "faults", {"element": {"contains": "exa_mple"}, "message": "Not today.", "times": 0})
    stack.post([identify("u1", name="Ann Able", email="ann@example.com"), order("A-1", "u1", at=1)])
    stack.post([order("A-2", "u1", at=2, total="99.00"), *BAD])
    stack.settle()
    return stack.env


def letters(env, *options):
    listed = segxero(env, "dead-letters", "list", "--json", *options).json
    return {one["key"]: one for one in listed if one["error"] != "Parked"}


def parked(env, *options):
    return {one["key"]: one for one in segxero(env, "dead-letters", "list", "--json", "--error", "Parked").json}


def test_check_says_that_all_is_well(env):
    said = segxero(env, "check", "--json")
    assert said.status == 0, said
    assert {row["state"] for row in said.json} == {"ok", "note"}
    good = {row["what"] for row in said.json if row["state"] == "ok"}
    assert good >= {"mappings", "Redis", "Redis keeps its data", "queues", "Xero's token", "main: accounts"}


def test_check_says_what_is_wrong_and_what_to_do_and_ends_with_1(env):
    said = segxero({**env, "SEGMENT_SHARED_SECRET": "", "REDIS_URL": "redis://127.0.0.1:1/0"}, "check", "--json")
    faults = {row["what"]: row["remedy"] for row in said.json if row["state"] == "FAULT"}
    assert said.status == 1
    assert faults.keys() == {"Redis", "SEGMENT_SHARED_SECRET"}
    assert all(faults.values())


def test_check_names_every_fault_of_the_environment_and_ends_with_1(env):
    said = segxero({**env, "XERO_CLIENT_ID": "", "XERO_CLIENT_SECRET": ""}, "check")
    assert (said.status, said.err) == (1, "")
    assert "XERO_CLIENT_ID" in said.out
    assert "XERO_CLIENT_SECRET" in said.out


def test_misuse_ends_with_2(env):
    assert segxero(env, "dead-letters", "replay").status == 2
    assert segxero(env, "no-such-command").status == 2


def test_status_tells_what_waits_in_each_queue_and_the_calls_that_are_left(env):
    said = segxero(env, "status", "--json")
    assert said.status == 0
    (found,) = said.json
    rows = {row["queue"]: row for row in found["queues"]}
    assert rows.keys() >= {"contacts", "orders", "invoices", "tracking", "history", "write_back"}
    found_in = {queue: (rows[queue]["waiting"], rows[queue]["parked"]) for queue in ("contacts", "orders", "invoices")}
    assert found_in == {"contacts": (0, 0), "orders": (0, 1), "invoices": (0, 0)}
    assert 980 < found["calls_left_day"] < 1000
    assert 0 < found["calls_left_minute"] <= 60
    assert 86_000 < found["day_ends_in_seconds"] <= 86_400
    assert (found["waiting"], found["down_since"], found["why"], found["next_try_in_seconds"]) == (0, None, None, None)


def test_trace_tells_where_a_record_stands_and_when_each_field_was_set(env):
    said = segxero(env, "trace", "A-1", "--json")
    assert said.status == 0
    assert [(story["record"], story["disposition"]) for story in said.json] == [
        ("Order|A-1", "delivered"),
        ("Invoice|A-1", "delivered"),
    ]
    at = "2025-03-03T09:01:00.000000"
    told, booked = ({name.rpartition(".")[2]: (value, at) for name, value, at in one["fields"]} for one in said.json)
    assert (told["Kind"], told["Total"]) == (('"version"', at), ("20.00", at))
    assert (json.loads(booked["Booked"][0])["Total"], booked["Booked"][1]) == ("20.00", at)
    waiting = segxero(env, "trace", "A-2")
    assert waiting.status == 0
    assert "needs you: Order A-2 is " in waiting.out
    assert segxero(env, "trace", "nobody").status == 1


def test_mappings_check_and_try_show_what_xero_would_get_without_sending_it(env, stack):
    calls = stack.summary()["calls"]
    assert segxero(env, "mappings", "check").status == 0
    event = jsontext.dumps(order("A-3", "u9", email="new@example.com"))
    said = segxero(env, "mappings", "try", "-", "--json", text=event)
    shown = {one["object"]: one["payload"] for one in said.json["records"]}
    assert shown["Contact"]["Name"] == "new@example.com"
    assert shown["Invoice"]["InvoiceNumber"] == "A-3"
    assert stack.summary()["calls"] == calls


def test_dead_letters_are_listed_by_queue_and_error_with_their_cause_and_next_step(env):
    found = letters(env)
    assert found.keys() == {"u2", "no-group", "odd"}
    assert {key: letter["error"] for key, letter in found.items()} == {
        "u2": "XeroValidationError",
        "no-group": "MappingError",
        "odd": "InvalidEventError",
    }
    assert all(letter["next_step"] for letter in found.values())
    assert {key: (one["object"], one["amount"], one["currency"]) for key, one in parked(env).items()} == {
        "A-2": ("Order", "99.00", "NZD")
    }
    assert letters(env, "--queue", "contacts").keys() == {"u2"}
    assert letters(env, "--error", "InvalidEventError").keys() == {"odd"}


def test_a_dead_letter_is_shown_in_full_with_its_event(env):
    identifier = letters(env)["u2"]["id"]
    shown = segxero(env, "dead-letters", "show", identifier)
    assert shown.status == 0
    assert shown.json["sentences"] == ["Not today."]
    assert json.loads(shown.json["events"][0])["traits"]["email"] == "bo@exa_mple.com"
    missing = segxero(env, "dead-letters", "show", "none-such")
    assert missing.status == 1
    assert "none-such" in missing.err


def test_a_replayed_dead_letter_goes_its_way_again_and_comes_back_only_when_it_is_still_wrong(env, stack):
    before = letters(env)["u2"]
    said = segxero(env, "dead-letters", "replay", before["id"])
    assert (said.status, said.out.strip()) == (0, "1 of 1 dead letters were sent again.")
    stack.settle()
    after = letters(env)["u2"]
    assert after["id"] != before["id"]
    stack.post(identify("u2", at=5, email="bo@example.com"))
    stack.settle()
    segxero(env, "dead-letters", "replay", "--queue", "contacts")
    stack.settle()
    assert "u2" not in letters(env)
    assert books.emails(stack.records())["u2"] == "bo@example.com"


def test_causes_count_what_they_block_with_the_money(env):
    rows = {row["error"]: row for row in segxero(env, "dead-letters", "causes", "--json").json}
    assert rows.keys() == {"Parked", "MappingError", "InvalidEventError"}
    parked = rows["Parked"]
    assert (parked["queue"], parked["count"], parked["organisation"]) == ("orders", 1, "main")
    assert "than its parts (#): goods #" in parked["cause"]
    assert parked["blocks"] == "NZD 99.00"
    shown = segxero(env, "dead-letters", "list")
    assert shown.status == 0
    assert "Parked" in shown.out
    assert segxero(env, "dead-letters", "list", "--age", "soon").status == 2
    assert segxero(env, "dead-letters", "list", "--age", "1h", "--json").json == []


def test_an_edited_event_shows_the_difference_and_goes_its_way_with_a_replay(env, stack, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i \'s/"traits"/"groupId": "g9", "traits"/\' "$1"\n')
    editor.chmod(0o755)
    env = {**env, "EDITOR": str(editor)}
    identifier = letters(env)["no-group"]["id"]
    said = segxero(env, "dead-letters", "edit", identifier, "--yes")
    assert (said.status, '+  "groupId": "g9", "traits"' in said.out) == (0, True), said
    shown = segxero(env, "dead-letters", "show", identifier).json
    assert json.loads(shown["events"][0])["groupId"] == "g9"
    assert "groupId" not in json.loads(shown["original"][0])
    assert segxero(env, "dead-letters", "replay", identifier).status == 0
    stack.settle()
    assert books.names(stack.records())["g9"] == "Nobody Ltd"
    assert "no-group" not in letters(env)


def test_an_edit_that_is_no_json_changes_nothing(env, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho '{' > \"$1\"\n")
    editor.chmod(0o755)
    identifier = letters(env)["odd"]["id"]
    before = segxero(env, "dead-letters", "show", identifier).json
    said = segxero({**env, "EDITOR": str(editor)}, "dead-letters", "edit", identifier, "--yes")
    assert (said.status, "is not JSON" in said.err) == (1, True)
    assert segxero(env, "dead-letters", "show", identifier).json == before


def test_a_discarded_dead_letter_is_gone(env):
    identifier = letters(env)["odd"]["id"]
    assert segxero(env, "dead-letters", "discard", identifier).status == 2
    said = segxero(env, "dead-letters", "discard", identifier, "--reason", "a test of the shop")
    assert (said.status, "a test of the shop" in said.out) == (0, True)
    assert letters(env).keys() == set()


def test_a_replay_looks_at_parked_records_again(env, stack):
    said = segxero(env, "dead-letters", "replay", "--error", "Parked")
    assert (said.status, said.out.splitlines()[-1]) == (0, "1 waiting records are tried again.")
    stack.settle()
    assert [row["count"] for row in segxero(env, "dead-letters", "causes", "--json").json] == [1]
