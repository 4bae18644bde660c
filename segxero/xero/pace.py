"""The pace: how long records gather before a call, so that the day's calls last as long as the day.

While there is plenty, nothing gathers. As the rest of the day's calls sinks towards half of what an even use would
have left, gathering grows, slowly at first; below that line, calls are spread evenly over what is left of the day.
"""

from segxero.xero.budget import Rest

DAY_SECONDS = 86_400
PLENTY = 0.2  # this share of the day's calls above the line means: at once


def gather_seconds(rest: Rest, day_limit: int, sharers: int = 1) -> float:
    """Return how long the oldest record should have waited before the next call is spent.

    *sharers* is the number of queues that spend the same calls.
    """
    if rest.day <= 0:
        return rest.day_ends_in
    line = 0.5 * rest.day_ends_in / DAY_SECONDS
    above = rest.day / day_limit - line
    scarcity = min(max(1 - above / PLENTY, 0.0), 1.0)
    even = sharers * rest.day_ends_in / rest.day
    return scarcity**2 * min(even, rest.day_ends_in)
