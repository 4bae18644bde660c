"""Batches: which of the records that are ready go in one call."""

from collections.abc import Sequence

from segxero.sync.delivery.planning import Ready


def together(ready: Sequence[Ready]) -> list[Ready]:
    """Return those that go in one call with the first: same object, same verb, and no more than it may go with."""
    first = ready[0]
    row = first.record.row
    alike = [
        item
        for item in ready
        if item.record.row is row
        and bool(item.record.xero_id) == bool(first.record.xero_id)
        and place(item) == place(first)
    ]
    return front(alike, row.batch)


def place(ready: Ready) -> str:
    return ready.record.row.together(ready.wanted)


def front(ready: Sequence[Ready], most: int) -> list[Ready]:
    """Return as many from the front as may go in one call: *most*, or fewer with one whose batch was halved."""
    taken: list[Ready] = []
    for item in ready:
        most = min(item.record.batch or most, most)
        if len(taken) >= most:
            break
        taken.append(item)
    return taken
