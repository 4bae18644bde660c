"""Archives: the events of Segment's raw data files, in their order, without a byte changed.

Segment's S3 archive is gzip with one JSON event a line (segment.com/docs/connections/storage/catalog/aws-s3). The same
unpacked, a JSON array, or a single event in many lines are read as well.
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
    """The events of one line of an archive; *number* counts from 1."""

    file: Path
    number: int
    elements: tuple[Element, ...]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.number}"


def files(paths: Iterable[Path]) -> list[Path]:
    """Return the files that *paths* name, those of directories by name. Raise ConfigError when there are none."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found |= dict.fromkeys(one for one in inside if one == path or (one.suffix in SUFFIXES and one.is_file()))
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
    """Name the content of *file*, however it is packed and called. Raise ConfigError when it cannot be read."""
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
    """Tell whether a file is one JSON value in many lines, and go to its beginning."""
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
