"""The disposition of a record, or of an event: where it stands after an attempt. STATES.md beside it draws the moves.

Results carry it, settle.lua stores it in the record's hash, the receiver and the figures count by it.
"""

from enum import StrEnum


class Disposition(StrEnum):
    """The place of a record, or of an event, after an attempt."""

    #: It stays in the outbox and goes again, at once or after a delay.
    PENDING = "pending"
    #: Xero has it as the record wants it. It leaves the outbox.
    DELIVERED = "delivered"
    #: Xero had it already, or its policy leaves Xero as it is. It leaves the outbox without a write.
    UNCHANGED = "unchanged"
    #: It waits for another record, or for a person, outside the outbox.
    PARKED = "parked"
    #: It was sent and the answer is lost. It stays in the outbox, and Xero is asked before it is sent again.
    UNCERTAIN = "uncertain"
    #: Only a person helps: a dead letter is written and the record leaves the outbox.
    DEAD = "dead"
    #: No mapping wants the event. It never becomes a record, and only the receiver counts it.
    IGNORED = "ignored"

    @property
    def is_on_its_way(self) -> bool:
        """Whether the record stays in the outbox."""
        return self in (Disposition.PENDING, Disposition.UNCERTAIN)
