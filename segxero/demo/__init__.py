"""The demo: a whole segxero on this machine, a day of shop traffic, and what became of it."""

from segxero.demo.stack import LocalStack, StackError
from segxero.demo.story import run

__all__ = ["LocalStack", "StackError", "run"]
