"""The series of an order's key: two sources that tell different orders under one key are never mixed in one record.

A series is a shop, or a source that belongs to no shop. A key belongs to the series that told it first. Another series
may tell of it only what the first has told: the same total, currency and customer. fold.lua does the same in Redis.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from segxero.errors import SharedKeyError
from segxero.sync.records.operations import Operation


@dataclass(slots=True)
class _Key:
    series: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)


@dataclass(slots=True)
class SeriesOfKeys:
    """The series of the keys of one organisation, in this process: for a rehearsal."""

    _keys: dict[tuple[str, str], _Key] = field(default_factory=dict)

    def admit(self, operations: Iterable[Operation]) -> None:
        """Note who tells of which key. Raise SharedKeyError when another series tells a different order."""
        mine = [one for one in operations if one.series]
        for one in mine:
            known = self._keys.get((one.object, one.key))
            if known and known.series and one.series not in known.series and one.told not in known.told:
                raise make_shared_key_error(one, next(iter(sorted(known.series))))
        for one in mine:
            known = self._keys.setdefault((one.object, one.key), _Key())
            known.series.add(one.series)
            known.told |= {one.told} - {""}


def make_shared_key_error(operation: Operation, first: str) -> SharedKeyError:
    """Return the error for *operation*, whose key belongs to the series *first*."""
    return SharedKeyError(
        f"{operation.object} {operation.key} was told by {first}, and {operation.series} tells another of the same "
        "number: it waits, so that the two are not mixed",
        "if both are one store, put their sources into one shop in mappings/organisations.yaml; if not, give one of "
        "them a prefix; it goes on by itself then",
    )
