"""The conditions behind the clauses of a trigger: a function for each operator, with Segment's meaning."""

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from segxero.mapping.values.paths import Getter
from segxero.mapping.values.undefined import UNDEFINED

Condition = Callable[[Any], bool]

NUMBER_TYPES = {int, Decimal}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def both(conditions: Sequence[Condition]) -> Condition:
    """Hold when all *conditions* hold."""
    if len(conditions) == 2:  # noqa: PLR2004  the usual case is worth its own closure
        first, second = conditions
        return lambda event: first(event) and second(event)
    return lambda event: all(condition(event) for condition in conditions)


def either(conditions: Sequence[Condition]) -> Condition:
    """Hold when any of *conditions* holds."""
    if len(conditions) == 2:  # noqa: PLR2004  the usual case is worth its own closure
        first, second = conditions
        return lambda event: first(event) or second(event)
    return lambda event: any(condition(event) for condition in conditions)


def negated(condition: Condition) -> Condition:
    return lambda event: not condition(event)


def text_equals(field: Getter, text: str) -> Condition:
    return lambda event: bool(field(event) == text)


def text_differs(field: Getter, text: str) -> Condition:
    """Hold for everything but *text*: also when the field is missing or a number."""
    return lambda event: bool(field(event) != text)


def exists(field: Getter) -> Condition:
    return lambda event: (value := field(event)) is not None and value is not UNDEFINED


def is_missing(field: Getter) -> Condition:
    return lambda event: (value := field(event)) is None or value is UNDEFINED


def is_boolean(field: Getter, wanted: bool) -> Condition:
    return lambda event: field(event) is wanted


def compares(field: Getter, sign: str, number: Decimal) -> Condition:
    """Compare a number. Texts, even those that look like numbers, and missing fields never hold."""
    compare = COMPARISONS[sign]

    def hold(event: Any) -> bool:
        value = field(event)
        if isinstance(value, float):
            value = Decimal(repr(value))
        return type(value) in NUMBER_TYPES and compare(value, number)

    return hold


def contains(field: Getter, text: str) -> Condition:
    return lambda event: isinstance(value := field(event), str) and text in value


def lacks(field: Getter, text: str) -> Condition:
    """Hold for a text without *text*. A missing field neither contains nor lacks it."""
    return lambda event: isinstance(value := field(event), str) and text not in value


def starts_with(field: Getter, text: str) -> Condition:
    return lambda event: isinstance(value := field(event), str) and value.startswith(text)


def starts_otherwise(field: Getter, text: str) -> Condition:
    return lambda event: isinstance(value := field(event), str) and not value.startswith(text)


def ends_with(field: Getter, text: str) -> Condition:
    return lambda event: isinstance(value := field(event), str) and value.endswith(text)


def ends_otherwise(field: Getter, text: str) -> Condition:
    return lambda event: isinstance(value := field(event), str) and not value.endswith(text)
