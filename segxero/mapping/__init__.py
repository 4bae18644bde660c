"""Mappings in Segment's language: triggers choose events, directives make fields of them.

The rooms are pure; only the loader of the files and its live copy read the disk.
"""

from segxero.mapping.engine import compile_value, transform
from segxero.mapping.triggers.trigger import Trigger, TriggerError, parse_trigger
from segxero.mapping.values.undefined import UNDEFINED

__all__ = ["UNDEFINED", "Trigger", "TriggerError", "compile_value", "parse_trigger", "transform"]
