"""Gaps: the reasons why a value can come out empty. Each directive declares how its gaps are found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Gap:
    """A reason why a key can be wrong. A partial gap leaves a text that names another record."""

    reason: str
    is_partial: bool = False


# The second argument names the fields that every event of the mapping has.
FindGaps: TypeAlias = Callable[[Any, frozenset[str]], list[Gap]]


def is_never_empty(_argument: Any) -> bool:
    """Say that no argument is known with which the directive is always empty."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptiness:
    """The rule for empty results of a directive: it finds the gaps of an argument, and arguments that are always empty.

    Without *find_gaps* the argument does not tell, and the directive counts as possibly empty.
    """

    find_gaps: FindGaps | None
    is_always_empty: Callable[[Any], bool] = is_never_empty


UNKNOWN = Emptiness(find_gaps=None)
