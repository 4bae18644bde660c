"""Liquid templates as Segment renders them: python-liquid with LiquidJS's filters, exact numbers and limits."""

from segxero.mapping.liquid.template import LiquidFault, Template

__all__ = ["LiquidFault", "Template"]
