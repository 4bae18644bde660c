"""Liquid templates: parsed and checked once, then rendered for each event within limits of time and size.

The directive @liquid calls this module.
"""

import re
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TextIO

from liquid import Environment, RenderContext
from liquid.ast import Node
from liquid.builtin import content, illegal, output
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.primitive import FloatLiteral, RangeLiteral, StringLiteral
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    comment_tag,
    cycle_tag,
    decrement_tag,
    echo_tag,
    if_tag,
    increment_tag,
    inline_comment_tag,
    liquid_tag,
    unless_tag,
)
from liquid.exceptions import LiquidError, ResourceLimitError
from liquid.expression import Expression
from liquid.template import BoundTemplate
from liquid.utils import ReadOnlyChainMap

from segxero.mapping.liquid.filters import ABSENT, DISABLED, FILTERS, LONGEST_TEXT, limited, text

LONGEST = 1000
SECONDS = 0.5
LARGEST_NAMESPACE = 10 * LONGEST_TEXT

DISABLED_TAGS = {"case", "for", "include", "layout", "render", "tablerow"}
UNEXPECTED_TAG = re.compile(r"unexpected tag '(\w+)'")
NOW = {"now", "today"}


class LiquidFault(Exception):  # noqa: N818  it becomes a Fault or a MappingError
    """A fault of a template, or of its use on an event."""


class LiquidContext(RenderContext):
    """Python-liquid's context without its clock (`now`, `today`), and with a deadline for every filter."""

    env: "SegmentLiquid"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self.last_moment = time.monotonic() + self.env.seconds

    def filter(self, name: str, token: Any) -> Any:
        """Return the filter *name*; an unknown filter leaves the value as it is."""
        if time.monotonic() > self.last_moment:
            raise ResourceLimitError(f"it takes longer than {self.env.seconds} seconds", token=token)
        return super().filter(name, token)


class Bound(BoundTemplate):
    """A template that renders in our context."""

    context_class = LiquidContext


class PlainOutput(output.OutputNode):
    """`{{ … }}` and echo, written as LiquidJS writes."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(text(self.expression.evaluate(context)))


class Output(output.Output):
    """The tag behind `{{ … }}`."""

    node_class = PlainOutput


class Echo(echo_tag.EchoTag):
    """The tag `{% echo … %}`."""

    node_class = PlainOutput  # type: ignore[assignment]


TAGS = (
    content.Literal, Output, illegal.Illegal, if_tag.IfTag, unless_tag.UnlessTag, comment_tag.CommentTag,
    capture_tag.CaptureTag, cycle_tag.CycleTag, assign_tag.AssignTag, increment_tag.IncrementTag,
    decrement_tag.DecrementTag, Echo, liquid_tag.LiquidTag, inline_comment_tag.InlineCommentTag,
)  # fmt: skip


class SegmentLiquid(Environment):
    """The tags and filters that Segment allows; rendering takes at most *seconds*."""

    seconds = SECONDS
    template_class = Bound
    output_stream_limit = LONGEST_TEXT
    local_namespace_limit = LARGEST_NAMESPACE
    string_first_and_last = True
    logical_not_operator = True

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in TAGS:
            self.add_tag(tag)
        for name, function in FILTERS.items():
            self.add_filter(name, limited(function))


ENVIRONMENT = SegmentLiquid(strict_filters=False)


class Template:
    """A template. Raise LiquidFault if it is wrong; *unknown_filters* leave their value as it is."""

    def __init__(self, source: str, environment: SegmentLiquid = ENVIRONMENT) -> None:
        if len(source) > LONGEST:
            raise LiquidFault(f"has {len(source)} characters: a template has at most {LONGEST}")
        try:
            self._template = environment.from_string(source)
        except LiquidError as error:
            raise LiquidFault(_advice(error)) from None
        expressions = [expression for node in self._template.nodes for expression in _expressions(node)]
        self.unknown_filters = _check_filters(expressions)
        for literal in expressions:
            if isinstance(literal, RangeLiteral):
                raise LiquidFault(f"cannot use the range {literal}: there are no loops to use it in")
            if isinstance(literal, FloatLiteral):
                # Events hold Decimals, and a float is hardly ever equal to a Decimal.
                literal.value = Decimal(literal.token.value)  # type: ignore[assignment]

    def render(self, event: Any) -> str:
        """Fill the template. Raise LiquidFault when *event* does not allow it or a limit is reached."""
        try:
            return self._template.render(event if isinstance(event, Mapping) else {})
        except LiquidError as error:
            raise LiquidFault(str(error.message)) from None


def _advice(error: LiquidError) -> str:
    message = str(error.message)
    if tag := UNEXPECTED_TAG.search(message):
        name = tag.group(1)
        why = "Segment refuses it as well" if name in DISABLED_TAGS else "Segment does not know it"
        instead = "make lists with @arrayPath" if name in {"for", "tablerow"} else "choose with @if or {% if %}"
        return f"cannot use the tag {name} ({why}): {instead}"
    return f"cannot be read as a Liquid template: {message}"


def _expressions(node: Node) -> Iterator[Expression]:
    for expression in node.expressions():
        yield from _parts(expression)
    for child in node.children(LiquidContext(ENVIRONMENT.from_string(""))):
        yield from _expressions(child)


def _parts(expression: Expression) -> Iterator[Expression]:
    yield expression
    for child in expression.children():
        yield from _parts(child)


def _check_filters(expressions: list[Expression]) -> tuple[str, ...]:
    unknown = []
    filtered = [expression for expression in expressions if isinstance(expression, FilteredExpression)]
    for expression, used in [(whole, used) for whole in filtered for used in whole.filters or []]:
        if used.name in DISABLED:
            raise LiquidFault(f"cannot use the filter {used.name}: Segment refuses it as well")
        if used.name in ABSENT:
            raise LiquidFault(f"cannot use the filter {used.name}: it is not available")
        if used.name == "date" and isinstance(expression.left, StringLiteral) and expression.left.value in NOW:
            raise LiquidFault('cannot ask for the time of day: write timestamp | date: "…", the time of the event')
        if used.name not in FILTERS:
            unknown.append(used.name)
    return tuple(dict.fromkeys(unknown))
