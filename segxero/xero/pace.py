"""The pace: how long records gather before a call, so that the day's calls last as long as the day.

While there is plenty, nothing gathers. As the rest of the day's calls sinks towards half of what an even use would
have left, gathering grows; below that line, calls are spread evenly over what is left of the day.
"""

from segxero.xero.budget import Rest

DAY_SECONDS = 86_400
PLENTY = 0.25  # this share of the day's calls above the line means: at once


def gather_seconds(rest: Rest, day_limit: int) -> float:
    """Return how long the oldest record should have waited before the next call is spent."""
    if rest.day <= 0:
        return rest.day_ends_in
    line = 0.5 * rest.day_ends_in / DAY_SECONDS
    above = rest.day / day_limit - line
    scarcity = min(max(1 - above / PLENTY, 0.0), 1.0)
    even = rest.day_ends_in / rest.day
    return scarcity * even
