import os
import re
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest

from segxero.errors import ConfigError
from segxero.processes import ProcessGroup, Program, Supervisor, environment, programs
from tests.support.processes.waiting import alive, within

STUBBORN = (sys.executable, "-c", "import signal,time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(60)")
GOOD = (sys.executable, "-c", "import signal,time; signal.signal(15, lambda *_: exit(0)); print('up'); time.sleep(60)")
PARENT = "import subprocess,sys,time; print(subprocess.Popen(['sleep','60']).pid, flush=True); time.sleep(60)"


def sh(name, script, **more):
    return Program(name=name, argv=("/bin/sh", "-c", script), **more)


def test_every_program_writes_to_its_own_file(tmp_path):
    rows = [sh("web", "echo hello; echo trouble >&2; sleep 60"), sh("worker", "echo work; sleep 60")]
    with Supervisor(rows, logs=tmp_path / "logs") as supervisor:
        assert within(5, lambda: supervisor.log("web").read_text() == "hello\ntrouble\n")
        assert within(5, lambda: supervisor.log("worker").read_text() == "work\n")
        assert supervisor.pids().keys() == {"web", "worker"}


def test_without_a_directory_the_output_goes_to_the_terminal_with_the_name_in_front():
    terminal = StringIO()
    rows = [sh("web", "echo hello; sleep 60"), sh("worker", "echo work; sleep 60")]
    with Supervisor(rows, terminal=terminal):
        assert within(5, lambda: sorted(terminal.getvalue().splitlines()) == ["web    | hello", "worker | work"])


def test_a_program_gets_exactly_the_environment_of_its_row(tmp_path):
    rows = [sh("web", 'echo "$REDIS_URL,$HOME"; sleep 60', env={"REDIS_URL": "redis://x"})]
    with Supervisor(rows, logs=tmp_path) as supervisor:
        assert within(5, lambda: supervisor.log("web").read_text() == "redis://x,\n")


def test_a_program_that_ends_is_started_again_after_a_growing_delay(tmp_path):
    with Supervisor([sh("worker", "echo up; exit 3")], logs=tmp_path) as supervisor:
        within(10, lambda: supervisor.log("worker").read_text().count("up") == 3)
        lines = supervisor.log("worker").read_text().splitlines()

    assert lines[:5] == [
        "up",
        "[ended with status 3; starts again in 0.5 s]",
        "up",
        "[ended with status 3; starts again in 1 s]",
        "up",
    ]


def test_a_program_that_does_not_exist_does_not_stop_the_others(tmp_path):
    rows = [Program(name="wrong", argv=("no-such-program",)), sh("web", "echo up; sleep 60")]
    with Supervisor(rows, logs=tmp_path) as supervisor:
        assert within(5, lambda: "ended with status 127" in supervisor.log("wrong").read_text())
        assert supervisor.pids().keys() == {"web"}


def test_a_killed_program_comes_back_with_another_process_id(tmp_path):
    with Supervisor([sh("worker", "echo up; sleep 60")], logs=tmp_path) as supervisor:
        first = supervisor.pids()["worker"]

        supervisor.kill("worker")

        assert within(5, lambda: supervisor.pids().get("worker", first) != first)


def test_killing_a_program_kills_its_children_too(tmp_path):
    program = Program(name="web", argv=(sys.executable, "-c", PARENT))
    with Supervisor([program], logs=tmp_path) as supervisor:
        child = int(within(5, supervisor.log("web").read_text).splitlines()[0])
        assert alive(child)

        supervisor.kill("web")

        assert within(5, lambda: not alive(child))


def test_children_that_a_dead_program_left_behind_are_ended_before_it_starts_again(tmp_path):
    program = Program(name="web", argv=(sys.executable, "-c", PARENT))
    with Supervisor([program], logs=tmp_path) as supervisor:
        child = int(within(5, supervisor.log("web").read_text).splitlines()[0])

        os.kill(supervisor.pids()["web"], signal.SIGKILL)

        assert within(5, lambda: not alive(child))


