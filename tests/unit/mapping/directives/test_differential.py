"""Thousands of generated mappings and events: the engine against a plain reading of Segment's tables.

The reading below keeps missing values until the end, as Segment's engine does, and takes them out in one go. It shares
no code with the engine but UNDEFINED and the JSON writer.
"""

import random
import re
from copy import deepcopy
from decimal import Decimal

import pytest

from segxero import jsontext
from segxero.mapping import UNDEFINED, compile_value, transform

ROUNDS = 4000
LEAVES = [None, 0, 1, 27, Decimal("2.5"), True, False, "", " ", "Games", "USD", "a-b-a", '{"x":1}', "{bad", [], {}]
MODES = ["encode", "decode", "ENCODE"]
KEYS = ["a", "b", "name", "list", "deep"]


# The generators.


def made_value(rng, depth=3):
    if depth == 0 or rng.random() < 0.4:
        return deepcopy(rng.choice(LEAVES))
    if rng.random() < 0.4:
        return [made_value(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    return {key: made_value(rng, depth - 1) for key in rng.sample(KEYS, rng.randint(0, 3))}


def made_event(rng):
    return {key: made_value(rng) for key in KEYS if rng.random() < 0.85}


def made_path(rng):
    steps = [rng.choice([*KEYS, "0", "1", "length", "missing"]) for _ in range(rng.randint(1, 3))]
    text = steps[0] if not steps[0].isdigit() else "list"
    for step in steps[1:]:
        text += rng.choice([f".{step}", f"[{step}]" if step.isdigit() else f"['{step}']", f".{step}"])
    return rng.choice(["$.", "$.", ""]) + text


def made_mapping(rng, depth=3):
    if depth == 0 or rng.random() < 0.3:
        return {"@path": made_path(rng)} if rng.random() < 0.7 else deepcopy(rng.choice(LEAVES))
    return rng.choice(MAKERS)(rng, depth - 1)


def made_object(rng, depth):
    return {key: made_mapping(rng, depth) for key in rng.sample(KEYS, rng.randint(1, 3))}


def made_if(rng, depth):
    question = {"@path": made_path(rng)} if rng.random() < 0.8 else {"@literal": rng.choice(LEAVES)}
    argument = {rng.choice(["exists", "blank"]): question}
    argument |= {name: made_mapping(rng, depth) for name in ("then", "else") if rng.random() < 0.8}
    return {"@if": argument}


def made_template(rng, _depth):
    pieces = [rng.choice(["x", " ", "{{%s}}", "{{ %s }}", "{{{%s}}}", "-", "{{}}"]) for _ in range(rng.randint(0, 4))]
    return {"@template": "".join(p % made_path(rng).replace("$.", "") if "%s" in p else p for p in pieces)}


def made_replace(rng, _depth):
    argument = {"value": {"@path": made_path(rng)}, "pattern": rng.choice(["a", "-", "Ga", "$"])}
    options = {"replacement": ["", "+", "$&$&", "$$", "$1"], "ignorecase": [True, False], "global": [True, False]}
    argument |= {name: rng.choice(values) for name, values in options.items() if rng.random() < 0.5}
    if rng.random() < 0.3:
        argument |= {"pattern2": "a", "replacement2": rng.choice(["", "A"])}
    return {"@replace": argument}


def made_array_path(rng, depth):
    root = made_path(rng) if rng.random() < 0.7 else {"@path": made_path(rng)}
    shapes = [made_object(rng, depth), {"@path": f"$.{rng.choice(KEYS)}"}, {}]
    return {"@arrayPath": [root] if rng.random() < 0.3 else [root, rng.choice(shapes)]}


def made_merge(rng, depth):
    members = [made_object(rng, depth) if rng.random() < 0.6 else {"@path": "$.deep"} for _ in range(rng.randint(0, 3))]
    return {"@merge": {"objects": members, "direction": rng.choice(["left", "right", "Left"])}}


def made_flatten(rng, depth):
    value = made_object(rng, depth) if rng.random() < 0.5 else {"@path": made_path(rng)}
    argument = {"value": value, "separator": rng.choice([".", "_"])}
    return {"@flatten": argument | ({"omitArrays": rng.choice([True, False])} if rng.random() < 0.5 else {})}


def made_transform(rng, depth):
    return {"@transform": {"apply": made_object(rng, depth), "mapping": made_object(rng, depth)}}


MAKERS = [
    made_object,
    lambda rng, depth: [made_mapping(rng, depth) for _ in range(rng.randint(0, 3))],
    made_if,
    made_template,
    made_replace,
    made_array_path,
    made_merge,
    made_flatten,
    made_transform,
    lambda rng, depth: {"@literal": made_mapping(rng, depth)},
    lambda rng, depth: {"@case": {"operator": rng.choice(["lower", "upper"]), "value": {"@path": made_path(rng)}}},
    lambda rng, depth: {
        "@json": {"mode": rng.choice(["encode", "decode", "ENCODE"]), "value": {"@path": made_path(rng)}}
    },
    lambda rng, depth: {"@excludeWhenNull": made_mapping(rng, depth)},
]


# The plain reading of 5.2 to 5.5.


def read_path(text, source):
    text = text.replace("$.", "", 1)
    steps = [step for step in re.sub(r"""\[['"]?([^\]'"]*)['"]?\]""", r".\1", text).split(".") if step]
    for step in steps:
        if source is UNDEFINED:
            return UNDEFINED
        if source is None or source is False or source == "" or (is_number(source) and source == 0):
            return source
        if isinstance(source, dict):
            source = source.get(step, UNDEFINED)
        elif isinstance(source, list):
            items = dict(enumerate(source))
            source = (
                len(source) if step == "length" else items.get(int(step), UNDEFINED) if step.isdigit() else UNDEFINED
            )
        else:
            source = len(source) if isinstance(source, str) and step == "length" else UNDEFINED
    return source


def is_number(value):
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def as_text(value):
    if value is UNDEFINED or value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "[object Object]"
    return ",".join(map(as_text, value)) if isinstance(value, list) else str(value)


def resolve(mapping, event):
    if isinstance(mapping, list):
        return [resolve(item, event) for item in mapping]
    if not isinstance(mapping, dict):
        return mapping
    if not any(key.startswith("@") for key in mapping):
        return {key: resolve(value, event) for key, value in mapping.items()}
    ((name, argument),) = mapping.items()
    return READINGS[name](argument, event)


def read_if(argument, event):
    value = resolve(argument.get("exists", argument.get("blank")), event)
    holds = value is not UNDEFINED and value is not None
    if "exists" not in argument:
        holds = holds and value is not False and as_text(value) != "" and not (is_number(value) and value == 0)
    branch = argument.get("then" if holds else "else", UNDEFINED)
    is_falsy = branch in (None, "", False) or (is_number(branch) and branch == 0)
    return UNDEFINED if not holds and is_falsy else resolve(branch, event)


def read_template(argument, event):
    return re.sub(r"\{\{\{?([^}]+)\}\}\}?", lambda found: as_text(read_path("$." + found[1].strip(), event)), argument)


def read_replace(argument, event):
    value = resolve(argument["value"], event)
    if isinstance(value, bool) or is_number(value):
        value = as_text(value)
    if not isinstance(value, str):
        return ""
    pairs = [(argument["pattern"], argument.get("replacement", ""))]
    if "pattern2" in argument:
        pairs.append((argument["pattern2"], argument.get("replacement2", "")))
    for pattern, replacement in pairs:
        value = replaced(value, pattern, replacement, argument.get("ignorecase"), argument.get("global", True))
    return value


def replaced(text, pattern, replacement, ignore_case, everywhere):
    done, rest = "", text
    while True:
        at = rest.lower().find(pattern.lower()) if ignore_case else rest.find(pattern)
        if at < 0:
            return done + rest
        found = rest[at : at + len(pattern)]
        done += rest[:at] + replacement.replace("$$", "\0").replace("$&", found).replace("\0", "$")
        rest = rest[at + len(pattern) :]
        if not everywhere:
            return done + rest


def read_array_path(argument, event):
    root = argument[0]
    found = read_path(root, event) if isinstance(root, str) else resolve(root, event)
    if len(argument) == 1 or argument[1] == {}:
        return found
    if isinstance(found, dict):
        found = [found]
    return [resolve(argument[1], item) for item in found] if isinstance(found, list) else found


def read_merge(argument, event):
    members = [resolve(member, event) for member in argument["objects"]]
    merged = {}
    for member in reversed(members) if argument["direction"] == "left" else members:
        merged |= member if isinstance(member, dict) else {}
    return merged


def read_flatten(argument, event):
    flat = {}

    def walk(value, prefix):
        if isinstance(value, dict) or (isinstance(value, list) and not argument.get("omitArrays")):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for key, item in items:
                walk(item, f"{prefix}{argument['separator']}{key}" if prefix else str(key))
        elif value is not UNDEFINED:
            flat[prefix] = value

    walk(resolve(argument["value"], event), "")
    return flat


def read_case(argument, event):
    value = resolve(argument["value"], event)
    return getattr(value, argument["operator"])() if isinstance(value, str) else value


def read_json(argument, event):
    value = resolve(argument["value"], event)
    if argument["mode"] == "encode":
        return UNDEFINED if value is UNDEFINED else jsontext.dumps(cleaned(value))
    if argument["mode"] == "decode" and isinstance(value, str):
        try:
            return jsontext.loads(value)
        except ValueError:
            return value
    return value if argument["mode"] == "decode" else UNDEFINED


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


def read_exclude(argument, event):
    value = resolve(argument, event)
    return UNDEFINED if value is None else without_nulls(value)


def read_transform(argument, event):
    return without_keys(resolve(argument["mapping"], without_keys(resolve(argument["apply"], event))))


def without_keys(value):
    """Take out the missing keys of objects; entries of lists stay missing until the end."""
    if isinstance(value, dict):
        return {key: without_keys(item) for key, item in value.items() if item is not UNDEFINED}
    return [without_keys(item) for item in value] if isinstance(value, list) else value


READINGS = {
    "@path": read_path,
    "@literal": resolve,
    "@if": read_if,
    "@template": read_template,
    "@replace": read_replace,
    "@arrayPath": read_array_path,
    "@merge": read_merge,
    "@flatten": read_flatten,
    "@transform": read_transform,
    "@case": read_case,
    "@json": read_json,
    "@excludeWhenNull": read_exclude,
}


def cleaned(value):
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items() if item is not UNDEFINED}
    return [None if item is UNDEFINED else cleaned(item) for item in value] if isinstance(value, list) else value


def cases(seed, rounds=ROUNDS):
    rng = random.Random(seed)
    return [(made_object(rng, 3), made_event(rng)) for _ in range(rounds)]


@pytest.mark.parametrize("seed", [1, 2])
def test_generated_mappings_give_what_the_tables_say(seed):
    kinds = set()
    for mapping, event in cases(seed):
        before = deepcopy((mapping, event))
        wanted = cleaned(resolve(mapping, event))
        assert transform(mapping, event) == wanted, jsontext.dumps([mapping, event])
        assert jsontext.dumps(compile_value(mapping)(event)) == jsontext.dumps(wanted)
        assert (mapping, event) == before
        kinds.update(re.findall(r'"(@\w+)"', jsontext.dumps(mapping)))
    assert kinds == set(READINGS)
