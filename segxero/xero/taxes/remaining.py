"""The rest of an invoice after its credits: by line, and by account and type (T18). Pure; called by `credits`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from segxero.xero.taxes.taxed import EXCLUSIVE, TaxedLine, TaxedOrder

ZERO = Decimal(0)
BY_AMOUNT = "by_amount"  # begins the key of a credit line that is of no single line of the invoice
Place = tuple[str, str]  # account and tax type


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRemainder:
    """A line of the invoice with its rest; *line* carries the rest of amount, tax, quantity and discount."""

    sold: TaxedLine
    line: TaxedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The rest of an account and tax type: *gross* with the *tax* in it."""

    account: str
    tax_type: str
    gross: Decimal
    tax: Decimal


def find_left(invoice: TaxedOrder, already: Sequence[TaxedOrder]) -> list[LineRemainder]:
    """Return the rest of each line of the invoice; credits by amount take from no line."""
    left = [LineRemainder(sold=line, line=line) for line in invoice.lines]
    for credit in already:
        for taken in credit.lines:
            place = next((number for number, one in enumerate(left) if _is_same(one.line, taken)), None)
            if place is not None:
                left[place] = replace(left[place], line=_take(left[place].line, taken))
    return left


def find_rests(invoice: TaxedOrder, already: Sequence[TaxedOrder]) -> list[Rest]:
    """Return the rest of each account and tax type, in the order of the invoice."""
    gross: dict[Place, Decimal] = {}
    taxes: dict[Place, Decimal] = {}
    for document, sign in ((invoice, 1), *((credit, -1) for credit in already)):
        for line in document.lines:
            place = line.account, line.tax_type
            gross[place] = gross.get(place, ZERO) + sign * document.gross_of(line)
            taxes[place] = taxes.get(place, ZERO) + sign * line.tax
    return [
        Rest(account=account, tax_type=tax_type, gross=amount, tax=taxes[account, tax_type])
        for (account, tax_type), amount in gross.items()
    ]


def has_credits_by_amount(already: Sequence[TaxedOrder]) -> bool:
    """Tell whether a credit was spread over the invoice, so that lines no longer tell the rest."""
    return any(line.key.startswith(BY_AMOUNT) for credit in already for line in credit.lines)


def make_line(amount_types: str, rest: Rest, description: str, gross: Decimal, tax: Decimal) -> TaxedLine:
    """Return a credit line over a part of an account and tax type."""
    amount = gross - tax if amount_types == EXCLUSIVE else gross
    return TaxedLine(
        key=f"{BY_AMOUNT}|{rest.account}|{rest.tax_type}",
        description=description,
        unit_amount=amount,
        amount=amount,
        tax=tax,
        tax_type=rest.tax_type,
        account=rest.account,
    )


def _is_same(line: TaxedLine, taken: TaxedLine) -> bool:
    same = (line.key, line.kind, line.account, line.tax_type) == (taken.key, taken.kind, taken.account, taken.tax_type)
    return same and bool(line.amount) and abs(taken.amount) <= abs(line.amount)


def _take(line: TaxedLine, taken: TaxedLine) -> TaxedLine:
    return replace(
        line,
        amount=line.amount - taken.amount,
        tax=line.tax - taken.tax,
        quantity=max(line.quantity - taken.quantity, ZERO),
        discount=line.discount - taken.discount,
    )
