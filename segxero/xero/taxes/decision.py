"""Decides the tax of an order: its lines with TaxType and tax to the cent, or the reason why it waits (chapter T).

The entry to this package, called by the invoices object and by `orders`. Pure: the same order and tables give the same
answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from segxero.xero.taxes import explaining, foreign, kinds, missing
from segxero.xero.taxes.case import TaxCase, open_case
from segxero.xero.taxes.documents import make_order
from segxero.xero.taxes.evidence import Evidence, Ladder
from segxero.xero.taxes.readings import Read, build_readings
from segxero.xero.taxes.rows import TaxRow
from segxero.xero.taxes.search import TooManyStepsError
from segxero.xero.taxes.setup import TaxSetup
from segxero.xero.taxes.solver import Explanation, Reading, Solver
from segxero.xero.taxes.stated import ZERO
from segxero.xero.taxes.sums import Balance, find_balances
from segxero.xero.taxes.taxed import TaxedOrder
from segxero.xero.taxes.waiting import NOT_REGISTERED, PLACE_UNKNOWN, TOO_MANY


def decide(fields: Mapping[str, Any], setup: TaxSetup, order: str = "") -> TaxedOrder:
    """Return the order with the tax of every line.

    Raise ParkedError, with *order* and its money, when the evidence allows none or several answers.
    """
    case = missing.fill(open_case(fields, setup, order))
    tax = case.stated.tax or ZERO
    balances = find_balances(case.stated, tax, setup, case.subject)
    taxed = _decide(case, balances)
    return replace(taxed, findings=(*taxed.findings, *explaining.list_findings(case, taxed)))


def _decide(case: TaxCase, balances: Sequence[Balance]) -> TaxedOrder:
    if any(balance.tax for balance in balances):
        _refuse_tax(case)
        authority = foreign.find_authority(case)
        if authority is not None:
            return foreign.book_as_lines(case, balances, authority)
    foreign_rates = foreign.find_foreign_rates(case) if case.stated.tax else []
    if foreign_rates and not foreign.charges_home_rates(case):
        evidence = [_collect_foreign(case, number, foreign_rates) for number in range(len(case.stated.all_lines))]
    else:
        ladder = _make_ladder(case)
        evidence = [_collect(case, ladder, number) for number in range(len(case.stated.all_lines))]
    explanation = _solve(case, balances, evidence)
    read = explanation.reading.note
    assert isinstance(read, Read)
    if foreign_rates:
        case = _type_by_rate(case, explanation, foreign_rates)
    return make_order(case, read.balance, explanation.pieces, explanation.by_rate)


def _refuse_tax(case: TaxCase) -> None:
    """Raise ParkedError for a tax that nobody owes: of a shop without registration, or of nowhere."""
    subject = case.subject
    if not case.setup.registered:
        sentence = (
            f"{subject.name} has {subject.money(case.stated.tax or ZERO)} tax, and your organisation is not registered"
            " for it. Should the shop charge none, or is `registered: true` missing?"
        )
        raise subject.wait(NOT_REGISTERED, sentence)
    if case.destination.kind == "unknown" and not case.destination.is_base_currency and not case.stated.tax_lines:
        sentence = (
            f"{subject.name} has {subject.money(case.stated.tax or ZERO)} tax, and nothing says to which country it"
            " went; a currency does not tell that. Send its address."
        )
        raise subject.wait(PLACE_UNKNOWN, sentence)


def _make_ladder(case: TaxCase) -> Ladder:
    return Ladder(
        stated=case.stated,
        rows=case.rows,
        setup=case.setup,
        destination=case.destination,
        subject=case.subject,
    )


def _collect(case: TaxCase, ladder: Ladder, number: int) -> Evidence:
    line = case.stated.all_lines[number]
    if not case.stated.tax and not line.tax_type and not line.tax and (not ladder_applies(case)):
        # Abroad, and without a registration, the place decides and not the product.
        return Evidence(line=line, rates=(ZERO,), source="no tax")
    return ladder.collect(line)


def ladder_applies(case: TaxCase) -> bool:
    """Tell whether the product decides the rate: not abroad, and not in a shop without registration."""
    return case.setup.registered and (not case.destination.is_abroad or foreign.charges_home_rates(case))


def _collect_foreign(case: TaxCase, number: int, rates: Sequence[TaxRow]) -> Evidence:
    line = case.stated.all_lines[number]
    if line.kind in kinds.NO_SUPPLIES or line.tax == 0:
        return Evidence(line=line, rates=(ZERO,), source="no supply")
    known = tuple(dict.fromkeys(row.rate for row in rates if row.rate is not None))
    stated = tuple(rate for rate in line.rates or case.stated.rates if rate in known)
    return Evidence(line=line, rates=stated or known, source=f"it goes to {case.destination.name}")


def _solve(case: TaxCase, balances: Sequence[Balance], evidence: Sequence[Evidence]) -> Explanation:
    """Return the only explanation of the order's tax. Raise ParkedError when there is none, or a second."""
    readings: list[Reading] = build_readings(case, balances, evidence)
    parts = {row.rate: row.parts for row in case.rows.rows if row.parts and row.rate is not None}
    solver = Solver(quantum=case.quantum, parts=parts)
    found: list[Explanation] = []
    try:
        found = solver.solve(readings)
    except TooManyStepsError:
        sentence = (
            f"{case.subject.name} ({case.subject.money(case.subject.amount)}) has too many different products to tell"
            " which of them are taxed. Send the tax of each product, or add their classes to tables/tax_classes.yaml."
        )
        raise case.subject.wait(TOO_MANY, sentence) from None
    if len(found) == 1:
        return found[0]
    if found:
        raise explaining.ask_which(case, found)
    raise explaining.name_nearest(case, readings, solver)


def _type_by_rate(case: TaxCase, explanation: Explanation, rates: Sequence[TaxRow]) -> TaxCase:
    """Give each line the type of the country's row with its rate."""
    types = {row.rate: row.tax_type for row in rates}
    by_line = {piece.line: types.get(piece.rate, "") for piece in explanation.pieces}
    stated = case.stated
    lines = tuple(replace(line, tax_type=line.tax_type or by_line.get(line.number, "")) for line in stated.lines)
    parts = tuple(replace(line, tax_type=line.tax_type or by_line.get(line.number, "")) for line in stated.parts)
    return replace(case, stated=replace(stated, lines=lines, parts=parts))
