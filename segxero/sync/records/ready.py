"""Ready: a record prepared for Xero, with the records it waits for.

Planning makes it, contacts and policies change it, a turn sends it, and results.py notes how that ended.
"""

import hashlib
from dataclasses import dataclass, field

from segxero import jsontext
from segxero.store import keys
from segxero.sync.records.record import Record
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Prepared, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A record this record waits for: until it has a Xero id, or, with a *version*, until it changes."""

    object: str
    key: str
    version: str = ""

    @property
    def ref(self) -> str:
        return keys.reference(self.object, self.key)

    @property
    def queue(self) -> str:
        return OBJECTS[self.object].queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A record prepared for Xero: as its object sees it, and as Xero takes it.

    With *comes_again* it is looked at once more after it is written, because it had to take another name for now.
    """

    record: Record
    wanted: Wanted
    prepared: Prepared
    waits: tuple[Wait, ...] = ()
    comes_again: bool = False
    digest: str = field(init=False, compare=False, repr=False)  # of the payload: tells whether Xero has it already

    def __post_init__(self) -> None:
        text = jsontext.canonical([self.prepared.payload, str(self.prepared.total)])
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())

    @property
    def is_unchanged(self) -> bool:
        """Whether there is nothing to write: Xero has this payload, or needs none."""
        if self.digest == self.record.delivered or self.prepared.needless:
            return True
        return bool(self.record.seen) and self.record.row.is_held(self.record.seen, self.prepared)
