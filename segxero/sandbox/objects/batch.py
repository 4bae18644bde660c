"""Writes of many elements by a call. Each element has its own outcome; summarizeErrors decides how it is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segxero.sandbox.state.request import Request
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.refusals import XERO_ERROR, validation

Element = Mapping[str, Any]
ZERO_ID = "00000000-0000-0000-0000-000000000000"


class ElementRefusedError(Exception):
    """An element is refused with Xero's *messages*; the others of its call go on."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A saved element as it goes back, with Xero's warnings."""

    body: Element
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The way to write the elements of a collection.

    *write* saves an element or raises ElementRefusedError. *echo* shows a refused element, mixed with the server's
    view. *flag* is the property by which the object tells of errors.
    """

    collection: str
    flag: str
    write: Callable[[Request, Element], Written]
    echo: Callable[[Request, Element], Element]

    def run(self, request: Request, elements: Sequence[Element], *, can_ask_each: bool = True) -> Answer:
        """Write *elements* in order. A refused element does not hold back the others, summarised or not."""
        # With summarised errors a single refusal turns the answer into 400, while the others are saved.
        each = can_ask_each and not request.summarize_errors
        outcomes = [self._one(request, index, element) for index, element in enumerate(elements)]
        refused = [body for body, status in outcomes if status == "ERROR"]
        if refused and not each:
            return validation(refused)
        bodies = [{**body, "StatusAttributeString": status} if each else body for body, status in outcomes]
        # Xero does not promise the order of its answer, so clients must match elements by key.
        if request.fault.shuffle:
            request.world.random.shuffle(bodies)
        return request.answer(self.collection, bodies)

    def _one(self, request: Request, index: int, element: Element) -> tuple[dict[str, Any], str]:
        try:
            if request.fault.hits_element(index, str(element)):
                raise ElementRefusedError(request.fault.message or XERO_ERROR)
            written = self.write(request, element)
        except ElementRefusedError as error:
            echo = {**self.echo(request, element), self.flag: True, "ValidationErrors": write_messages(error.messages)}
            return echo, "ERROR"
        if written.warnings:
            return {**written.body, "Warnings": write_messages(written.warnings)}, "WARNING"
        return dict(written.body), "OK"


def write_messages(sentences: Sequence[str]) -> list[dict[str, str]]:
    return [{"Message": sentence} for sentence in sentences]
