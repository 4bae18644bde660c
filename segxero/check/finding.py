"""A finding: one line of the set-up check, made by every area of `segxero.check`."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The state of a finding: only FAULT fails the check. NOTE is information; UNSEEN means it was not checked."""

    GOOD = "ok"
    NOTE = "note"
    FAULT = "FAULT"
    UNSEEN = "not looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The *name* of the thing checked, its *state*, the fact *found* and the *remedy* for a person."""

    name: str
    state: State
    found: str
    remedy: str = ""

    @property
    def good(self) -> bool:
        """True unless this finding fails the check."""
        return self.state is not State.FAULT

    @property
    def row(self) -> dict[str, str]:
        """The columns printed by `segxero check`."""
        return {"state": str(self.state), "what": self.name, "found": self.found, "remedy": self.remedy}


def good(name: str, found: str) -> Finding:
    return Finding(name=name, state=State.GOOD, found=found)


def note(name: str, found: str, remedy: str = "") -> Finding:
    return Finding(name=name, state=State.NOTE, found=found, remedy=remedy)


def fault(name: str, found: str, remedy: str) -> Finding:
    return Finding(name=name, state=State.FAULT, found=found, remedy=remedy)


def unseen(name: str, reason: str, remedy: str = "") -> Finding:
    return Finding(name=name, state=State.UNSEEN, found=reason, remedy=remedy)
