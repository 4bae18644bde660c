"""`segxero dead-letters`: everything that waits is listed, and a name that cannot be meant is refused."""

import json

import pytest
from click.testing import CliRunner, Result

from segxero.cli import commands
from segxero.oversight.blocked import PARKED_ERROR
from tests.support.set_ups.core import identify, order_completed


@pytest.fixture
def call(redis_url, core):
    core.feed(identify("u1", name="Ann [/x] Lee"), order_completed("o1", "u1", total=25))
    core.deliver()

    def called(*arguments: str) -> Result:
        env = {"REDIS_URL": redis_url, "SEGXERO_MAPPINGS": "mappings", "COLUMNS": "200"}
        return CliRunner().invoke(commands, ["dead-letters", *arguments], env=env)

    return called


def test_a_parked_order_is_listed_with_stable_keys(call):
    (row,) = json.loads(call("list", "--json").output)
    assert set(row) == {
        "id",
        "organisation",
        "queue",
        "object",
        "key",
        "customer",
        "amount",
        "currency",
        "since",
        "age_seconds",
        "error",
        "message",
        "next_step",
        "cause",
        "attempts",
        "failed_at",
    }
    wanted = ("Invoice", "o1", "Ann [/x] Lee", "25", "USD", PARKED_ERROR)
    assert tuple(row[name] for name in ("object", "key", "customer", "amount", "currency", "error")) == wanted
    shown = call("list").output
    assert "Invoice o1" in shown
    assert row["id"] in shown
    assert json.loads(call("show", row["id"]).output)["key"] == "o1"
    assert "1 waiting records are tried again" in call("replay", row["id"]).output


def test_a_cause_names_its_records(call):
    (row,) = json.loads(call("causes", "--json").output)
    assert (row["count"], row["sums"], [one["key"] for one in row["records"]]) == (1, {"USD": "25"}, ["o1"])
    assert "Ann [/x] Lee" in call("causes").output
    assert len(json.loads(call("list", "--json", "--cause", row["id"]).output)) == 1


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--queue", "invoice"), "did you mean invoices?"),
        (("--organisation", "mian"), "did you mean main?"),
        (("--error", "XeroValidationEror"), "did you mean XeroValidationError?"),
        (("--queue", "zzz"), "there are "),
    ],
)
@pytest.mark.parametrize("command", ["list", "causes", "replay"])
def test_an_unknown_name_in_a_filter_is_refused_with_a_suggestion(call, command, arguments, hint):
    done = call(command, *arguments)
    assert (done.exit_code, hint in done.output) == (2, True)


def test_the_name_of_an_error_may_be_written_small(call):
    assert call("list", "--error", "parked").exit_code == 0
