import signal
import subprocess
import sys
import threading
import time

import pytest
import requests

from segxero.sandbox import LocalSandbox, SandboxOptions

PROGRAM = """
from segxero.sandbox import SandboxOptions, serve
serve(SandboxOptions(port={port}))
"""


@pytest.fixture
def sandbox():
    with LocalSandbox(SandboxOptions()) as sandbox:
        yield sandbox


@pytest.fixture
def session(sandbox):
    with requests.Session() as session:
        answer = session.post(
            f"{sandbox.url}/connect/token", data={"grant_type": "client_credentials"}, auth=("a", "b"), timeout=5
        )
        session.headers.update(
            {"Authorization": f"Bearer {answer.json()['access_token']}", "Accept": "application/json"}
        )
        yield session


def test_the_sixth_call_in_flight_is_refused(sandbox, session):
    requests.post(f"{sandbox.url}/sandbox/settings", json={"latency": 0.5}, timeout=5)
    statuses = []

    def call():
        answer = requests.get(f"{sandbox.url}/api.xro/2.0/Organisation", headers=session.headers, timeout=5)
        statuses.append((answer.status_code, answer.headers.get("X-Rate-Limit-Problem")))

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses, key=str) == [(200, None)] * 5 + [(429, "concurrent")]
    assert requests.get(f"{sandbox.url}/sandbox/summary", timeout=5).json()["max_in_flight"] == 6


def test_a_lost_answer_breaks_the_connection_after_the_work_is_done(sandbox, session):
    requests.post(f"{sandbox.url}/sandbox/faults", json={"lost_answer": True}, timeout=5)
    with pytest.raises(requests.ConnectionError):
        session.put(f"{sandbox.url}/api.xro/2.0/Contacts", json={"Name": "Ann"}, timeout=5)
    found = session.get(f"{sandbox.url}/api.xro/2.0/Contacts", timeout=5).json()["Contacts"]
    assert [contact["Name"] for contact in found] == ["Ann"]


def test_a_429_has_neither_body_nor_content_type_on_the_wire(sandbox, session):
    requests.post(f"{sandbox.url}/sandbox/faults", json={"limit": "minute", "retry_after": 7}, timeout=5)
    answer = session.get(f"{sandbox.url}/api.xro/2.0/Organisation", timeout=5)
    assert (answer.status_code, answer.content, answer.headers["Retry-After"]) == (429, b"", "7")
    assert "Content-Type" not in answer.headers


def test_a_sandbox_process_ends_on_sigterm():
    with LocalSandbox() as other:
        port = int(other.url.rpartition(":")[2])
    process = subprocess.Popen([sys.executable, "-c", PROGRAM.format(port=port)])
    try:
        url = f"http://127.0.0.1:{port}/sandbox/faults"
        for _ in range(100):
            try:
                assert requests.get(url, timeout=1).json() == []
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    finally:
        process.kill()
        process.wait()
