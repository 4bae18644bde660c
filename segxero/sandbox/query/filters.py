"""Xero's `where` language: comparisons, AND, OR, parentheses, guid("…"), DateTime(…) and three text methods."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from segxero.sandbox.query.conditions import METHODS, Both, Compare, Condition, Either, Field, Method
from segxero.sandbox.wire.refusals import RefusalError, invalid_query

_GRAMMAR = r"""
?start: either
?either: both (_OR both)*
?both: atom (_AND atom)*
?atom: "(" either ")" | comparison | method
comparison: PATH OPERATOR literal
method: PATH "(" literal ")"
?literal: STRING -> text | NUMBER -> number | TRUTH -> truth | _NULL -> null
        | _GUID "(" STRING ")" -> guid
        | _DATETIME "(" NUMBER ("," NUMBER)* ")" -> moment
_OR.2: "||" | /OR\b/i
_AND.2: "&&" | /AND\b/i
_GUID: /guid/i
_DATETIME: /DateTime/i
_NULL: /null/i
TRUTH: /true|false/i
OPERATOR: "==" | "!=" | "<>" | ">=" | "<=" | "=" | ">" | "<"
STRING: /"[^"]*"/
NUMBER: /-?\d+(\.\d+)?/
PATH: /[A-Za-z]\w*(\.[A-Za-z]\w*)*/
%ignore /\s+/
"""
_PARSER = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=False)
_MOMENTS = {3: "%Y %m %d", 5: "%Y %m %d %H %M", 6: "%Y %m %d %H %M %S"}


@dataclass(frozen=True, slots=True)
class Literal:
    """A value, and the kind as which Xero compares it."""

    kind: str
    value: Any


class _Builder(Transformer[Token, Condition]):
    """Turns the parse tree into conditions on the properties of an object."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        super().__init__()
        self._fields = fields

    def either(self, parts: list[Condition]) -> Condition:
        return Either(tuple(parts))

    def both(self, parts: list[Condition]) -> Condition:
        return Both(tuple(parts))

    def comparison(self, parts: list[Any]) -> Condition:
        path, sign, literal = parts
        field = self._field(str(path))
        # Xero refuses to compare a guid with a text.
        if literal.kind not in {field.kind, "null"}:
            raise invalid_query(
                f"Operator '{sign}' incompatible with operand types '{field.kind}' and '{literal.kind}' at {path}"
            )
        return Compare(field, str(sign), literal.value)

    def method(self, parts: list[Any]) -> Condition:
        path, _, name = str(parts[0]).rpartition(".")
        if name.lower() not in METHODS or parts[1].kind != "text":
            raise invalid_query(f"No applicable method '{name}' exists in type 'String'")
        return Method(path, self._field(path), name.lower(), parts[1].value)

    def text(self, parts: list[Token]) -> Literal:
        return Literal("text", str(parts[0])[1:-1].casefold())

    def number(self, parts: list[Token]) -> Literal:
        return Literal("number", Decimal(str(parts[0])))

    def truth(self, parts: list[Token]) -> Literal:
        return Literal("flag", str(parts[0]).lower() == "true")

    def null(self, parts: list[Token]) -> Literal:
        return Literal("null", None)

    def guid(self, parts: list[Token]) -> Literal:
        return Literal("guid", str(parts[0])[1:-1].lower())

    def moment(self, parts: list[Token]) -> Literal:
        text = " ".join(parts)
        return Literal("moment", datetime.strptime(text, _MOMENTS[len(parts)]).replace(tzinfo=UTC))

    def _field(self, path: str) -> Field:
        field = self._fields.get(path.lower())
        if field is None:
            raise invalid_query(f"No property or field '{path}' exists in this type")
        return field


def parse_where(text: str, fields: Mapping[str, Field]) -> Condition:
    """Parse a `where` over *fields* (lower-case path -> field). Refuse the request when it has a syntax error."""
    try:
        return _Builder(fields).transform(_PARSER.parse(text))
    except UnexpectedInput as error:
        raise invalid_query(f"Syntax error in where at position {error.column}: {text}") from None
    except VisitError as error:
        if isinstance(error.orig_exc, RefusalError):
            raise error.orig_exc from None
        raise invalid_query(f"Invalid literal in where: {text}") from None
