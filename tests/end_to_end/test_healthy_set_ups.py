"""A whole segxero that is set up well, by either grant: every line of the check is good while it runs."""

import shutil
import tempfile
from pathlib import Path

import pytest

from segxero.demo import LocalStack
from segxero.demo.stack import PROJECT
from segxero.store import keys
from tests.support.processes.command import segxero
from tests.support.processes.waiting import within
from tests.support.set_ups.healthy import COMPANY, ORGANISATIONS, TAX_ROWS

BEARER = "a token of the tests that is long enough"


def checked(*, by_consent):
    """Start everything, wait until the schedule ran once, and check it by the command in a process of its own."""
    with tempfile.TemporaryDirectory() as directory:
        mappings = written(Path(directory) / "mappings")
        settings = {"SEGMENT_BEARER_TOKEN": BEARER, "ALERT_WEBHOOK_URL": "http://127.0.0.1:1/"}
        shops = {"sandbox": {"organisations": (COMPANY,)}, "organisations": int(by_consent)}
        with LocalStack(mappings=mappings, settings=settings, **shops) as stack:
            stack.wait_ready()
            stack.control("POST", "organisation_settings", {"organisation_settings": {"IsDemoCompany": False}})
            assert within(40, lambda: stack.store.exists(keys.SCHEDULE_WOKE)), stack.tail("beat")
            return segxero({**stack.env, "SEGXERO_PUBLIC_URL": stack.receiver_url}, "check", "--json")


def written(mappings):
    """Write the shipped mappings as an organisation in New Zealand has them."""
    shutil.copytree(PROJECT / "mappings", mappings)
    (mappings / "owner.yaml").unlink()
    (mappings / "organisations.yaml").write_text(ORGANISATIONS)
    (mappings / "tables" / "tax_rows.yaml").write_text(TAX_ROWS)
    return mappings


SCENARIOS = {
    "client_credentials": lambda: checked(by_consent=False),
    "authorization_code": lambda: checked(by_consent=True),
}


@pytest.mark.parametrize("grant", SCENARIOS)
def test_every_line_is_good_while_it_runs(scenario, grant):
    said = scenario(grant)
    assert said.status == 0, said
    assert {row["what"]: row["found"] for row in said.json if row["state"] != "ok"} == {}
    lines = {row["what"]: row["found"] for row in said.json}
    assert lines["queues"] == "the running workers serve all 11"
    assert lines["receiver"].endswith("/webhooks/segment accepts signed calls (this machine only)")
