"""The set-up that README.md shows, done by its own lines: a local Xero, a signed sender, and orders that arrive."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from segxero import jsontext
from segxero.demo.stack import PROJECT
from segxero.processes import ProcessGroup, free_port
from segxero.settings import SETTINGS
from tests.support.processes.waiting import within

README = (PROJECT / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## A set-up of your own in ten minutes")[1].split("\n## ")[0]
SHELL = [
    line.partition(" #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
    for line in block.splitlines()
]
ENV_FILE = re.findall(r"```ini\n(.*?)```", SECTION, re.DOTALL)[0]
RUNNING, TYPED = SHELL[:3], SHELL[3:]
SHOWN = {"Contacts": "Name", "Invoices": "InvoiceNumber", "CreditNotes": "Total"}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A directory that looks like a clone after `make demo`, with the README's .env and ports that are free."""
    made = tmp_path_factory.mktemp("clone")
    for name in (".venv", "Makefile", "mappings", "docker", "tests"):
        (made / name).symlink_to(PROJECT / name)
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(PROJECT / name, made)
        # A file edited since `make install` would let `make run` install this directory into the tests' environment.
        os.utime(made / name, (0, 0))
    shutil.copy(PROJECT / "Procfile", made)  # .env is looked for beside the file itself
    return made


@pytest.fixture(scope="module")
def ports() -> dict[str, str]:
    return {shown: str(free_port()) for shown in ("6379", "8100", "8000", "5555")}


@pytest.fixture(scope="module")
def env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in SETTINGS and not name.startswith("MAKE")}


@pytest.fixture(scope="module")
def running(place, ports, env) -> Iterator[None]:
    """The README's first three lines, each in a terminal of its own."""
    text = ENV_FILE.replace("127.0.0.1:8100", f"127.0.0.1:{ports['8100']}")
    moved = {"REDIS_URL": f"redis://127.0.0.1:{ports['6379']}/0", "PORT": ports["8000"], "FLOWER_PORT": ports["5555"]}
    (place / ".env").write_text(text + "".join(f"{name}={value}\n" for name, value in moved.items()), encoding="utf-8")
    broker, sandbox, run = RUNNING
    lines = {
        "broker": f"{broker.replace('/tmp/segxero-redis', str(place / 'redis'))} --port {ports['6379']}",
        "sandbox": f"{sandbox} --port {ports['8100']}",
        "run": run,
    }
    with ExitStack() as stack:
        for name, line in lines.items():
            log = stack.enter_context((place / f"{name}.log").open("ab"))
            stack.enter_context(ProcessGroup(["/bin/sh", "-c", f"exec {line}"], env=env, cwd=place, output=log))
            if name == "broker":
                assert within(15, lambda: "REDIS_URL=" in (place / "broker.log").read_text())
        assert within(30, lambda: "celery@" in (log := (place / "run.log").read_text()) and "ready." in log)
        yield


def typed(line: str, place: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", line], cwd=place, env=env, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.skipif(Path(sys.prefix) != PROJECT / ".venv", reason="the README's lines need the environment of make")
def test_the_lines_of_the_readme_bring_orders_into_the_local_xero(running, place, ports, env):
    check, send, status = TYPED

    checked = typed(check, place, env)
    assert (checked.returncode, "FAULT" in checked.stdout) == (0, False), checked.stdout + checked.stderr

    sent = typed(f"{send} --json", place, env)
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert json.loads(sent.stdout) == [
        {"file": "mappings/sample.ndjson", "status": 200, "accepted": 5, "ignored": 0, "rejected": ""}
    ]

    def books() -> dict[str, list[str]]:
        answer = requests.get(f"http://127.0.0.1:{ports['8100']}/sandbox/records", timeout=5)
        found = jsontext.loads(answer.content)
        return {name: sorted(str(one[field]) for one in found[name]) for name, field in SHOWN.items()}

    assert within(30, lambda: books()["CreditNotes"] == ["23.00"])
    assert books() == {
        "Contacts": ["Ann Lee", "Ben Ray"],
        "Invoices": ["SAMPLE-1", "SAMPLE-2"],
        "CreditNotes": ["23.00"],
    }
    assert typed(status, place, env).returncode == 0
