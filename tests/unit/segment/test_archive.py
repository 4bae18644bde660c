"""Archives: packed or not, an event a line or one value, read in order and without a byte changed."""

import gzip
import json

import pytest

from segxero.errors import ConfigError
from segxero.segment import archive
from segxero.segment.body import MAX_EVENTS

ONE = '{"type": "track", "messageId": "m1", "properties": {"total": 1e+21}}'
TWO = '{"type":"identify","messageId":"m2"}'


def texts(file):
    return [element.text for line in archive.lines(file) for element in line.elements]


@pytest.mark.parametrize(
    "written",
    [f"{ONE}\n{TWO}\n", f"\n{ONE}\r\n\n{TWO}", f"[{ONE}, {TWO}]", f"[\n{ONE},\n{TWO}\n]\n"],
    ids=["a line each", "empty lines", "an array in a line", "an array in many lines"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_form_gives_the_same_texts(tmp_path, written, pack):
    file = tmp_path / "events.ndjson"
    file.write_bytes(pack(written.encode()))
    assert texts(file) == [ONE, TWO]


def test_one_event_in_many_lines_is_one_event(tmp_path):
    file = tmp_path / "event.json"
    file.write_text(json.dumps(json.loads(TWO), indent=2))
    assert [json.loads(text) for text in texts(file)] == [json.loads(TWO)]


def test_a_bad_line_harms_only_itself_and_has_its_place(tmp_path):
    file = tmp_path / "events.ndjson"
    file.write_bytes(f"{ONE}\n".encode() + b'{"cut of\n\xff\n' + f"{TWO}\n".encode())
    found = list(archive.lines(file))
    assert [(line.place, line.elements[0].fault) for line in found] == [
        (f"{file}:1", ""),
        (f"{file}:2", "is not JSON"),
        (f"{file}:3", "is not JSON"),
        (f"{file}:4", ""),
    ]


def test_a_bad_first_line_does_not_hide_the_others(tmp_path):
    file = tmp_path / "events.ndjson"
    file.write_text(f"no json\n{TWO}\n")
    assert texts(file) == ["no json\n", TWO]


def test_a_directory_gives_its_files_of_events_in_the_order_of_their_names(tmp_path):
    for name in ("b/2.gz", "b/1.gz", "a.ndjson", "notes.txt", "c.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = archive.files([tmp_path, tmp_path / "a.ndjson", tmp_path / "notes.txt"])
    assert [str(file.relative_to(tmp_path)) for file in found] == [
        "a.ndjson",
        "b/1.gz",
        "b/2.gz",
        "c.json",
        "notes.txt",
    ]


def test_nothing_to_read_and_what_is_broken_are_said(tmp_path):
    with pytest.raises(ConfigError, match="no files of events"):
        archive.files([tmp_path])
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(ONE.encode() * 50)[:-9])
    with pytest.raises(ConfigError, match=r"broken\.gz cannot be read"):
        list(archive.lines(broken))
    with pytest.raises(ConfigError, match=r"broken\.gz cannot be read"):
        archive.digest(broken)


def test_the_digest_is_that_of_the_content(tmp_path):
    plain, packed, other = tmp_path / "a.json", tmp_path / "b.gz", tmp_path / "c.json"
    plain.write_text(ONE)
    packed.write_bytes(gzip.compress(ONE.encode()))
    other.write_text(TWO)
    assert archive.digest(plain) == archive.digest(packed) != archive.digest(other)


def test_an_array_of_too_many_events_is_said_to_be_one(tmp_path):
    file = tmp_path / "events.json"
    file.write_text("[\n" + ",\n".join([TWO] * (MAX_EVENTS + 1)) + "\n]")
    (line,) = archive.lines(file)
    assert [element.fault for element in line.elements] == ["is one of too many in one array: write an event a line"]
