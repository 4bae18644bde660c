"""Taxes without a home type: of other countries (T15), of US states, or owed by a marketplace (T16). Pure.

In the form `line` goods carry the type of their place, and the tax is a line of its own on a liability account. The
form `rate` (a rate of the shop's own in Xero) is solved like home rates. Called by `decision`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from segxero.errors import ParkedError
from segxero.xero.taxes import kinds, rows
from segxero.xero.taxes.accounts import ACCOUNTS, find_row
from segxero.xero.taxes.case import TaxCase
from segxero.xero.taxes.destination import EU_AREA
from segxero.xero.taxes.documents import make_extra, make_order
from segxero.xero.taxes.readings import share_discount
from segxero.xero.taxes.rounding import Piece, round_money, share_out
from segxero.xero.taxes.rows import HOME, TaxRow
from segxero.xero.taxes.stated import UNIT, ZERO, StatedLine, TaxLine
from segxero.xero.taxes.sums import Balance
from segxero.xero.taxes.taxed import TaxedOrder
from segxero.xero.taxes.waiting import CONTRADICTION, FOREIGN

FOREIGN_TAX, SALES_TAX, MARKETPLACE_TAX = "foreign_tax", "sales_tax", "marketplace_tax"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Whose tax it is: the *row* of its liability account, the tax's title, and the TaxType of goods sold there."""

    row: str
    title: str
    place: str = ""
    tax_type: str = ""


def find_authority(case: TaxCase) -> Authority | None:
    """Return the authority of an order's foreign tax; None where rates are to be solved."""
    taxes = case.stated.tax_lines
    if taxes and all(tax.channel_liable for tax in taxes):
        return Authority(row=MARKETPLACE_TAX, title="Marketplace tax", place=case.destination.name)
    if case.destination.is_abroad and not _is_service(case):
        row = find_foreign_row(case)
        if row is not None and row.form != rows.LINE:
            return None
        tax_type = row.tax_type if row is not None else ""
        if not tax_type and case.destination.kind == EU_AREA:
            # Distance sales under the One Stop Shop stand in no box of the home return.
            tax_type = case.find_row(rows.NO_SUPPLY).tax_type
        return Authority(row=FOREIGN_TAX, title="VAT", place=case.destination.name, tax_type=tax_type)
    row = case.rows.find(case.setup.country, rows.STANDARD, case.destination.region)
    if case.is_at_home and row is not None and row.form == rows.LINE:
        place = case.destination.region or case.setup.country
        return Authority(row=SALES_TAX, title="Sales tax", place=place, tax_type=row.tax_type)
    return None


def find_foreign_row(case: TaxCase) -> TaxRow | None:
    """Return the row for the destination of an order; rows of the EU and of all countries stand in for it."""
    found = case.rows.find(case.destination.country, rows.FOREIGN, case.destination.region)
    if found is None and case.destination.kind == EU_AREA:
        found = case.rows.find("EU", rows.FOREIGN)
    return found or case.rows.find("*", rows.FOREIGN)


def find_foreign_rates(case: TaxCase) -> list[TaxRow]:
    """Return the shop's rates in Xero for the destination of an order."""
    if not case.destination.is_abroad:
        return []
    found = case.rows.select(case.destination.country, case.destination.region, rows.FOREIGN)
    return [row for row in found if row.form == rows.RATE]


def charges_home_rates(case: TaxCase) -> bool:
    """Tell whether home rates are charged where the order goes: services, and the EU below its threshold (T4)."""
    row = find_foreign_row(case) if case.destination.is_abroad else None
    return case.is_at_home or _is_service(case) or (row is not None and row.form == HOME)


def book_as_lines(case: TaxCase, balances: Sequence[Balance], authority: Authority) -> TaxedOrder:
    """Return the order with its tax as lines on a liability account. Raise ParkedError where no account is named."""
    balance = balances[0]
    silent = _change_lines(case, lambda line: _type_line(case, line, authority))
    shares = share_discount(case.stated.all_lines, balance.discount, case.quantum)[0]
    pieces = [
        Piece(line=line.number, base=line.amount - line.discount - shares.get(line.number, ZERO), rate=ZERO)
        for line in silent.stated.all_lines
    ]
    # A marketplace keeping its tax leaves it out of the total; then nothing of it is the shop's.
    if authority.row == MARKETPLACE_TAX and balance.inclusive and case.stated.tax_included is None:
        return make_order(silent, replace(balance, inclusive=False), pieces, {})
    account = _find_account(case, authority)
    if balance.inclusive:
        silent, pieces = _take_tax_out(silent, pieces, balance.tax)
    made = make_order(silent, replace(balance, inclusive=False), pieces, {})
    taxes = [
        make_extra(case, kinds.FOREIGN_TAX, title, amount, account)
        for title, amount in _list_taxes(case, balance.tax, authority)
    ]
    return replace(made, lines=(*made.lines, *taxes))


