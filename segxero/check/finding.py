"""A finding: one line of the check."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands: only a FAULT makes the check fail; a NOTE is worth knowing, and UNSEEN could not be looked at."""

    GOOD = "ok"
    NOTE = "note"
    FAULT = "FAULT"
    UNSEEN = "not looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, how it stands, what was found, and what to do about it."""

    name: str
    state: State
    found: str
    remedy: str = ""

    @property
    def good(self) -> bool:
        """Whether the check may pass with it."""
        return self.state is not State.FAULT

    @property
    def row(self) -> dict[str, str]:
        """The line as the command prints it."""
        return {"state": str(self.state), "what": self.name, "found": self.found, "remedy": self.remedy}


def good(name: str, found: str) -> Finding:
    return Finding(name=name, state=State.GOOD, found=found)


def note(name: str, found: str, remedy: str = "") -> Finding:
    return Finding(name=name, state=State.NOTE, found=found, remedy=remedy)


def fault(name: str, found: str, remedy: str) -> Finding:
    return Finding(name=name, state=State.FAULT, found=found, remedy=remedy)


def unseen(name: str, reason: str, remedy: str = "") -> Finding:
    return Finding(name=name, state=State.UNSEEN, found=reason, remedy=remedy)
