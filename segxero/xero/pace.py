"""The pace: how long records gather before a call, so that the day's calls last as long as the day.

While there is plenty, nothing gathers. As the rest of the day's calls sinks towards half of what an even use would
have left, gathering grows, slowly at first; below that line, calls are spread evenly over what is left of the day.
"""

from segxero.xero.budget import Rest

DAY_SECONDS = 86_400
PLENTY = 0.2  # this share of the day's calls above the line means: at once

SPARE = 0.4  # this share above the line means that nothing else will need the calls
SPARE_MINUTE = 30  # calls of a minute that stay for the others
LOOK_AGAIN_SECONDS = 5.0


def spare_seconds(rest: Rest, day_limit: int) -> float:
    """Return how long a call must wait that may only be made with what is spare; notes go last."""
    if rest.minute <= SPARE_MINUTE or _above_line(rest, day_limit) < SPARE:
        return LOOK_AGAIN_SECONDS
    return 0.0


def gather_seconds(rest: Rest, day_limit: int, sharers: int = 1) -> float:
    """Return how long the oldest record should have waited before the next call is spent.

    *sharers* is the number of queues that spend the same calls.
    """
    if rest.day <= 0:
        return rest.day_ends_in
    scarcity = min(max(1 - _above_line(rest, day_limit) / PLENTY, 0.0), 1.0)
    even = sharers * rest.day_ends_in / rest.day
    return scarcity**2 * min(even, rest.day_ends_in)


def _above_line(rest: Rest, day_limit: int) -> float:
    """Return which share of the day's calls is left above half of what an even use would have left."""
    return rest.day / day_limit - 0.5 * rest.day_ends_in / DAY_SECONDS
