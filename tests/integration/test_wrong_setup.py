"""A wrong set-up never starts: each program of the Procfile ends at once and names every fault."""

import subprocess

import pytest

from segxero.demo.place import DemoPlace, make_environment
from segxero.demo.stack import PROJECT
from segxero.processes import programs
from segxero.store import keys
from segxero.store.formats import FORMAT
from tests.support.people import bookkeeper
from tests.support.processes.command import segxero

PROGRAMS = ("web", "worker", "beat")
STOPPED = {"web": (1, 3), "worker": (1,), "beat": (1,)}  # gunicorn: 3, or 1 when all its workers ended so at once
FAULTY = [
    ("contacts.yaml", 'type = "group"', 'type == "group"'),
    ("orders.yaml", "Status: AUTHORISED ", "Sttatus: AUTHORISED"),
    ("organisations.yaml", "due_days: 14", "due_days: soon"),
    ("tables/accounts.yaml", 'shipping: "200"', 'shipping: "200"\nshipping: "260"'),
]
NAMED = ("contacts.yaml:", "orders.yaml:", "organisations.yaml:", "tables/accounts.yaml:")


@pytest.fixture
def env(tmp_path):
    """The environment of a local stack, without a Redis: nothing gets so far as to need one."""
    return {**make_environment(tmp_path, DemoPlace.choose()), "SEGXERO_MAPPINGS": str(PROJECT / "mappings")}


def ended(name, env):
    """Run a program of the Procfile until it ends by itself; return its status and what it wrote to stderr."""
    (program,) = programs(PROJECT / "Procfile", [name], env)
    done = subprocess.run(
        program.argv, env=program.env, cwd=program.cwd, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", PROGRAMS)
def test_with_broken_mapping_files_it_ends_and_names_every_fault(env, tmp_path, name):
    env["SEGXERO_MAPPINGS"] = str(bookkeeper.own_mappings(tmp_path, FAULTY))
    status, said = ended(name, env)
    assert status in STOPPED[name]
    assert [place for place in NAMED if place not in said] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_with_wrong_settings_it_ends_and_names_each_of_them(env, name):
    status, said = ended(name, {**env, "XERO_DAY_LIMIT": "many", "LOG_LEVEL": "LOUD", "XERO_API_URL": "ftp://xero"})
    assert status != 0
    assert [setting for setting in ("XERO_DAY_LIMIT", "LOG_LEVEL", "XERO_API_URL") if setting not in said] == []


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_without_credentials_for_xero_it_ends_and_names_them(env, name):
    status, said = ended(name, {**env, "XERO_CLIENT_ID": "", "SEGXERO_SECRET_KEY": "short"})
    assert status in STOPPED[name]
    assert "XERO_CLIENT_ID" in said
    assert "SEGXERO_SECRET_KEY" in said
    assert "short" not in said.replace("SHORTEST", "")


@pytest.mark.parametrize("name", PROGRAMS)
def test_with_the_data_of_a_newer_version_it_ends_with_the_remedy(env, redis_url, redis_store, name):
    redis_store.hset(keys.FORMAT, mapping={"number": FORMAT + 1, "knows_since": ""})
    status, said = ended(name, {**env, "REDIS_URL": redis_url})
    assert status in STOPPED[name]
    assert f"Redis holds data of format {FORMAT + 1}" in said
    assert "install the version that wrote it" in said
    assert redis_store.keys() == [keys.FORMAT]


def test_no_command_works_on_the_data_of_a_newer_version(env, redis_url, redis_store):
    redis_store.hset(keys.FORMAT, mapping={"number": FORMAT + 1, "knows_since": ""})
    for command in (["status"], ["dead-letters", "list"], ["links", "rebuild"], ["links", "release"]):
        said = segxero({**env, "REDIS_URL": redis_url}, *command)
        assert (said.status, f"format {FORMAT + 1}" in said.err) == (1, True), command
    assert redis_store.keys() == [keys.FORMAT]
