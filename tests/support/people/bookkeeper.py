"""A bookkeeper who works in Xero by hand, and edits the mappings."""

import shutil
import signal

import requests

from segxero.demo.stack import PROJECT
from tests.support.processes.waiting import within

SCOPES = "accounting.contacts accounting.invoices accounting.payments accounting.settings"


def writes(stack, method, path, body):
    """Change something in the sandbox as another app of the organisation would; return the answer's JSON."""
    form = {"grant_type": "client_credentials", "scope": SCOPES}
    token = requests.post(f"{stack.sandbox_url}/connect/token", data=form, auth=("person", "secret"), timeout=10)
    headers = {"Authorization": f"Bearer {token.json()['access_token']}", "Accept": "application/json"}
    url = f"{stack.sandbox_url}/api.xro/2.0/{path}"
    answer = requests.request(method, url, json=body, headers=headers, timeout=10)
    answer.raise_for_status()
    return answer.json()


def own_mappings(directory, changes=()):
    """Copy the project's mappings to *directory* and apply *changes*, (file, old text, new text); return where."""
    copy = shutil.copytree(PROJECT / "mappings", directory / "mappings")
    for change in changes:
        edits(copy, *change)
    return copy


def edits(mappings, file, old, new):
    """Replace *old* by *new* in a mapping file."""
    text = (mappings / file).read_text()
    assert old in text, f"{file} does not hold {old!r}"
    (mappings / file).write_text(text.replace(old, new))


def switches_on(mappings, file, *names):
    """Switch the mappings *names* of a file on."""
    for name in names:
        head, _, rest = (mappings / file).read_text().partition(f"- name: {name}\n")
        assert "enabled: false" in rest, f"{file} has no {name} that is off"
        (mappings / file).write_text(f"{head}- name: {name}\n{rest.replace('enabled: false', 'enabled: true', 1)}")


def restarts_workers(stack):
    """Restart the worker as a deployment does, and wait until it has looked at what was parked."""
    before = stack.supervisor.pids()["worker"]
    stack.supervisor.kill("worker", signal.SIGTERM)
    assert within(30, lambda: stack.supervisor.pids().get("worker", before) != before)
    stack.wait_ready()
