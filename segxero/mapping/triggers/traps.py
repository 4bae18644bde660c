"""Finds triggers that Segment's engine misreads. The checks of the files show them as warnings.

Its parser uses the last operator of a level for the whole level, ends a group at the first `)` and forgets a `!` before
a parenthesis (reference: the trigger grammar of Segment's destination-subscriptions package).
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


def find_traps(node: Node, tokens: Sequence[Token], text: str) -> Iterator[str]:
    """Say how Segment misreads the trigger; *node* is its true meaning."""
    yield from _lost_clauses(tokens, text)
    yield from _unreadable_names(tokens)
    try:
        reading = segment_reading(tokens, list(leaves(node)))
    except UnreadableError:
        yield "in Segment this trigger never matches, because it nests parentheses; here it is read as written"
        return
    if _flat(reading) != _flat(node):
        yield f"Segment reads this as: {written(_flat(reading))}; here it is read as written"


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
    # Brackets around a single clause change nothing.
    if len(parts) == 1:
        return parts[0]
    return Some(tuple(parts)) if operator == "or" else Every(tuple(parts))


def _group(tokens: list[Token]) -> list[Token]:
    """Take off the inside of a group as Segment sees it: everything up to the first closing parenthesis."""
    inside: list[Token] = []
    while tokens and tokens[0].type != "RPAR":
        inside.append(tokens.pop(0))
    if not tokens:
        raise UnreadableError
    del tokens[0]
    return inside


def _flat(node: Node) -> Node:
    """Remove parentheses without effect."""
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
            yield f"Segment needs a space after a text: after {token} comes {end}, and the rest is lost"


def _unreadable_names(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        names = token.split(".")[1:] if token.type == "WORD" else []
        for name in names:
            if name in KEYWORDS or name[:1].isdigit() or not name.isascii():
                yield f"Segment cannot read {name} in {token}; here it works"
