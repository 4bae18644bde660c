"""Every error of segxero, named by what happens next.

    SegxeroError
    ├── RetryableError        the same call may succeed later: Celery retries it, nobody is called
    │   └── UncertainError    sent, answer lost: Xero is asked what is there before anything is sent again
    ├── PermanentError        the same input fails again: dead letter at once, a person fixes data or mapping
    │   ├── InvalidEventError     Segment's event cannot be read
    │   ├── MappingError          a mapping cannot be applied to this event
    │   ├── MissingError          what the record refers to never came
    │   └── XeroValidationError   Xero refused the record, with its own sentences
    ├── ParkedError           the record waits for another record or for a person, with its reason
    ├── AuthenticationError   Xero does not let us in: the organisation is paused until somebody reconnects it
    ├── FormatError           newer code wrote it: it is left where it is
    ├── DeadLetterError       shows a dead letter as a failed task
    └── ConfigError           wrong set-up: the process does not start

The first argument of each is the sentence that a person reads. Every further argument has a default,
because Celery pickles errors and replaces those it cannot rebuild by their base class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ENDPOINT, ORGANISATION = "endpoint", "organisation"  # what is down: one kind of call, or all of an organisation's


class SegxeroError(Exception):
    """The root of every error that segxero raises on purpose."""


class DeadLetterError(SegxeroError):
    """A dead letter waits for a person: raised by the task that shows it in Flower, and by nothing else."""


class FormatError(SegxeroError):
    """The data in Redis was written by newer code than this: it stays where it is until that code comes."""


class RetryableError(SegxeroError):
    """The same call may succeed later, but not before *retry_after* seconds.

    *down* says what Xero's silence tells of: ENDPOINT (it may be this call's alone), ORGANISATION, or '' for nothing.
    """

    def __init__(self, message: str = "", retry_after: float = 0.0, down: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.down = down


class UncertainError(RetryableError):
    """The call was sent and its answer is lost: look in Xero before sending again."""


class PermanentError(SegxeroError):
    """The same input will fail again: it becomes a dead letter at once."""


class InvalidEventError(PermanentError):
    """Segment's event cannot be read."""


class MappingError(PermanentError):
    """A mapping cannot be applied to this event."""


class MissingError(PermanentError):
    """A record that this record refers to did not come, and nobody will send it any more."""


class SharedKeyError(PermanentError):
    """Two sources tell different orders under one key; *next_step* says what a person decides."""

    def __init__(self, message: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step


class XeroValidationError(PermanentError):
    """Xero refused a record; *sentences* are Xero's own."""

    def __init__(self, message: str = "", sentences: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.sentences = tuple(sentences)


class ParkedError(SegxeroError):
    """The record cannot be sent yet; the message says what it waits for.

    It is *stuck* when only a person helps, and not when an event will bring the missing part. *lacks* names the rows
    that are missing from the tables, as pairs of table and row. *kind* names the cause for code, *explanations* are the
    readings to choose from, *amount* and *currency* are the money that waits.
    """

    def __init__(
        self,
        message: str = "",
        stuck: bool = True,
        lacks: Sequence[tuple[str, str]] = (),
        *,
        kind: str = "",
        explanations: Sequence[str] = (),
        amount: Decimal | None = None,
        currency: str = "",
    ) -> None:
        super().__init__(message)
        self.stuck = stuck
        self.lacks = tuple(lacks)
        self.kind = kind
        self.explanations = tuple(explanations)
        self.amount = amount
        self.currency = currency


class AuthenticationError(SegxeroError):
    """Xero does not accept our token, scopes or tenant: somebody must reconnect.

    *shared* names what several organisations have lost together, so that a person is told of it once; '' for nothing.
    """

    def __init__(self, message: str = "", shared: str = "") -> None:
        super().__init__(message)
        self.shared = shared


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in the set-up: where (file, line, path) and what to do."""

    message: str
    file: str = ""
    line: int = 0
    path: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class ConfigError(SegxeroError):
    """The set-up is wrong; *faults* lists everything that is, at once."""

    def __init__(self, message: str = "", faults: Sequence[Fault] = ()) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join([message, *map(str, self.faults)]).strip())
        self.message = message

    def __reduce__(self) -> tuple[type["ConfigError"], tuple[str, tuple[Fault, ...]]]:
        return type(self), (self.message, self.faults)
