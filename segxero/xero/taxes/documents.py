"""Makes the lines of a document: full lines, discounts by type, taxes to the cent (T9, T11). Pure.

Called by `decision` and `foreign`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from segxero.xero.taxes import kinds, rows
from segxero.xero.taxes.accounts import find_row
from segxero.xero.taxes.case import TaxCase
from segxero.xero.taxes.rounding import Piece, exact_tax, share_out, spread
from segxero.xero.taxes.stated import ZERO, StatedLine
from segxero.xero.taxes.sums import Balance
from segxero.xero.taxes.taxed import EXCLUSIVE, INCLUSIVE, TaxedLine, TaxedOrder
from segxero.xero.taxes.zero import find_zero_row


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A line of the document before its tax is spread; *tax* is the stated tax, where it is to stay as it is."""

    line: StatedLine | None
    amount: Decimal
    rate: Decimal
    tax_type: str
    tax: Decimal | None = None
    less: Decimal = ZERO  # the discount that the line bears
    is_whole: bool = True


def make_order(
    case: TaxCase, balance: Balance, pieces: Sequence[Piece], by_rate: Mapping[Decimal, Decimal]
) -> TaxedOrder:
    """Return the order with the tax of each line; *pieces* say the rates, *by_rate* the tax of each."""
    entries = _list_entries(case, pieces)
    taxes = _spread_taxes(case, entries, by_rate, inclusive=balance.inclusive)
    lines = [_make_line(case, entry, tax) for entry, tax in zip(entries, taxes, strict=True)]
    if balance.rounding:
        lines.append(
            make_extra(case, kinds.ROUNDING, "Rounding", balance.rounding, find_row("rounding", case.setup.tables))
        )
    return TaxedOrder(
        lines=tuple(lines),
        amount_types=INCLUSIVE if balance.inclusive else EXCLUSIVE,
        total=balance.total,
        currency=case.stated.currency,
    )


def make_extra(case: TaxCase, kind: str, description: str, amount: Decimal, account: str) -> TaxedLine:
    """Return a line without a supply, such as a rounding or a tax of another country."""
    tax_type = case.find_row(rows.NO_SUPPLY if case.setup.registered else rows.NOT_REGISTERED).tax_type
    return TaxedLine(
        key=f"{kind}|{description}",
        kind=kind,
        description=description,
        unit_amount=amount,
        amount=amount,
        tax_type=tax_type,
        account=account,
    )


def find_type(case: TaxCase, line: StatedLine, rate: Decimal) -> str:
    """Return the TaxType of a line, by its mapping, or else by its rate or its reason for 0 %."""
    if line.tax_type:
        return line.tax_type
    return case.find_type(rate, line.tax_class) if rate else find_zero_row(line, case).tax_type


def _list_entries(case: TaxCase, pieces: Sequence[Piece]) -> list[DocumentEntry]:
    by_line: dict[int, list[Piece]] = {}
    for piece in pieces:
        by_line.setdefault(piece.line, []).append(piece)
    largest = max((piece for piece in pieces if piece.base), key=lambda piece: abs(piece.base), default=None)
    entries: list[DocumentEntry] = []
    discounts: dict[tuple[Decimal, str], Decimal] = {}
    for line in case.stated.all_lines:
        own = by_line.get(line.number, [])
        for entry in _entries_of(case, line, own, largest):
            entries.append(entry)
            if entry.less:
                key = entry.rate, entry.tax_type
                discounts[key] = discounts.get(key, ZERO) - entry.less
    entries += [
        DocumentEntry(line=None, amount=amount, rate=rate, tax_type=tax_type)
        for (rate, tax_type), amount in discounts.items()
    ]
    return entries


def _entries_of(
    case: TaxCase, line: StatedLine, pieces: Sequence[Piece], largest: Piece | None
) -> Iterator[DocumentEntry]:
    """Yield the document lines of a line of the order."""
    if len(pieces) != 1:
        parts = share_out(line.amount, [piece.base for piece in pieces], case.quantum)
        for piece, part in zip(pieces, parts, strict=True):
            tax_type, less = find_type(case, line, piece.rate), part - piece.base
            yield DocumentEntry(line=line, amount=part, rate=piece.rate, tax_type=tax_type, less=less, is_whole=False)
        return
    piece = pieces[0]
    # A line over 0.00 says nothing of its rate, so it takes the rate of the largest line.
    is_free = not piece.base and not line.amount and line.kind == kinds.GOODS
    rate = largest.rate if is_free and largest is not None else piece.rate
    less = line.amount - piece.base
    tax = piece.tax if not less else None
    yield DocumentEntry(
        line=line, amount=line.amount, rate=rate, tax_type=find_type(case, line, rate), tax=tax, less=less
    )


def _spread_taxes(
    case: TaxCase, entries: Sequence[DocumentEntry], by_rate: Mapping[Decimal, Decimal], *, inclusive: bool
) -> list[Decimal]:
    taxes = [ZERO if entry.tax is None else entry.tax for entry in entries]
    for rate, whole in by_rate.items():
        open_places = [place for place, entry in enumerate(entries) if entry.rate == rate and entry.tax is None]
        stated = sum((entry.tax for entry in entries if entry.rate == rate and entry.tax is not None), ZERO)
        exact = [exact_tax(entries[place].amount, rate, inclusive=inclusive) for place in open_places]
        for place, tax in zip(open_places, spread(whole - stated, exact, case.quantum), strict=True):
            taxes[place] = tax
    return taxes


def _make_line(case: TaxCase, entry: DocumentEntry, tax: Decimal) -> TaxedLine:
    line = entry.line
    if line is None:
        return TaxedLine(
            key=f"discount|{entry.tax_type}",
            kind=kinds.DISCOUNT,
            description="Discount",
            unit_amount=entry.amount,
            amount=entry.amount,
            tax=tax,
            tax_type=entry.tax_type,
            account=find_row("discount", case.setup.tables),
        )
    return TaxedLine(
        key=line.line_id or f"{line.sku or line.description}|{line.unit_amount}|{entry.tax_type}",
        kind=line.kind,
        description=line.description,
        quantity=line.quantity if entry.is_whole else Decimal(1),
        unit_amount=line.unit_amount if entry.is_whole else entry.amount,
        amount=entry.amount,
        tax=tax,
        tax_type=entry.tax_type,
        account=line.account,
        item_code=line.item_code,
        others=line.others,
        sku=line.sku,
        discount=entry.less,
        number=line.number if line.kind not in kinds.BY_NAME else 0,
    )
