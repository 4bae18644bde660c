"""The demo: a whole segxero on this machine, a day of shop traffic, and its outcome."""

from segxero.demo.day import run
from segxero.demo.stack import LocalStack, StackError

__all__ = ["LocalStack", "StackError", "run"]
