"""Where Segment's engine reads a trigger otherwise than it is written: it is told so when the files are checked.

Its parser knows one operator for a whole level (the last one written), ends a group at the first `)` and forgets a
`!` that stands before a parenthesis (reference: the trigger grammar of Segment's destination-subscriptions package).
"""

from collections.abc import Iterator, Sequence

from lark import Token

from segxero.mapping.triggers.clauses import Clause, Every, Node, Not, Some, leaves, written

FUNCTIONS = {"contains", "match"}
KEYWORDS = {"and", "or", "null"}
REST_OF_CLAUSE = 2  # a sign and a value
REST_OF_CALL = 5  # parenthesis, field, comma, text, parenthesis


class UnreadableError(Exception):
    """Segment gives up on this trigger: it never matches there."""


def traps(node: Node, tokens: Sequence[Token], text: str) -> Iterator[str]:
    """Say where Segment would read the trigger otherwise than *node*, which is what it says."""
    yield from _lost_clauses(tokens, text)
    yield from _unreadable_names(tokens)
    try:
        reading = segment_reading(tokens, list(leaves(node)))
    except UnreadableError:
        yield "in Segment this trigger never matches, because it nests parentheses; here it means what it says"
        return
    if _flat(reading) != _flat(node):
        yield f"Segment reads this as: {written(_flat(reading))}; here it means what it says"


def segment_reading(tokens: Sequence[Token], clauses: Sequence[Clause]) -> Node:
    """Read *tokens* as Segment does; *clauses* are those of the trigger from left to right."""
    return _level(list(tokens), iter(clauses))


def _level(tokens: list[Token], clauses: Iterator[Clause]) -> Node:
    parts: list[Node] = []
    operator = "and"
    while tokens:
        token = tokens.pop(0)
        if token.type == "WORD":
            del tokens[: REST_OF_CALL if token in FUNCTIONS else REST_OF_CLAUSE]
            parts.append(next(clauses))
        elif token.type == "LPAR":
            parts.append(_level(_group(tokens), clauses))
        elif token.type in {"AND", "OR"}:
            operator = str(token)
    if len(parts) == 1:
        return parts[0]
    return Some(tuple(parts)) if operator == "or" else Every(tuple(parts))


def _group(tokens: list[Token]) -> list[Token]:
    """Take off what Segment takes for the inside of a group: all up to the first closing parenthesis."""
    inside: list[Token] = []
    while tokens and tokens[0].type != "RPAR":
        inside.append(tokens.pop(0))
    if not tokens:
        raise UnreadableError
    del tokens[0]
    return inside


def _flat(node: Node) -> Node:
    """Leave out parentheses that change nothing."""
    if isinstance(node, Clause):
        return node
    if isinstance(node, Not):
        return Not(_flat(node.part))
    parts: list[Node] = []
    for part in map(_flat, node.parts):
        parts += part.parts if isinstance(part, Every | Some) and type(part) is type(node) else [part]
    return type(node)(tuple(parts))


def _lost_clauses(tokens: Sequence[Token], text: str) -> Iterator[str]:
    for token in tokens:
        following = text[token.end_pos : token.end_pos + 1] if token.end_pos is not None else ""
        if token.type == "TEXT" and following and following not in " \t\n,])":
            end = "the line end of Windows" if following == "\r" else f'"{following}"'
            yield f"a text needs a space behind it in Segment: behind {token} stands {end}, and what follows is lost"


def _unreadable_names(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        names = token.split(".")[1:] if token.type == "WORD" else []
        for name in names:
            if name in KEYWORDS or name[:1].isdigit() or not name.isascii():
                yield f"Segment cannot read {name} in {token}; here it works"
