"""Thousands of generated triggers and events: the parser against a plain reading of Segment's operator table."""

import random
from decimal import Decimal

import pytest

from segxero.mapping import parse_trigger
from segxero.mapping.triggers.clauses import Clause, Every, Not, leaves, why_not, written
from segxero.mapping.triggers.meaning import can_match, example, filled_fields
from segxero.mapping.values.paths import make_getter
from segxero.mapping.values.undefined import UNDEFINED

FIELDS = ["type", "event", "name", "userId", "properties.total", "properties.deep.plan", "traits.vip", "context.ip"]
OPEN = FIELDS[4:]
TEXTS = ["track", "page", "Order Completed", "Order", "5", "", "vip", "a b"]
VALUES = [None, True, False, 0, 5, Decimal("5.5"), -1, [], {}, *TEXTS]


# The generators: a trigger is its text and what it asks of an event.


def clause(rng):
    field = rng.choice(FIELDS)
    kind = rng.choice(["text", "text", "function", *(["number", "size", "truth", "null"] if field in OPEN else [])])
    if kind == "text":
        sign, text = rng.choice(["=", "!="]), rng.choice(TEXTS[:2] if field == "type" else TEXTS)
        return f'{field} {sign} "{text}"', lambda e: (value(e, field) == text) is (sign == "=")
    if kind == "function":
        return function(rng, field if field != "type" else "event")
    if kind == "null":
        sign = rng.choice(["=", "!="])
        return f"{field} {sign} null", lambda e: is_missing(value(e, field)) is (sign == "=")
    if kind == "truth":
        truth = rng.choice([True, False])
        return f"{field} = {str(truth).lower()}", lambda e: value(e, field) is truth
    number = rng.choice([0, 5, Decimal("5.5"), -1])
    if kind == "number":
        sign = rng.choice(["=", "!="])
        return f"{field} {sign} {number}", lambda e: is_number(value(e, field)) and compare(e, field, sign, number)
    sign, quote = rng.choice(["<", "<=", ">", ">="]), rng.choice(["", '"'])
    text = f"{field} {sign} {quote}{number}{quote}"
    return text, lambda e: is_number(value(e, field)) and compare(e, field, sign, number)


def function(rng, field):
    text, negated = rng.choice(TEXTS[:-3]), rng.random() < 0.4
    form = rng.choice(["contains", "starts", "ends"])
    call = {"contains": f'contains({field}, "{text}")', "starts": f'match({field},"{text}*")'}
    call = call.get(form, f'match({field}, "*{text}")')

    def holds(event):
        found = value(event, field)
        if not isinstance(found, str):
            return False
        inside = {"contains": text in found, "starts": found.startswith(text), "ends": found.endswith(text)}[form]
        return inside is not negated

    return ("!" if negated else "") + call, holds


def compare(event, field, sign, number):
    found = value(event, field)
    return {
        "=": found == number,
        "!=": found != number,
        "<": found < number,
        "<=": found <= number,
        ">": found > number,
        ">=": found >= number,
    }[sign]


def value(event, field):
    for key in field.split("."):
        event = event.get(key) if isinstance(event, dict) else None
    return event


def is_missing(found):
    return found is None


def is_number(found):
    return isinstance(found, int | Decimal) and not isinstance(found, bool)


def trigger(rng, depth=3):
    if depth == 0 or rng.random() < 0.3:
        return clause(rng)
    if rng.random() < 0.2:
        text, holds = trigger(rng, depth - 1)
        return f"!({text})", lambda event: not holds(event)
    parts = [trigger(rng, depth - 1) for _ in range(rng.randint(2, 3))]
    word, join = rng.choice([("and", all), ("or", any)])
    texts = [f"({text})" for text, _ in parts]
    return f" {word} ".join(texts), lambda event: join(holds(event) for _, holds in parts)


def flat_trigger(rng):
    """Make one that Segment reads as it is written: one operator for a level, groups of plain comparisons."""
    parts = []
    for _ in range(rng.randint(1, 4)):
        inner = [made for made in (clause(rng) for _ in range(6)) if "(" not in made[0]][: rng.randint(1, 3)]
        if rng.random() < 0.4 and inner:
            word, join = rng.choice([(" and ", all), (" or ", any)])
            held = [holds for _, holds in inner]
            parts.append((f"({word.join(text for text, _ in inner)})", lambda e, j=join, h=held: j(f(e) for f in h)))
        else:
            parts.append(clause(rng))
    word, join = rng.choice([(" and ", all), (" or ", any)])
    return word.join(text for text, _ in parts), lambda event: join(holds(event) for _, holds in parts)


def made_event(rng):
    event = {"type": rng.choice(["track", "page", "identify"])}
    for field in FIELDS[1:]:
        if rng.random() < 0.8:
            *parents, last = field.split(".")
            at = event
            for key in parents:
                at = at.setdefault(key, {})
            at[last] = rng.choice(VALUES if parents else [*TEXTS, None])
    return event


EVENTS = [made_event(random.Random(seed)) for seed in range(60)]


@pytest.mark.parametrize("make", [trigger, flat_trigger])
def test_generated_triggers_hold_when_the_table_says(make):
    rng = random.Random(7)
    for _ in range(1500):
        text, holds = make(rng)
        parsed = parse_trigger(text)
        for event in rng.sample(EVENTS, 12):
            assert parsed.matches(event) is holds(event), (text, event)
            assert bool(why_not(parsed.tree, event)) is not holds(event), (text, event)


def test_what_segment_reads_as_it_is_written_has_no_traps():
    rng = random.Random(8)
    for _ in range(1500):
        text, _ = flat_trigger(rng)
        assert parse_trigger(text).traps == (), text


def test_what_is_told_of_a_trigger_without_an_event_holds_for_every_event():
    rng = random.Random(9)
    possible = 0
    for _ in range(800):
        tree = parse_trigger(trigger(rng, 2)[0]).tree
        again = parse_trigger(written(tree))
        matching = [event for event in EVENTS if again.matches(event)]
        assert [event for event in EVENTS if not why_not(tree, event)] == matching
        assert can_match(tree) or not matching, written(tree)
        made = example(tree)
        assert (made is not None) or not matching, written(tree)
        assert made is None or not why_not(tree, made)
        filled = filled_fields(tree)
        for event in matching:
            assert all(make_getter(tuple(name.split(".")))(event) not in (None, UNDEFINED) for name in filled), written(
                tree
            )
        possible += can_match(tree)
    assert 500 < possible < 800


def test_the_tree_of_a_trigger_is_what_it_says():
    tree = parse_trigger('type = "track" and !(event = "A" or contains(name, "b"))').tree
    assert isinstance(tree, Every)
    assert isinstance(tree.parts[0], Clause)
    assert isinstance(tree.parts[1], Not)
    assert [(".".join(one.keys), one.operator, one.value) for one in leaves(tree)] == [
        ("type", "=", "track"),
        ("event", "=", "A"),
        ("name", "contains", "b"),
    ]