def test_stop_asks_first_and_leaves_nothing_running(tmp_path):
    program = Program(name="web", argv=GOOD, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    supervisor = Supervisor([program], logs=tmp_path, grace=20)
    supervisor.start()
    assert within(5, lambda: "up" in supervisor.log("web").read_text())
    pid = supervisor.pids()["web"]

    started = time.monotonic()
    supervisor.stop()

    assert time.monotonic() - started < 5
    assert not alive(pid)
    assert supervisor.pids() == {}
    assert supervisor.log("web").read_text() == "up\n"


def test_a_program_that_does_not_listen_is_killed_after_the_grace(tmp_path):
    program = Program(name="web", argv=STUBBORN, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    supervisor = Supervisor([program], logs=tmp_path, grace=0.5)
    supervisor.start()
    assert within(5, lambda: "up" in supervisor.log("web").read_text())
    pid = supervisor.pids()["web"]

    started = time.monotonic()
    supervisor.stop()

    assert 0.5 <= time.monotonic() - started < 5
    assert not alive(pid)


def test_stop_does_not_wait_for_the_delay_of_a_restart(tmp_path):
    supervisor = Supervisor([sh("worker", "exit 1")], logs=tmp_path)
    supervisor.start()
    assert within(10, lambda: "again in 2 s" in supervisor.log("worker").read_text())

    started = time.monotonic()
    supervisor.stop()

    assert time.monotonic() - started < 1


def test_a_supervisor_can_be_started_again(tmp_path):
    supervisor = Supervisor([sh("web", "echo up; sleep 60")], logs=tmp_path)
    for times in (1, 2):
        with supervisor:
            assert within(5, lambda times=times: supervisor.log("web").read_text() == "up\n" * times)


def test_a_group_can_be_waited_for_with_a_limit():
    with ProcessGroup(["sleep", "60"]) as group:
        with pytest.raises(subprocess.TimeoutExpired):
            group.wait(0.05)
        assert group.running

    assert not group.running


def test_the_programs_of_a_procfile_are_all_but_release(tmp_path):
    procfile = tmp_path / "Procfile"
    procfile.write_text("# a comment\nrelease: check\nweb: serve --port $PORT\nworker: work\n")

    rows = programs(procfile, env={"PATH": "/bin"})

    assert [(row.name, row.argv, row.cwd) for row in rows] == [
        ("web", ("/bin/sh", "-c", "exec serve --port $PORT"), tmp_path),
        ("worker", ("/bin/sh", "-c", "exec work"), tmp_path),
    ]
    assert [row.name for row in programs(procfile, ["release"])] == ["release"]


def test_an_unknown_program_is_named_with_those_that_there_are(tmp_path):
    procfile = tmp_path / "Procfile"
    procfile.write_text("web: serve\nworker: work\n")

    with pytest.raises(ConfigError, match=r"programs web, worker\.\n.*Procfile: beat: is not one of them"):
        programs(procfile, ["web", "beat"])


def test_a_missing_procfile_is_an_error_that_says_where_to_be(tmp_path):
    with pytest.raises(ConfigError, match="start this in the project's directory"):
        programs(tmp_path / "Procfile")


def test_the_env_file_fills_in_what_the_environment_does_not_say(tmp_path, monkeypatch):
    monkeypatch.delenv("XERO_CLIENT_ID", raising=False)
    (tmp_path / ".env").write_text("# real settings\nXERO_CLIENT_ID=from-file\nREDIS_URL=redis://file:6379/0\n")
    monkeypatch.setenv("REDIS_URL", "redis://shell:6379/0")

    env = environment(tmp_path)

    assert env["XERO_CLIENT_ID"] == "from-file"
    assert env["REDIS_URL"] == "redis://shell:6379/0"


def test_a_given_environment_is_not_mixed_with_the_env_file_or_the_shells(tmp_path):
    (tmp_path / ".env").write_text("SENTRY_DSN=real\n")
    procfile = tmp_path / "Procfile"
    procfile.write_text("web: serve\n")

    (web,) = programs(procfile, env={"REDIS_URL": "redis://x", "PATH": "/bin"})

    assert web.env == {
        "REDIS_URL": "redis://x",
        "PORT": "8000",
        "PYTHONUNBUFFERED": "1",
        "PATH": f"{Path(sys.executable).parent}:/bin",
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_procfile_runs_in_the_foreground_until_a_signal(tmp_path, number):
    (tmp_path / "Procfile").write_text("web: sh -c 'echo on $PORT as $$; sleep 60'\n")
    command = [sys.executable, "-m", "segxero.processes", str(tmp_path / "Procfile")]
    env = {**os.environ, "PORT": "8123"}

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        said = process.stdout.readline()
        process.send_signal(number)
        rest, _ = process.communicate(timeout=10)

    pid = re.fullmatch(r"web \| on 8123 as (\d+)\n", said)
    assert pid
    assert not alive(pid[1])
    assert (rest, process.returncode) == ("", 0)


def test_programs_end_when_their_supervisor_is_killed(tmp_path):
    (tmp_path / "Procfile").write_text("web: sh -c 'echo $$; sleep 60; true'\n")
    command = [sys.executable, "-m", "segxero.processes", str(tmp_path / "Procfile")]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        pid = process.stdout.readline().removeprefix("web | ").strip()
        assert alive(pid)
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert within(5, lambda: not alive(pid))


def test_a_container_becomes_one_program_of_the_procfile(tmp_path):
    (tmp_path / "Procfile").write_text("web: sh -c 'echo $$ on $PORT'\n")
    command = [sys.executable, "-m", "segxero.processes", "--become", str(tmp_path / "Procfile"), "web"]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PORT": "8123"}) as process:
        said, _ = process.communicate(timeout=10)

    assert said == f"{process.pid} on 8123\n"
