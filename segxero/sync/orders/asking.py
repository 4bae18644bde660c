"""Open questions of an order, as its record keeps them. Pure; called by the turn and by the rehearsal of an import."""

from collections.abc import Sequence

from segxero import jsontext
from segxero.orders.books import Question
from segxero.sync.orders.reading import UNREADABLE
from segxero.telemetry.causes import Obstacle


def write_questions(questions: Sequence[Question]) -> str:
    """Return the text for the record to remember; '' for no question."""
    asked = [
        {"kind": each.kind, "sentence": each.sentence, "amount": str(each.amount), "currency": each.currency}
        for each in questions
    ]
    return jsontext.dumps(asked) if asked else ""


def spell_reason(questions: Sequence[Question]) -> str:
    """Return the sentences of all *questions*."""
    return " ".join(dict.fromkeys(each.sentence for each in questions))


def is_stuck(questions: Sequence[Question]) -> bool:
    """Tell whether a person is called; some questions may still settle by themselves."""
    return any(each.ask_after is None for each in questions)


def find_obstacle(questions: Sequence[Question]) -> Obstacle:
    """Return the facts behind *questions*: the first to call a person, and the missing rows of all."""
    first = next((each for each in questions if each.ask_after is None), questions[0])
    # Unreadable facts have causes of many kinds, told apart by their sentences only.
    question = "" if first.kind == UNREADABLE else first.kind
    rows = dict.fromkeys(row for each in questions for row in each.lacks)
    return Obstacle(question=question, lacks=tuple(rows))
