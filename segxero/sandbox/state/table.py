"""Records in memory, found by id or by any of their keys without a scan."""

from collections.abc import Callable, Iterator
from typing import Any

Record = dict[str, Any]
Key = Callable[[Record], str | None]


def fold_case(text: str) -> str:
    """Return *text* as Xero compares keys: without regard to case."""
    return text.casefold()


class Table:
    """The records of a Xero object: by id, and by the keys that *keys* reads from a record (None = not indexed)."""

    def __init__(self, **keys: Key) -> None:
        self._keys = keys
        self._records: dict[str, Record] = {}
        self._index: dict[str, dict[str, dict[str, None]]] = {name: {} for name in keys}
        self._indexed_as: dict[str, dict[str, str]] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def get(self, identity: str) -> Record | None:
        return self._records.get(identity.lower())

    def newest(self, number: int) -> list[Record]:
        """Return the *number* records of the latest writes, the newest at the end."""
        return list(self._records.values())[-number:]

    def put(self, identity: str, record: Record) -> None:
        """Add or replace the record and bring its keys up to date."""
        self._unindex(identity)
        # The record moves to the end, so that the newest records are the last.
        self._records.pop(identity, None)
        self._records[identity] = record
        entry = {}
        for name, key in self._keys.items():
            value = key(record)
            # Records without a value under a key are not found by it, as in Xero's filters.
            if value:
                entry[name] = fold_case(value)
                self._index[name].setdefault(fold_case(value), {})[identity] = None
        self._indexed_as[identity] = entry

    def drop(self, identity: str) -> None:
        self._unindex(identity)
        self._records.pop(identity, None)

    def all(self, key: str, value: str) -> list[Record]:
        return [self._records[identity] for identity in self._index[key].get(fold_case(value), ())]

    def find(self, key: str, value: str) -> Record | None:
        """Return the first record with *value* under *key*, in the order in which they took it."""
        return next(iter(self.all(key, value)), None)

    def has_key(self, key: str) -> bool:
        return key in self._keys

    def _unindex(self, identity: str) -> None:
        for name, value in self._indexed_as.pop(identity, {}).items():
            holders = self._index[name][value]
            del holders[identity]
            if not holders:
                del self._index[name][value]