def _is_service(case: TaxCase) -> bool:
    """Tell whether all products are services, supplied in the shop's country unless they are digital (T4)."""
    return bool(case.stated.lines) and all(line.supply == "service" for line in case.stated.lines)


def _change_lines(case: TaxCase, change: Callable[[StatedLine], StatedLine]) -> TaxCase:
    stated = case.stated
    lines, parts = tuple(map(change, stated.lines)), tuple(map(change, stated.parts))
    return replace(case, stated=replace(stated, lines=lines, parts=parts))


def _type_line(case: TaxCase, line: StatedLine, authority: Authority) -> StatedLine:
    row = case.rows.find_type(line.tax_type) if line.tax_type else None
    if row is not None and row.rate and not line.is_forced:
        raise _refuse_type(case, line)
    if line.kind in kinds.NO_SUPPLIES:
        return replace(line, tax=None)
    liable = authority.row == MARKETPLACE_TAX
    return replace(line, tax=None, tax_type=line.tax_type or authority.tax_type, channel_liable=liable)


def _refuse_type(case: TaxCase, line: StatedLine) -> ParkedError:
    sentence = (
        f"{case.subject.name}, {line.label}: the mapping says {line.tax_type}, but the tax is that of"
        f" {case.destination.name}, where the order goes. Which of the two is right?"
    )
    return case.subject.wait(CONTRADICTION, sentence, explanations=[line.tax_type, case.destination.name])


def _find_account(case: TaxCase, authority: Authority) -> str:
    names = (f"{authority.row} {authority.place}", authority.row)
    if not any(name in case.setup.table(ACCOUNTS) for name in names):
        sentence = (
            f"{case.subject.name} has {case.subject.money(case.stated.tax or ZERO)} tax of {authority.place}. On which"
            f" liability account is it booked? Add the row `{authority.row}` to tables/accounts.yaml; it goes on by"
            " itself."
        )
        raise case.subject.wait(FOREIGN, sentence, lacks=(ACCOUNTS, authority.row))
    return find_row(names[0], case.setup.tables, names[1])


def _list_taxes(case: TaxCase, tax: Decimal, authority: Authority) -> list[tuple[str, Decimal]]:
    """Return each stated tax where they make the whole, else a single line."""
    stated = case.stated.tax_lines
    if stated and sum((line.amount or ZERO for line in stated), ZERO) == tax:
        return [(_title(line, authority), line.amount or ZERO) for line in stated]
    rates = case.stated.rates
    percent = f" {rates[0].normalize():f} %" if len(rates) == 1 else ""
    return [(f"{authority.title} {authority.place}{percent}".replace("  ", " ").strip(), tax)]


def _title(line: TaxLine, authority: Authority) -> str:
    title = line.title or f"{authority.title} {authority.place}".strip()
    return f"{title} {line.rates[0].normalize():f} %" if line.rates and "%" not in title else title


def _take_tax_out(case: TaxCase, pieces: Sequence[Piece], tax: Decimal) -> tuple[TaxCase, list[Piece]]:
    """Turn gross lines into net lines: a tax with a line of its own is not inside another line."""
    taxable = {line.number for line in case.stated.all_lines if line.kind not in kinds.NO_SUPPLIES}
    weights = [piece.base if piece.line in taxable else ZERO for piece in pieces]
    taken = {piece.line: part for piece, part in zip(pieces, share_out(tax, weights, case.quantum), strict=True)}
    bases = {piece.line: piece.base for piece in pieces}

    def make_net(line: StatedLine) -> StatedLine:
        base, less = bases[line.number], taken[line.number]
        if not base or not less:
            return line
        amount = round_money(line.amount * (base - less) / base, case.quantum)
        unit = (amount / line.quantity).quantize(UNIT) if line.quantity else amount
        if round_money(unit * line.quantity, case.quantum) == amount:
            return replace(line, amount=amount, unit_amount=unit)
        return replace(line, amount=amount, unit_amount=amount, quantity=Decimal(1))

    return _change_lines(case, make_net), [replace(piece, base=piece.base - taken[piece.line]) for piece in pieces]
