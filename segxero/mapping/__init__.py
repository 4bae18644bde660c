"""Mappings in Segment's language: triggers choose events, directives make fields of them. Pure but for the loader."""

from segxero.mapping.engine import compile_value, transform
from segxero.mapping.triggers.trigger import Trigger, TriggerError, parse_trigger
from segxero.mapping.values.undefined import UNDEFINED

__all__ = ["UNDEFINED", "Trigger", "TriggerError", "compile_value", "parse_trigger", "transform"]
