"""How long does a record wait on a quiet, a busy and a sale day? Simulated; beside it, what would happen unpaced."""

from collections.abc import Mapping

from tests.benchmarks.answer import Answer, Scale
from tests.benchmarks.figures import percentile
from tests.simulation.day import Simulation
from tests.simulation.shop import DAYS, Day

QUESTION = "How long does a record wait, all through a day?"
SENTENCE = (
    "Whole days of a shop in virtual time, at the pace that the workers keep: {days}. Every order brings an invoice, "
    "half of them a new contact, one in a hundred a label, and each a note; as many identify calls change people. An "
    "import of 5,000 old invoices waits from the beginning. Notes and the import only take calls that nothing else "
    "will need."
)
COLUMNS = ("day", "calls a day", "95 of 100 wait", "worst wait", "worst unpaced", "calls left", "imported", "notes")
LIMITS = (1_000, 5_000)


def ask(scale: Scale) -> Answer:
    """Play every day with the calls of both tiers of Xero, in the short form with those of the larger alone."""
    rows, figures = [], {}
    for day in DAYS:
        for limit in LIMITS[scale.of(0, 1) :]:
            row, worst = _played(day, limit)
            rows.append(row)
            figures[f"worst_seconds_{day.name}_{limit}"] = worst
    return _answer(rows, figures)


def _played(day: Day, limit: int) -> tuple[tuple[str, ...], float]:
    found, unpaced = Simulation(day, limit).play(), Simulation(day, limit, paced=False).play()
    row = (
        day.name,
        f"{limit:,}",
        _time(percentile(found.waits, 95)),
        _time(found.worst),
        _time(unpaced.worst),
        f"{found.left:,}",
        f"{found.historical:,}",
        f"{found.notes:,} of {found.notes + found.notes_waiting:,}",
    )
    return row, found.worst


def _answer(rows: list[tuple[str, ...]], figures: Mapping[str, float]) -> Answer:
    days = ", ".join(day.description for day in DAYS)
    return Answer(question=QUESTION, sentence=SENTENCE.format(days=days), columns=COLUMNS, rows=rows, figures=figures)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
