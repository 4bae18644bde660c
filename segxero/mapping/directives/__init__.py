"""The directives: importing this package registers them all."""

from segxero.mapping.directives import collections, own, texts, values

__all__ = ["collections", "own", "texts", "values"]
