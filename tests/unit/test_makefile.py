import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def make(*arguments, cwd=ROOT, **variables):
    """Run make as from a shell of its own: the variables of a make that runs these tests do not count."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=cwd, env={**env, **variables}, capture_output=True, text=True, check=False
    )


def targets():
    (line,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return line.split()


def test_help_lists_every_target_with_a_sentence_and_is_the_default():
    listed = make("help").stdout

    assert re.findall(r"^  make ([a-z-]+) +\S.+$", listed, re.MULTILINE) == targets()
    assert make().stdout == listed


def test_replay_means_all_unless_something_is_chosen():
    def command(*choice):
        lines = make("--dry-run", "--assume-old=.venv/.installed", "replay", *choice).stdout.splitlines()
        return " ".join(" ".join(lines[-2:]).replace("\\", "").split()).partition("segxero ")[2]

    assert command() == "dead-letters replay --all"
    assert command("ID=7f3a") == "dead-letters replay 7f3a"
    assert command("QUEUE=invoices", "ERROR=MappingError") == (
        "dead-letters replay --queue 'invoices' --error 'MappingError'"
    )


def test_the_demo_and_the_tests_do_not_see_the_settings_of_the_shell(tmp_path):
    (tmp_path / "show.mk").write_text("include Makefile\nshow:\n\t@$(CLEAN) env\n")
    real = {"REDIS_URL": "redis://real:6379", "XERO_CLIENT_ID": "real", "FLOWER_PORT": "1", "PYTEST_ADDOPTS": "-x"}

    shown = make("-f", str(tmp_path / "show.mk"), "show", f"BIN={Path(sys.executable).parent}", SHOP="kept", **real)

    seen = dict(line.split("=", 1) for line in shown.stdout.splitlines() if "=" in line)
    assert seen["SHOP"] == "kept"
    assert seen.keys().isdisjoint({*real, "MAKEFLAGS", "MAKELEVEL"})


def test_without_a_new_enough_python_it_says_what_to_do(tmp_path):
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())

    done = make("demo", "PYTHON=", cwd=tmp_path)

    assert done.returncode == 2
    assert "segxero needs Python 3.11 or newer" in done.stderr
    assert "make demo PYTHON=/path/to/python3" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_module_of_more_than_300_lines_fails_the_linters(tmp_path):
    script = re.search(r"-exec awk '(.*?)' \{\}", (ROOT / "Makefile").read_text(), re.DOTALL)
    program = script[1].replace("\\\n", "")
    (tmp_path / "good.py").write_text("x = 1\n" * 300)
    (tmp_path / "long.py").write_text("x = 1\n" * 301)

    done = subprocess.run(
        ["awk", program, "good.py", "long.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "long.py: more than 300 lines\n")
