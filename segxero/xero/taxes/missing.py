"""Gaps of an order: its tax (T12), or its products (T22). Fills in stated evidence, never more. Pure.

Called by `decision` before the sums are looked at.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from segxero.errors import ParkedError
from segxero.xero.taxes import kinds, rows
from segxero.xero.taxes.accounts import find_row
from segxero.xero.taxes.case import TaxCase
from segxero.xero.taxes.evidence import Evidence, Ladder
from segxero.xero.taxes.rounding import Piece, Rounder
from segxero.xero.taxes.stated import ZERO, StatedLine
from segxero.xero.taxes.waiting import NO_PRODUCTS, TAX_MISSING

INSIDE = "inside"


def fill(case: TaxCase) -> TaxCase:
    """Return the case with a line for an order without products, and with the tax stated by its lines."""
    if not case.stated.lines:
        case = _fill_line(case)
    if case.stated.tax is None:
        case = _fill_tax(case)
    return case


def _fill_line(case: TaxCase) -> TaxCase:
    """T22: a line over the whole order; its rate has to make the stated tax like any other."""
    stated, subject = case.stated, case.subject
    if stated.total is None or stated.tax is None:
        money = "its total is not stated" if stated.total is None else f"{subject.money(stated.total)}, tax not stated"
        sentence = (
            f"{subject.name} ({money}) came without products. Book it as one line on the account `default`, with which"
            " tax? Send it with total and tax."
        )
        raise subject.wait(NO_PRODUCTS, sentence)
    inside = stated.tax if not stated.tax_included else ZERO
    amount = stated.total - inside - sum((part.amount for part in stated.parts), ZERO) + stated.discount
    name = f"Order {subject.order}".strip()
    line = StatedLine(
        number=0,
        description=name,
        unit_amount=amount,
        amount=amount,
        account=find_row("default", case.setup.tables),
    )
    included = bool(stated.tax_included)
    return replace(case, stated=replace(stated, lines=(line,), tax_included=included))


def _fill_tax(case: TaxCase) -> TaxCase:
    """Return the case with the tax stated by its lines, or allowed by the setting `tax_missing`."""
    stated = case.stated
    if not case.setup.registered:
        return _with_tax(case, ZERO)
    taxable = [line for line in stated.all_lines if line.kind not in kinds.NO_SUPPLIES]
    if taxable and all(line.tax is not None for line in stated.lines if line.kind not in kinds.NO_SUPPLIES):
        return _with_tax(case, sum((line.tax for line in taxable if line.tax is not None), ZERO))
    if not case.destination.is_abroad:
        evidence = [_ladder(case).collect(line) for line in stated.all_lines]
        known = [
            replace(one, rates=stated.rates[:1], is_open=False) if _has_rate(case, one) else one for one in evidence
        ]
        if not any(one.is_open or len(one.rates) != 1 for one in known):
            return _compute(case, known)
    if case.setup.tax_missing == "none":
        return _with_tax(case, ZERO)
    if case.setup.tax_missing == INSIDE and not case.destination.is_abroad:
        return _with_tax(case, _tax_inside(case), included=True)
    raise _ask_tax(case)


def _has_rate(case: TaxCase, evidence: Evidence) -> bool:
    return evidence.is_open and len(case.stated.rates) == 1 and case.stated.rates[0] in evidence.rates


def _compute(case: TaxCase, evidence: Sequence[Evidence]) -> TaxCase:
    """Compute the tax where every line's rate is stated; the total says whether it is on top or inside."""
    stated = case.stated
    if stated.discount:
        raise _ask_tax(case)
    for included in (False, True):
        pieces = [
            Piece(line=one.line.number, base=one.line.amount - one.line.discount, rate=one.rates[0], tax=one.line.tax)
            for one in evidence
        ]
        tax = Rounder(inclusive=included, quantum=case.quantum, parts={}).sum_up(pieces)
        made = sum((piece.base for piece in pieces), ZERO) + (ZERO if included else tax)
        if (stated.total is None and stated.tax_included is included) or stated.total == made:
            return _with_tax(case, tax, included=included)
    raise _ask_tax(case)


def _tax_inside(case: TaxCase) -> Decimal:
    standard = case.find_row(rows.STANDARD)
    ladder = _ladder(case)
    pieces = []
    for line in case.stated.all_lines:
        evidence = ladder.collect(line)
        rate = standard.rate if evidence.is_open else evidence.rates[0]
        pieces.append(Piece(line=line.number, base=line.amount - line.discount, rate=rate or ZERO, tax=line.tax))
    if case.stated.discount and pieces:
        pieces.append(Piece(line=-1, base=-case.stated.discount, rate=standard.rate or ZERO))
    return Rounder(inclusive=True, quantum=case.quantum, parts={}).sum_up(pieces)


def _ladder(case: TaxCase) -> Ladder:
    return Ladder(
        stated=case.stated, rows=case.rows, setup=case.setup, destination=case.destination, subject=case.subject
    )


def _with_tax(case: TaxCase, tax: Decimal, *, included: bool | None = None) -> TaxCase:
    flag = case.stated.tax_included if included is None else included
    return replace(case, stated=replace(case.stated, tax=tax, tax_included=flag))


def _ask_tax(case: TaxCase) -> ParkedError:
    stated, subject = case.stated, case.subject
    parts = sum((line.amount - line.discount for line in stated.all_lines), ZERO) - stated.discount
    choices: tuple[str, ...] = (INSIDE, "none")
    if stated.total is None or stated.total == parts:
        standard = case.rows.find(case.setup.country, rows.STANDARD, case.destination.region)
        inside = (
            f"Is tax of {_tax_inside(case)} inside?" if standard is not None and standard.rate else "Is tax inside?"
        )
        question = f"{inside} Set tax_missing to inside or none, or send the tax."
    else:
        choices = ("on top",)
        question = f"Its total is {stated.total - parts} more than its parts ({parts}). Is that its tax? Send the tax."
    return subject.wait(
        TAX_MISSING, f"{subject.name} ({subject.money(subject.amount)}) states no tax. {question}", explanations=choices
    )
