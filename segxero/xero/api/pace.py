"""The pace: when a call is worth its place in the budget, so that the day's calls last all day. Asked by delivery.

Everything is measured by the *share*: the calls left, divided by the calls left after an even use.
At 1 they last exactly until the reset.

- From PLENTY on, a live record goes at once.
- Below it records gather, to share a call: the farther below, the longer. At EVEN a record waits as long as evenly
  spread calls would be apart for the rest of the day; below it up to as many times as long as there are queues. So the
  share settles where the calls last, for any number of queues.
- A full call would not become cheaper by waiting. It goes at once, until only the RESERVE is left.
- Records without urgency go from SPARE on only, and never while live records wait: first imported history, last
  notes.
- With no call left, all wait for the reset.

Waits are in seconds; 0 means now.
"""

from segxero.xero.api.budget import CallsLeft

DAY_SECONDS = 86_400
SPARE = 0.95
PLENTY = 0.9
EVEN = 0.8
RESERVE = 0.2
SPARE_MINUTE = 30  # calls of a minute kept for live records
LOOK_AGAIN_SECONDS = 5.0


def share(calls: CallsLeft, day_limit: int) -> float:
    """Return the calls left, divided by the calls left after an even use of *day_limit*."""
    even = day_limit * calls.day_ends_in / DAY_SECONDS
    return calls.day / max(even, 1e-6)


def live_seconds(calls: CallsLeft, day_limit: int, oldest: float, sharers: int = 1, *, is_full: bool = False) -> float:
    """Return in how many seconds live records are worth a call, when the oldest has waited for *oldest* seconds.

    *sharers* is the number of queues on the same calls; *is_full*: no more records fit into the call.
    """
    if calls.day <= 0:
        return calls.day_ends_in
    share_left = share(calls, day_limit)
    if share_left >= PLENTY or (is_full and share_left >= RESERVE):
        return 0.0
    scarcity = (PLENTY - share_left) / (PLENTY - EVEN)
    gather = min(scarcity**2, sharers) * calls.day_ends_in / calls.day
    return max(min(gather, calls.day_ends_in) - oldest, 0.0)


def spare_seconds(calls: CallsLeft, day_limit: int, *, urgent: bool = False) -> float:
    """Return in how many seconds to look again for a spare call; *urgent*: live records wait."""
    if calls.day <= 0:
        return calls.day_ends_in
    if urgent or calls.minute <= SPARE_MINUTE or share(calls, day_limit) < SPARE:
        return LOOK_AGAIN_SECONDS
    return 0.0
