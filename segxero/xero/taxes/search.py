"""The search of the solver for the choices of a rate per group with a given sum. Pure numbers, nothing of tax.

A table of reachable sums (a bit for each) tells at every step whether the rest can still make the sum, so a search
over hundreds of products follows only promising branches. Called by `solver`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_BUCKETS = 200_000
MOST_STEPS = 5_000_000


class TooManyStepsError(Exception):
    """The search has used up its steps: there are too many different products to tell."""


@dataclass(slots=True)
class Steps:
    """The work allowed for an order, over all its searches."""

    left: int = MOST_STEPS

    def take(self, steps: int) -> None:
        """Use *steps* up. Raise TooManyStepsError when none are left."""
        self.left -= steps
        if self.left < 0:
            raise TooManyStepsError


Choice = tuple[int, ...]
Sums = Sequence[Sequence[int]]  # for each group, the sum of each of its choices


class Reach:
    """The possible sums of the groups from each place on, in buckets."""

    def __init__(self, groups: Sums, steps: Steps) -> None:
        self.groups = groups
        self.lows = [min(group) for group in groups]
        spread = sum(max(group) - low for group, low in zip(groups, self.lows, strict=True))
        self.bucket = spread // MOST_BUCKETS + 1
        self.low_from = [0] * (len(groups) + 1)
        self.bits = [1] * (len(groups) + 1)
        for place in range(len(groups) - 1, -1, -1):
            low = self.lows[place]
            self.low_from[place] = self.low_from[place + 1] + low
            later, bits = self.bits[place + 1], 0
            for value in set(groups[place]):
                bits |= later << ((value - low) // self.bucket)
            self.bits[place] = bits
            steps.take(len(groups[place]))

    def can_make(self, place: int, least: int, most: int) -> bool:
        """Tell whether the groups from *place* on may make a sum from *least* to *most*."""
        low = self.low_from[place]
        # Every group is rounded down to its bucket, so the true sum may lie a bucket higher for each.
        first = max((least - low) // self.bucket - (len(self.groups) - place), 0)
        last = (most - low) // self.bucket
        if last < first:
            return False
        return bool((self.bits[place] >> first) & ((1 << (last - first + 1)) - 1))

    def find_nearest(self, wanted: int) -> int:
        """Return about the sum nearest to *wanted*."""
        place = (wanted - self.low_from[0]) // self.bucket
        bits = self.bits[0]
        below = bits & ((1 << (place + 1)) - 1) if place >= 0 else 0
        above = bits >> place if place > 0 else bits
        candidates = []
        if below:
            candidates.append(below.bit_length() - 1)
        if above:
            candidates.append(max(place, 0) + (above & -above).bit_length() - 1)
        nearest = min(candidates, key=lambda bucket: abs(bucket - place))
        return self.low_from[0] + nearest * self.bucket


def search(reach: Reach, least: int, most: int, steps: Steps) -> Iterator[Choice]:
    """Yield every choice, an index for each group, whose sum lies from *least* to *most*."""
    groups = reach.groups
    stack: list[tuple[int, int, Choice]] = [(0, 0, ())] if reach.can_make(0, least, most) else []
    while stack:
        place, made, chosen = stack.pop()
        if place == len(groups):
            yield chosen
            continue
        steps.take(len(groups[place]))
        # The choice pushed last is looked at first, so the choices are pushed backwards.
        for index in range(len(groups[place]) - 1, -1, -1):
            value = made + groups[place][index]
            if reach.can_make(place + 1, least - value, most - value):
                stack.append((place + 1, value, (*chosen, index)))
