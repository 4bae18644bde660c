"""Live mappings: a change is taken up without a restart, and a mistake never takes a good set's place."""

import logging
import os

import pytest

from segxero.errors import ConfigError
from segxero.mapping.files.live import LOOK_SECONDS, LiveMappings
from tests.support.set_ups.mapping_files import MAPPING, OBJECTS, write_mappings


class Clock:
    """A clock that moves when it is told to."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def live(tmp_path, clock):
    return LiveMappings(write_mappings(tmp_path), OBJECTS, clock)


def change(directory, name, text):
    path = directory / name
    path.write_text(text)
    os.utime(path, ns=(path.stat().st_mtime_ns + 1_000_000, path.stat().st_mtime_ns + 1_000_000))


def test_a_changed_file_counts_after_a_few_seconds(live, tmp_path, clock):
    before = live.current()
    change(tmp_path, "tables/accounts.yaml", 'default: "200"\nGames: "210"\n')
    clock.now += LOOK_SECONDS - 0.1
    assert live.current() is before
    clock.now += 0.1
    assert live.current().tables["accounts"] == {"default": "200", "Games": "210"}
    assert live.current().version != before.version


def test_new_and_removed_files_count_too(live, tmp_path, clock):
    change(tmp_path, "more.yaml", MAPPING.replace("identify", "second", 1).replace("EmailAddress", "FirstName"))
    clock.now += LOOK_SECONDS
    assert [mapping.name for mapping in live.current().mappings] == ["identify", "second"]
    (tmp_path / "more.yaml").unlink()
    clock.now += LOOK_SECONDS
    assert [mapping.name for mapping in live.current().mappings] == ["identify"]


def test_a_wrong_file_keeps_the_good_mappings_and_is_said_once_with_its_faults(live, tmp_path, clock, caplog):
    before = live.current()
    change(tmp_path, "contacts.yaml", MAPPING.replace("Contact", "Contract"))
    for _ in range(3):
        clock.now += LOOK_SECONDS
        assert live.current() is before
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert (said.message, said.kept) == ("mappings_wrong", before.version)
    assert "contacts.yaml:2: /0/object: Contract is not an object" in said.faults
    change(tmp_path, "contacts.yaml", MAPPING.replace("email", "mail"))
    clock.now += LOOK_SECONDS
    assert live.current().version != before.version


def test_a_directory_that_is_gone_keeps_the_good_mappings(live, tmp_path, clock):
    before = live.current()
    tmp_path.rename(tmp_path.with_name("elsewhere"))
    clock.now += LOOK_SECONDS
    assert live.current() is before


def test_a_wrong_directory_does_not_start(tmp_path):
    with pytest.raises(ConfigError):
        LiveMappings(tmp_path / "nowhere", OBJECTS)
