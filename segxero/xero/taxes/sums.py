"""How the parts of an order make its total (G0, T6, T8): tax on top or inside, discount, tenders. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from segxero.errors import ParkedError
from segxero.xero.taxes.setup import TaxSetup
from segxero.xero.taxes.stated import TENDERS, ZERO, Stated
from segxero.xero.taxes.waiting import SUMS, TaxSubject

MOST_ROUNDED = Decimal("0.02")
TENDER_WORDS = dict(zip(TENDERS, ("gift card", "store credit", "deposit"), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A reading with matching sums: *tax* is the whole tax, *discount* the part not yet taken by lines.

    *rounding* is the difference of total and parts, *tenders* are payments by which the total was reduced.
    """

    inclusive: bool
    tax: Decimal
    total: Decimal
    discount: Decimal
    rounding: Decimal = ZERO
    tenders: tuple[str, ...] = ()


def find_balances(stated: Stated, tax: Decimal, setup: TaxSetup, subject: TaxSubject) -> list[Balance]:
    """Return every reading with matching sums. Raise ParkedError with the difference when there is none."""
    readings = list(_read(stated, tax))
    exact = [balance for balance in readings if not balance.rounding]
    # Readings with a gift card in the sum, or with a rounding, count only where no plain reading meets the total.
    plain = [balance for balance in exact if not balance.tenders]
    if plain or exact:
        return _distinct(plain or exact)
    near = [balance for balance in readings if abs(balance.rounding) <= MOST_ROUNDED]
    if near and setup.rounds_cents:
        least = min(abs(balance.rounding) for balance in near)
        return _distinct([balance for balance in near if abs(balance.rounding) == least])
    raise _disagree(stated, readings, subject, is_near=bool(near))


def _distinct(balances: list[Balance]) -> list[Balance]:
    return list(dict.fromkeys(balances))


def _read(stated: Stated, tax: Decimal) -> Iterator[Balance]:
    goods = sum((line.amount - line.discount for line in stated.all_lines), ZERO)
    for discount in _discounts(stated):
        for whole in _taxes(stated, tax):
            for inclusive in _inclusions(stated, whole):
                made = goods - discount + (ZERO if inclusive else whole)
                if stated.total is None:
                    yield Balance(inclusive=inclusive, tax=whole, total=made, discount=discount)
                    continue
                for names in _tender_sets(stated):
                    total = stated.total + sum((stated.tenders[name] for name in names), ZERO)
                    yield Balance(
                        inclusive=inclusive,
                        tax=whole,
                        total=total,
                        discount=discount,
                        rounding=total - made,
                        tenders=names,
                    )


def _discounts(stated: Stated) -> list[Decimal]:
    """Return the order discounts to try: a repetition of the discounts of its lines counts once (G18)."""
    of_lines = sum((line.discount for line in stated.lines), ZERO)
    if stated.discount and of_lines:
        return list(dict.fromkeys([stated.discount, max(stated.discount - of_lines, ZERO)]))
    return [stated.discount]


def _taxes(stated: Stated, tax: Decimal) -> list[Decimal]:
    """Return the whole taxes to try: the tax of shipping is stated apart by some shops (G20)."""
    return list(dict.fromkeys([tax, tax + (stated.shipping_tax or ZERO)]))


def _inclusions(stated: Stated, tax: Decimal) -> list[bool]:
    if not tax:
        return [False]
    return [False, True] if stated.tax_included is None else [stated.tax_included]


def _tender_sets(stated: Stated) -> Iterator[tuple[str, ...]]:
    for size in range(len(stated.tenders) + 1):
        yield from combinations(stated.tenders, size)


def _disagree(stated: Stated, readings: list[Balance], subject: TaxSubject, *, is_near: bool) -> ParkedError:
    """Name the smallest difference, and the amounts of the event explaining it to the cent (T8)."""
    nearest = min(readings, key=lambda balance: (abs(balance.rounding), len(balance.tenders)))
    off = nearest.rounding
    words = "more" if off > 0 else "less"
    made = nearest.total - off
    difference = f"{subject.name} is {subject.money(abs(off))} {words} than its parts ({made})"
    fits = _explain(stated, [balance.rounding for balance in readings])
    if len(fits) == 1:
        name = " and ".join(fits[0])
        amounts = " and ".join(str(stated.unread[one]) for one in fits[0])
        sentence = f'{difference}. The shop also sent "{name}" {amounts}. Book it as {name}? Name it in the mapping.'
    elif fits:
        listed = " or ".join(f'"{" and ".join(fit)}"' for fit in fits)
        sentence = (
            f"{difference}. The shop also sent {listed}, each of that amount. Which of them is part of the order?"
        )
    else:
        sentence = f"{difference}: {_spell_parts(stated, nearest)}. Its total is {stated.total}. Which part is missing?"
    if is_near:
        sentence += " The setting cent_off: rounding_line would book it as rounding."
    return subject.wait(SUMS, sentence, explanations=[" and ".join(fit) for fit in fits])


def _explain(stated: Stated, differences: list[Decimal]) -> list[tuple[str, ...]]:
    """Return the unread amounts, or pairs of amounts, equal to the difference."""
    wanted = {abs(difference) for difference in differences}
    singles = [(name,) for name, amount in stated.unread.items() if abs(amount) in wanted]
    if singles:
        return list(singles)
    return [pair for pair in combinations(stated.unread, 2) if abs(sum(stated.unread[one] for one in pair)) in wanted]


def _spell_parts(stated: Stated, balance: Balance) -> str:
    goods = sum((line.amount - line.discount for line in stated.lines), ZERO)
    named = [("goods", goods), *((part.kind.replace("_", " "), part.amount) for part in stated.parts)]
    if balance.discount:
        named.append(("discount", -balance.discount))
    if balance.tax:
        named.append(("tax inside" if balance.inclusive else "tax", balance.tax))
    return ", ".join(f"{name} {amount}" for name, amount in named)
