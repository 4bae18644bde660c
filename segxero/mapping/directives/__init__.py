"""The directives: importing this package registers them all."""

from segxero.mapping.directives import amounts, collections, dates, liquid, own, texts, values

__all__ = ["amounts", "collections", "dates", "liquid", "own", "texts", "values"]
