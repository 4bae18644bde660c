"""Odd forms of good answers: dates without their zone, and words unknown to every client."""

import re
from dataclasses import replace
from typing import Any

from segxero.jsontext import dumps, loads
from segxero.sandbox.state.faults import Fault
from segxero.sandbox.wire.answers import Answer

_ZONE = re.compile(r"(/Date\(-?\d+)\+0000\)/")
_WORDS = {"ContactStatus": "PENDING", "Status": "INREVIEW"}


def bend(answer: Answer, fault: Fault) -> Answer:
    """Return *answer* in the odd form of *fault*."""
    if answer.status != 200 or answer.data is None or not (fault.zoneless_dates or fault.unknown_enum):  # noqa: PLR2004
        return answer
    # A change of the text reaches dates at every depth.
    text = dumps(answer.data)
    if fault.zoneless_dates:
        text = _ZONE.sub(r"\1)/", text)
    data = loads(text)
    if fault.unknown_enum:
        for elements in data.values():
            _replace_words(elements)
    return replace(answer, data=data)


def _replace_words(elements: Any) -> None:
    if isinstance(elements, list):
        for element in elements:
            element.update({name: word for name, word in _WORDS.items() if name in element})
