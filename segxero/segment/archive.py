"""Archives: reads the events of Segment's raw data files in their order, without a byte changed.

`segxero import` calls this module. Segment's S3 archive is gzip with a JSON event on each line
(segment.com/docs/connections/storage/catalog/aws-s3). Unpacked files, a JSON array, or a single event in many lines are
read as well.
"""

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from segxero.errors import ConfigError, InvalidEventError
from segxero.segment import body
from segxero.segment.body import Element, TooManyError

GZIP = b"\x1f\x8b"
PIECE = 1 << 20  # bytes
SUFFIXES = (".gz", ".json", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The events of a line of an archive; *number* counts from 1."""

    file: Path
    number: int
    elements: tuple[Element, ...]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.number}"


def files(paths: Iterable[Path]) -> list[Path]:
    """Return the files at *paths*; those of a directory by their names. Raise ConfigError if there are none."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found |= dict.fromkeys(file for file in inside if file == path or (file.suffix in SUFFIXES and file.is_file()))
    if not found:
        raise ConfigError(f"no files of events there: they end in {', '.join(SUFFIXES)}")
    return list(found)


def lines(file: Path) -> Iterator[Line]:
    """Yield the lines of *file* that are not empty. Raise ConfigError when it cannot be read."""
    try:
        with _opened(file) as opened:
            if _is_one_value(opened):
                yield Line(file=file, number=1, elements=_elements(opened.read()))
                return
            for number, line in enumerate(opened, start=1):
                if line.strip():
                    yield Line(file=file, number=number, elements=_elements(line))
    except (OSError, EOFError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from None


def digest(file: Path) -> str:
    """Return a hash of the content of *file*, whatever its name and packing. Raise ConfigError on a read error."""
    try:
        with _opened(file) as opened:
            found = hashlib.sha256()
            while piece := opened.read(PIECE):
                found.update(piece)
            return found.hexdigest()[:32]
    except (OSError, EOFError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from None


def _opened(file: Path) -> IO[bytes]:
    with file.open("rb") as look:
        is_packed = look.read(len(GZIP)) == GZIP
    return cast(IO[bytes], gzip.open(file, "rb")) if is_packed else file.open("rb")


def _is_one_value(opened: IO[bytes]) -> bool:
    """Tell whether a file is a single JSON value in many lines, and go to its beginning."""
    first = next((line for line in opened if line.strip()), b"")
    opened.seek(0)
    if _is_json(first):
        return False
    is_one = _is_json(opened.read())
    opened.seek(0)
    return is_one


def _is_json(raw: bytes) -> bool:
    try:
        body.split(raw)
    except TooManyError:
        return True
    except InvalidEventError:
        return False
    return True


def _elements(raw: bytes) -> tuple[Element, ...]:
    try:
        return body.split(raw).events
    except TooManyError:
        return (Element(text="", value=None, fault="is one of too many in one array: write an event a line"),)
    except InvalidEventError:
        return (Element(text=raw.decode("utf-8", "replace"), value=None, fault="is not JSON"),)
