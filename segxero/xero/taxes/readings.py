"""The ways to read an order before its rates are solved: where the discount goes (T11), how shipping is taxed (T13).

Pure; called by `decision` with every balance of the order's sums.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from segxero.errors import ParkedError
from segxero.xero.taxes import kinds, rows
from segxero.xero.taxes.case import TaxCase
from segxero.xero.taxes.evidence import Evidence
from segxero.xero.taxes.rounding import exact_tax, round_exact, share_out
from segxero.xero.taxes.setup import FOLLOWS, STANDARD, UNTAXED
from segxero.xero.taxes.solver import Reading, Unknown
from segxero.xero.taxes.stated import ZERO, StatedLine
from segxero.xero.taxes.sums import Balance
from segxero.xero.taxes.waiting import CONTRADICTION

Shares = dict[int, Decimal]  # by line number, a line's share of the order's discount


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The ground of an explanation: the sums, and each line's share of the order's discount."""

    balance: Balance
    shares: Shares


def build_readings(case: TaxCase, balances: Sequence[Balance], evidence: Sequence[Evidence]) -> list[Reading]:
    """Return every reading. Raise ParkedError when stated amounts of lines fit none of them."""
    readings: list[Reading] = []
    refused: list[ParkedError] = []
    for balance in balances:
        for shares in share_discount(case.stated.all_lines, balance.discount, case.quantum):
            try:
                readings += _read(case, Read(balance=balance, shares=shares), evidence)
            except ParkedError as error:
                refused.append(error)
    if not readings:
        raise refused[0]
    return readings


def share_discount(lines: Sequence[StatedLine], discount: Decimal, quantum: Decimal) -> list[Shares]:
    """Return the ways to spread an order's discount: over goods, over goods and shipping, or on shipping alone."""
    if not discount:
        return [{}]
    goods = [line for line in lines if line.kind == kinds.GOODS]
    shipping = [line for line in lines if line.kind == kinds.SHIPPING]
    # Gift cards take no share, unless there is nothing else.
    targets = [goods or [line for line in lines if line.kind == kinds.GIFT_CARD]]
    if shipping:
        targets.append([*goods, *shipping])
    if sum((line.amount for line in shipping), ZERO) == discount:
        targets.append(shipping)
    found: list[Shares] = []
    for target in targets:
        weights = [line.amount - line.discount for line in target]
        parts = share_out(discount, weights, quantum)
        shares = {line.number: part for line, part in zip(target, parts, strict=True) if part}
        if shares not in found:
            found.append(shares)
    return found


def _read(case: TaxCase, read: Read, evidence: Sequence[Evidence]) -> Iterator[Reading]:
    followers = [one for one in evidence if one.is_open and one.line.kind in kinds.BY_NAME]
    fixed = [_unknown(case, read, one) for one in evidence if one not in followers]
    for way in _ways(case, followers, fixed):
        unknowns, following = list(fixed), []
        for one in followers:
            base = _base(one.line, read.shares)
            if way == FOLLOWS:
                following.append((one.line.number, base))
            else:
                rates = (ZERO,) if way == UNTAXED else _standard(case)
                unknowns += [Unknown(line=one.line.number, base=base, rates=rates, leads=False)] if rates else []
        if len(unknowns) + len(following) == len(evidence):
            yield Reading(
                unknowns=tuple(unknowns),
                followers=tuple(following),
                tax=read.balance.tax,
                inclusive=read.balance.inclusive,
                note=read,
            )


def _ways(case: TaxCase, followers: Sequence[Evidence], fixed: Sequence[Unknown]) -> list[str]:
    """Return how shipping without evidence may be taxed; the organisation's own way is tried first."""
    if not followers:
        return [UNTAXED]
    ways = sorted((FOLLOWS, STANDARD, UNTAXED), key=lambda way: way != case.setup.shipping_class)
    leading = sum((unknown.base for unknown in fixed if unknown.leads), ZERO)
    return [way for way in ways if way != FOLLOWS or leading > 0]


def _standard(case: TaxCase) -> tuple[Decimal, ...]:
    found = case.rows.select(case.setup.country, case.destination.region, rows.STANDARD)
    return tuple(dict.fromkeys(row.rate for row in found if row.rate is not None))


def _base(line: StatedLine, shares: Shares) -> Decimal:
    return line.amount - line.discount - shares.get(line.number, ZERO)


def _unknown(case: TaxCase, read: Read, one: Evidence) -> Unknown:
    line = one.line
    base = _base(line, read.shares)
    rates = one.rates
    if line.tax and not line.is_forced:
        bases = (base, line.amount - line.discount)
        rates = _fit_tax(line.tax, bases, rates, case.quantum, inclusive=read.balance.inclusive)
        if not rates:
            raise _refuse_tax(case, one)
    leads = line.kind in (kinds.GOODS, kinds.GIFT_WRAP) and not one.source.startswith("no supply")
    is_product = line.kind not in kinds.BY_NAME
    group = line.sku or (f"{line.tax_class} {line.category}" if is_product else f"part {line.number}")
    return Unknown(line=line.number, base=base, rates=rates, tax=line.tax, group=group, leads=leads)


def _fit_tax(
    tax: Decimal, bases: Sequence[Decimal], rates: Sequence[Decimal], quantum: Decimal, *, inclusive: bool
) -> tuple[Decimal, ...]:
    """Return the rates making a line's stated tax: to the cent, else less than a cent off (T9)."""
    exact = [(rate, exact_tax(base, rate, inclusive=inclusive)) for rate in rates for base in bases]
    fitting = [rate for rate, made in exact if round_exact(made, quantum) == tax]
    near = [rate for rate, made in exact if abs(float(made) - float(tax)) < float(quantum)]
    return tuple(dict.fromkeys(fitting or near))


def _refuse_tax(case: TaxCase, one: Evidence) -> ParkedError:
    listed = " or ".join(f"{rate.normalize():f} %" for rate in one.rates)
    sentence = (
        f"{case.subject.name}, {one.line.label}: the shop charged {one.line.tax} tax, and {listed} makes another amount"
        f" ({one.source}). Which of the two is right?"
    )
    return case.subject.wait(CONTRADICTION, sentence, explanations=[one.source, f"the shop charged {one.line.tax}"])
