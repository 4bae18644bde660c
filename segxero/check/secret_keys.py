"""Secret keys: checks that they decrypt the tokens stored in Redis. An area of the set-up check."""

from collections.abc import Iterator

from segxero.check.finding import Finding, fault, good, note
from segxero.check.set_up import SetUp

NAME = "SEGXERO_SECRET_KEY"


def look(set_up: SetUp) -> Iterator[Finding]:
    """Decrypt every stored token set of this app, without changing any."""
    seen = set_up.services.token_sets.look()
    number = seen.current + seen.renewed + len(seen.unreadable)
    # Unreadable tokens block deliveries now; tokens of an older key work until that key is removed.
    if seen.unreadable:
        yield fault(
            NAME,
            f"decrypts {number - len(seen.unreadable)} of {number} token sets",
            "append the key they were encrypted with, after a comma, and run `segxero keys rotate`; or connect again",
        )
    elif seen.renewed:
        yield note(
            NAME,
            f"{seen.renewed} of {number} token sets are encrypted with an older key",
            "run `segxero keys rotate`, then remove the old key",
        )
    elif number:
        yield good(NAME, f"decrypts all {number} token sets")
    else:
        yield good(NAME, "no tokens are stored yet")
