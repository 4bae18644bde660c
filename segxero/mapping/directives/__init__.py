"""The directives, each declared in a single place. Importing this package registers them all; the engine does that."""

from segxero.mapping.directives import amounts, collections, dates, liquid, tables, texts, values

__all__ = ["amounts", "collections", "dates", "liquid", "tables", "texts", "values"]
