"""The files from which segxero is deployed agree with the Procfile, the settings and each other."""

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from segxero.cli import commands as segxero
from segxero.settings import SETTINGS, Settings
from segxero.sync.queues import ALL_QUEUES

ROOT = Path(__file__).parents[2]
PROCFILE = dict(re.findall(r"^([a-z]+): (.+)$", (ROOT / "Procfile").read_text(encoding="utf-8"), re.MULTILINE))
APP = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
OWN = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "segxero"}
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "docker" / "README.md").read_text(encoding="utf-8")
SMALL = "512m"


def test_heroku_runs_every_program_of_the_procfile_but_the_release():
    assert APP["formation"].keys() == PROCFILE.keys() - {"release"}
    assert APP["formation"]["beat"]["quantity"] == 1


def test_heroku_asks_for_settings_that_there_are_and_for_all_that_a_worker_needs():
    assert APP["env"].keys() <= SETTINGS.keys()
    made = {name: row.get("value", "a" * 64) for name, row in APP["env"].items() if row.get("required", True)}
    Settings.from_env(made).require_xero()


def test_heroku_keeps_what_redis_holds():
    # Only the premium plans are append-only; premium-0 has fewer connections than all programs open together.
    assert APP["addons"] == [{"plan": "heroku-redis:premium-1"}]


def test_compose_has_a_service_for_every_program_of_the_procfile():
    assert OWN.keys() == PROCFILE.keys()
    assert {name: service["command"] for name, service in OWN.items()} == {name: [name] for name in PROCFILE}


@pytest.mark.parametrize("name", OWN)
def test_a_service_may_write_nothing_and_has_no_rights_and_little_memory(name):
    service = OWN[name]
    assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] == SMALL


@pytest.mark.parametrize("name", sorted(OWN.keys() - {"release"}))
def test_a_service_starts_after_the_check_and_comes_back_by_itself(name):
    service = OWN[name]
    assert service["depends_on"] == {"release": {"condition": "service_completed_successfully"}}
    assert service["restart"] == "unless-stopped"
    assert service["stop_grace_period"] == "30s"


def test_no_service_is_open_to_other_hosts_but_the_one_that_speaks_tls():
    ports = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}
    assert {name: found for name, found in ports.items() if found} == {
        "web": ["127.0.0.1:8000:8000"],
        "flower": ["127.0.0.1:5555:5555"],
        "proxy": ["80:80", "443:443"],
    }
    assert COMPOSE["services"]["proxy"]["profiles"] == ["tls"]


def test_redis_keeps_and_evicts_nothing():
    command = COMPOSE["services"]["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_the_image_runs_as_nobody_and_holds_no_tools():
    _, first, last = DOCKERFILE.split("\nFROM ")
    assert "pip install --require-hashes -r requirements.txt" in first
    assert re.search(r"^USER segxero$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last


def test_the_procfile_names_a_worker_for_every_queue_whole_or_split():
    text = (ROOT / "Procfile").read_text(encoding="utf-8")
    assert set(PROCFILE["worker"].split("-Q ")[1].split(",")) == set(ALL_QUEUES)
    split = [names for line in re.findall(r"^#.* -Q (\S+)$", text, re.MULTILINE) for names in line.split(",")]
    assert sorted(split) == sorted(ALL_QUEUES)


def test_every_command_of_the_runbook_is_one_that_there_is():
    commands = set(re.findall(r"segxero ([a-z]+(?:-[a-z]+)*(?: [a-z]+)?)`", RUNBOOK))
    assert {"check", "status", "keys rotate"} <= commands
    for command in sorted(commands):
        found = CliRunner().invoke(segxero, [*command.split(), "--help"])
        assert (command, found.exit_code) == (command, 0), found.output
