"""The grammar of triggers. It accepts more than the language allows, so that each slip gets its own message."""

from functools import cache

from lark import Lark

GRAMMAR = r"""
    start: either
    either: both ("or" both)*
    both: _clause ("and" _clause)*
    _clause: _plain | negation

    negation: BANG _plain
    _plain: comparison | call | "(" either ")"
    comparison: (WORD | call) SIGN _value
    call: WORD "(" [_value ("," _value)*] ")"
    _value: TEXT | NUMBER | TRUE | FALSE | NULL | WORD

    TRUE: "true"
    FALSE: "false"
    NULL: "null"
    BANG: "!"
    SIGN: /<=|>=|!=|=|<|>/
    TEXT: /"[^"]*"/
    NUMBER: /[+-]?\d+(\.\d+)?/
    WORD: /[^\W\d](?:[\w-]|\\.)*(?:\.(?:[\w-]|\\.)+)*/

    %ignore /\s+/
"""

NAMES = {
    "WORD": "a field such as properties.total",
    "SIGN": "one of = != < <= > >=",
    "TEXT": "a text in double quotes",
    "NUMBER": "a number",
    "AND": '"and"',
    "OR": '"or"',
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": "a comma",
    "BANG": "!",
}


@cache
def parser() -> Lark:
    """Return the parser. The basic lexer reads a word the same way in every place."""
    return Lark(GRAMMAR, parser="lalr", lexer="basic")
