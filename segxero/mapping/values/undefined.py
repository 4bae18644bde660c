"""UNDEFINED: the result of a path that finds nothing. Keys with it are dropped; null (None) stays."""

from enum import Enum


class Undefined(Enum):
    """The type of UNDEFINED: an enum, so that copying and pickling keep its identity."""

    UNDEFINED = "undefined"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED = Undefined.UNDEFINED


def without_undefined(value: object) -> object:
    """Copy *value* without the keys that hold UNDEFINED, at any depth; in lists it becomes None."""
    if isinstance(value, dict):
        return {key: without_undefined(item) for key, item in value.items() if item is not UNDEFINED}
    if isinstance(value, list):
        return [None if item is UNDEFINED else without_undefined(item) for item in value]
    return value


def without_missing_keys(value: object) -> object:
    """Copy *value* without the keys that hold UNDEFINED; in lists it stays."""
    if isinstance(value, dict):
        return {key: without_missing_keys(item) for key, item in value.items() if item is not UNDEFINED}
    return [without_missing_keys(item) for item in value] if isinstance(value, list) else value
