"""How fast is a mapping? The project's own mappings, on an order of ten lines."""

import timeit
from collections.abc import Callable
from typing import Any

from segxero import jsontext
from segxero.demo.rows import PROJECT
from segxero.mapping import transform
from segxero.mapping.files.loader import load
from segxero.xero.objects.table import FIELDS
from tests.benchmarks import traffic
from tests.benchmarks.answer import Answer, Scale

QUESTION = "How fast is a mapping?"
SENTENCE = (
    "The best of {repeats} repetitions on an order of ten lines; the last row is what Python needs to read its JSON."
)
COLUMNS = ("what", "time", "Segment's engine")
# Measured on Segment's published engine under Node 20 on such a machine, as the reference on Segment says.
SEGMENT = {"trigger": "0.1 µs", "transform": "50 µs"}
LINES = 10
TRANSFORMED: dict[str, Any] = {
    "Type": "ACCREC",
    "Reference": {"@path": "$.properties.order_id"},
    "CurrencyCode": {"@case": {"operator": "upper", "value": {"@path": "$.properties.currency"}}},
    "LineItems": {
        "@arrayPath": [
            "$.properties.products",
            {
                "Description": {"@template": "{{name}} ({{sku}})"},
                "Quantity": {"@if": {"exists": {"@path": "$.quantity"}, "then": {"@path": "$.quantity"}, "else": 1}},
                "UnitAmount": {"@path": "$.price"},
            },
        ]
    },
    "Total": {"@path": "$.properties.total"},
}


def ask(scale: Scale) -> Answer:
    """Time each step alone, in this process."""
    repeats = scale.of(7, 3)
    mappings = load(PROJECT / "mappings", FIELDS)
    (mapping,) = [one for one in mappings.mappings if one.name == "order-completed"]
    text = jsontext.dumps(traffic.order("u1", lines=LINES))
    event = jsontext.loads(text)
    steps: dict[str, tuple[str, Callable[[], Any]]] = {
        "trigger": ("the trigger of order-completed", lambda: mapping.wants(event)),
        "all_triggers": (f"all {len(mappings.mappings)} triggers", lambda: [m.wants(event) for m in mappings.mappings]),
        "transform": ("transform() with a mapping of this file", lambda: transform(TRANSFORMED, event)),
        "mapping": ("the mapping order-completed", lambda: mapping.apply(event)),
        "all_mappings": ("all mappings that want it", lambda: mappings.drafts(event)),
        "loading": ("loading all mapping files", lambda: load(PROJECT / "mappings", FIELDS)),
        "json": ("reading its JSON", lambda: jsontext.loads(text)),
    }
    seconds = {name: _best(step, repeats) for name, (_, step) in steps.items()}
    return Answer(
        question=QUESTION,
        sentence=SENTENCE.format(repeats=repeats),
        columns=COLUMNS,
        rows=[(title, f"{seconds[name] * 1e6:,.1f} µs", SEGMENT.get(name, "")) for name, (title, _) in steps.items()],
        figures={f"{name}_seconds": value for name, value in seconds.items()},
    )


def _best(step: Callable[[], Any], repeats: int) -> float:
    """Return the seconds of one *step*; the best of the repetitions, as others only show what else was running."""
    timer = timeit.Timer(step)
    number, _ = timer.autorange()
    return min(timer.repeat(repeats, max(number // 4, 1))) / max(number // 4, 1)
