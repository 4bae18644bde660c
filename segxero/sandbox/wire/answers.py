"""Answers: a single type for all of them, written as JSON or as an XML stub."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from segxero.jsontext import dumps

JSON = "application/json; charset=utf-8"
XML = "text/xml; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
# Xero's names of elements that are not the name of their list without the last letter.
IRREGULAR = {
    "Addresses": "Address",
    "Currencies": "Currency",
    "Elements": "DataContractBase",
    "TrackingCategories": "TrackingCategory",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: *data* is written as JSON or XML; without data *content* or *text* goes out as it is.

    *lost* drops the connection after the work: nothing of the answer reaches the caller.
    """

    status: int = 200
    data: Any = None
    text: str = ""
    content: bytes = b""
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False

    def encoded(self, *, as_json: bool = True) -> tuple[bytes, str]:
        """Return the body and its content type ("" = none)."""
        if self.data is None:
            return self.content or self.text.encode(), self.content_type
        # Xero answers XML unless the caller asks for JSON, so a client cannot forget the header.
        if as_json:
            return dumps(self.data).encode(), JSON
        return _xml(self.data), XML


def _xml(data: Any) -> bytes:
    root = ET.Element("ApiException" if isinstance(data, dict) and "ErrorNumber" in data else "Response")
    _fill(root, data)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _fill(parent: ET.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, content in value.items():
            _fill(ET.SubElement(parent, str(name)), content)
    elif isinstance(value, list):
        for content in value:
            _fill(ET.SubElement(parent, IRREGULAR.get(parent.tag, parent.tag.removesuffix("s"))), content)
    elif isinstance(value, bool):
        parent.text = str(value).lower()
    elif isinstance(value, str | int | Decimal):
        parent.text = str(value)
