"""Puts the answers for an order's tax into words: several, none, or a remarkable answer. Pure.

Called by `decision` for the errors and the findings of an order.
"""

from collections.abc import Sequence
from decimal import Decimal

from segxero.errors import ParkedError
from segxero.xero.taxes import kinds
from segxero.xero.taxes.case import TaxCase
from segxero.xero.taxes.destination import UNKNOWN
from segxero.xero.taxes.rows import TABLE
from segxero.xero.taxes.search import TooManyStepsError
from segxero.xero.taxes.solver import Explanation, Reading, Solver
from segxero.xero.taxes.stated import ZERO, StatedLine
from segxero.xero.taxes.taxed import TaxedOrder
from segxero.xero.taxes.waiting import AMBIGUOUS, NO_FIT


def ask_which(case: TaxCase, found: Sequence[Explanation]) -> ParkedError:
    """Return the question about several explanations; the answer is a row of `tax_classes`."""
    subject = case.subject
    listed = [_spell(case, explanation) for explanation in found]
    line = _find_doubtful(case, found)
    name = (line.sku or line.category or line.description) if line is not None else ""
    tax = subject.money(case.stated.tax or ZERO)
    sentence = (
        f"{subject.name} ({subject.money(subject.amount)}) has {tax} tax, which fits in {len(found)} ways:"
        f" {'; or '.join(listed)}. Which one is right?"
    )
    if name:
        sentence += f" Add the class of {name} to tables/tax_classes.yaml; the order goes on by itself."
    return subject.wait(AMBIGUOUS, sentence, lacks=("tax_classes", name) if name else None, explanations=listed)


def name_nearest(case: TaxCase, readings: Sequence[Reading], solver: Solver) -> ParkedError:
    """Return the error for a tax not made by any rates, with the nearest tax they make."""
    subject, tax = case.subject, case.stated.tax or ZERO
    net = sum((unknown.base for unknown in readings[0].unknowns), ZERO)
    place = f" to {case.destination.name}" if case.destination.country else ""
    try:
        made = min((solver.find_nearest(reading) for reading in readings), key=lambda made: abs(made - tax))
        nearest = f"; the nearest makes {made}, {abs(made - tax)} {'less' if made < tax else 'more'}"
    except TooManyStepsError:
        nearest = ""
    sentence = (
        f"{subject.name}{place} has {subject.money(tax)} tax on {net}. None of your tax rates makes {tax}{nearest}."
        f" Is a rate or a class missing in tables/{TABLE}.yaml or in `sells`?"
    )
    return subject.wait(NO_FIT, sentence, lacks=(TABLE, f"{case.setup.country} standard"))


def list_findings(case: TaxCase, taxed: TaxedOrder) -> tuple[str, ...]:
    """Return the findings: booked, and worth a look by a person."""
    found = []
    if case.destination.kind == UNKNOWN and taxed.tax:
        found.append(f"destination unknown: {taxed.total}")
    untaxed = [line for line in taxed.lines if line.kind == kinds.SHIPPING and not line.tax and line.amount]
    goods_taxed = any(line.tax for line in taxed.lines if line.kind == kinds.GOODS)
    if untaxed and goods_taxed and not any(line.tax for line in taxed.lines if line.kind == kinds.SHIPPING):
        found.append(f"shipping without tax: {sum((line.amount for line in untaxed), ZERO)}")
    if any(line.number == 0 and line.kind == kinds.GOODS for line in taxed.lines):
        found.append(f"without products: {taxed.total}")
    return tuple(found)


def _find_doubtful(case: TaxCase, found: Sequence[Explanation]) -> StatedLine | None:
    """Return the first product whose rate differs between explanations."""
    rates: dict[int, set[Decimal]] = {}
    for explanation in found:
        for piece in explanation.pieces:
            if piece.base:
                rates.setdefault(piece.line, set()).add(piece.rate)
    return next((line for line in case.stated.lines if len(rates.get(line.number, ())) > 1), None)


def _spell(case: TaxCase, explanation: Explanation) -> str:
    """Write an explanation: the lines of each rate with their net amount and tax."""
    names = {line.number: line.description for line in case.stated.all_lines}
    parts = []
    for rate in sorted({piece.rate for piece in explanation.pieces if piece.base}, reverse=True):
        pieces = [piece for piece in explanation.pieces if piece.rate == rate and piece.base]
        base = sum((piece.base for piece in pieces), ZERO)
        listed = ", ".join(dict.fromkeys(names[piece.line] for piece in pieces))
        parts.append(f"{listed} {base} at {rate.normalize():f} % ({explanation.by_rate.get(rate, ZERO)})")
    return " and ".join(parts)
