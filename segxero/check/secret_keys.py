"""The secret keys: that they open what Redis keeps of tokens."""

from collections.abc import Iterator

from segxero.check.finding import Finding, fault, good, note
from segxero.check.set_up import SetUp

NAME = "SEGXERO_SECRET_KEY"


def look(set_up: SetUp) -> Iterator[Finding]:
    """Try the keys on every token set of this app, and change none."""
    seen = set_up.services.token_sets.look()
    number = seen.current + seen.renewed + len(seen.unreadable)
    if seen.unreadable:
        yield fault(
            NAME,
            f"opens {number - len(seen.unreadable)} of {number} token sets",
            "add the key that they were encrypted with, behind a comma, then `segxero keys rotate`; or connect again",
        )
    elif seen.renewed:
        yield note(
            NAME,
            f"{seen.renewed} of {number} token sets are encrypted with an older key",
            "`segxero keys rotate`, then take the old key away",
        )
    elif number:
        yield good(NAME, f"opens all {number} token sets")
    else:
        yield good(NAME, "no token is kept yet")
