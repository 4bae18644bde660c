"""Credits of an invoice: their lines inherit account, type and tax of the lines they take back (T18, L7). Pure.

Today's rates are never asked. Called by `orders` for each refund and cancellation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from segxero.errors import ParkedError
from segxero.xero.taxes import kinds
from segxero.xero.taxes.remaining import LineRemainder, Rest, find_left, find_rests, has_credits_by_amount, make_line
from segxero.xero.taxes.rounding import CENT, find_quantum, round_exact, round_money, share_out
from segxero.xero.taxes.taxed import EXCLUSIVE, TaxedLine, TaxedOrder
from segxero.xero.taxes.waiting import REFUND, TaxSubject

ZERO = Decimal(0)
RESTOCKING = "restocking_fee"  # the kind, and the accounts' row, of the part kept by the shop
UNIT = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedProduct:
    """A returned product; None for a *quantity* means its whole rest."""

    line_id: str = ""
    sku: str = ""
    description: str = ""
    unit_amount: Decimal | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCredit:
    """The statement of a refund. Nothing at all means the whole rest.

    *kept* are the parts kept by the shop, with their tax and by name (`restocking_fee`, `fee`), and *kept_accounts*
    the account of each.
    """

    order: str = ""
    currency: str = ""
    description: str = "Refund"
    products: tuple[WantedProduct, ...] = ()
    total: Decimal | None = None
    tax: Decimal | None = None
    shipping: Decimal | None = None
    kept: dict[str, Decimal] = field(default_factory=dict)
    kept_accounts: dict[str, str] = field(default_factory=dict)


def credit_lines(invoice: TaxedOrder, already: Sequence[TaxedOrder], wanted: WantedCredit) -> TaxedOrder:
    """Return the credit of *wanted*, after the credits *already* booked; its amounts are positive like the invoice's.

    Raise ParkedError with the sums when they do not tell the credited lines.
    """
    quantum = find_quantum(wanted.currency)
    credit = _Credit(invoice=invoice, already=already, wanted=wanted, quantum=quantum)
    total = None if wanted.total is None else abs(wanted.total)
    # The same sum as the whole rest needs no reading of products: it is all of it (L7 d).
    if total == credit.left or (total is None and not wanted.products and wanted.shipping is None and not wanted.kept):
        return credit.take_everything()
    if not wanted.products and wanted.shipping is None and total is not None:
        return credit.take_amount(total)
    lines = [line for product in wanted.products for line in credit.take_product(product)]
    return credit.agree(lines, total)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Credit:
    """A credit in the making."""

    invoice: TaxedOrder
    already: Sequence[TaxedOrder]
    wanted: WantedCredit
    quantum: Decimal

    @property
    def left(self) -> Decimal:
        return self.invoice.total - sum((credit.total for credit in self.already), ZERO)

    @property
    def subject(self) -> TaxSubject:
        amount = self.wanted.total if self.wanted.total is not None else self.left
        return TaxSubject(order=self.wanted.order, amount=abs(amount), currency=self.wanted.currency)

    def make(self, lines: Sequence[TaxedLine]) -> TaxedOrder:
        """Put lines together; lines over 0.00 say nothing."""
        kept = tuple(line for line in lines if line.amount or line.tax)
        made = TaxedOrder(
            lines=kept, amount_types=self.invoice.amount_types, total=ZERO, currency=self.invoice.currency
        )
        return replace(made, total=sum((made.gross_of(line) for line in kept), ZERO))

    def take_everything(self) -> TaxedOrder:
        """Credit the rest: line by line, or by account and type once a credit was spread."""
        if has_credits_by_amount(self.already):
            rests = find_rests(self.invoice, self.already)
            return self.make([self._line(rest, rest.gross, rest.tax) for rest in rests])
        return self.make([_fit(left.line, left.sold) for left in find_left(self.invoice, self.already)])

    def take_amount(self, total: Decimal) -> TaxedOrder:
        """Spread an amount over the rest of each account and type, to the cent (L7 b)."""
        if total > self.left:
            raise self._refuse(f"{total} is given back, and only {self.left} of it is left to credit")
        rests = find_rests(self.invoice, self.already)
        parts = share_out(total, [rest.gross for rest in rests], self.quantum)
        return self.make(
            [self._line(rest, part, self._tax_in(rest, part)) for rest, part in zip(rests, parts, strict=True)]
        )

    def take_product(self, product: WantedProduct) -> list[TaxedLine]:
        """Credit a product with its share of discount and tax (L7 a)."""
        left = self._find(product)
        quantity = left.line.quantity if product.quantity is None else abs(product.quantity)
        if quantity > left.line.quantity:
            name, sold = left.sold.description, left.line.quantity.normalize()
            raise self._refuse(f"{quantity.normalize():f} of {name} come back, and {sold:f} are left to credit")
        share = Fraction(quantity) / Fraction(left.line.quantity) if left.line.quantity else Fraction(1)
        line = replace(
            left.line,
            quantity=quantity,
            amount=round_exact(Fraction(left.line.amount) * share, self.quantum),
            tax=round_exact(Fraction(left.line.tax) * share, self.quantum),
            discount=round_exact(Fraction(left.line.discount) * share, self.quantum),
        )
        return [_fit(line, left.sold), *self._take_discount(line)]

    def agree(self, lines: list[TaxedLine], total: Decimal | None) -> TaxedOrder:
        """Return the credit if the products and the named parts make the stated total (L7 c-e)."""
        goods = self.make(lines)
        for shipping in self._shippings():
            made = self.make([*lines, *shipping, *self._keep(goods)])
            if total is None or made.total == total:
                return made
            # A tax is known to half a cent only, so the stated sum decides the last cent (T9).
            if abs(made.total - total) <= CENT and made.tax:
                return self._move_tax(made, total - made.total)
        assert total is not None
        return self._read_as_amount(goods, total)

    def _read_as_amount(self, goods: TaxedOrder, total: Decimal) -> TaxedOrder:
        rests = find_rests(self.invoice, self.already)
        repeats = _count_products(goods) == _count_products(self.invoice)
        if repeats and len(rests) == 1 and total < goods.total and not self.wanted.kept:
            return self.take_amount(total)
        off = abs(goods.total - total)
        question = "a restocking fee, or a lower price for the goods" if total < goods.total else "shipping"
        raise self._refuse(f"The goods make {goods.total}; {total} was given back. Is {off} {question}?")

    def _find(self, product: WantedProduct) -> LineRemainder:
        candidates = [one for one in find_left(self.invoice, self.already) if one.sold.number]
        open_ones = [one for one in candidates if one.line.quantity > 0]
        for tells in _MATCHES:
            found = [one for one in open_ones if tells(one.sold, product)]
            if found:
                return found[0]
        name = product.description or product.sku or product.line_id
        raise self._refuse(f"{name} comes back, and the order has no such product left to credit")

    def _take_discount(self, line: TaxedLine) -> list[TaxedLine]:
        if not line.discount:
            return []
        sold = next(one for one in self.invoice.lines if one.kind == kinds.DISCOUNT and one.tax_type == line.tax_type)
        share = Fraction(line.discount) / Fraction(-sold.amount)
        tax = round_exact(Fraction(sold.tax) * share, self.quantum)
        return [replace(sold, unit_amount=-line.discount, amount=-line.discount, tax=tax)]

    def _shippings(self) -> list[list[TaxedLine]]:
        """Return how shipping may be given back: as a net amount, or with its tax."""
        if not self.wanted.shipping:
            return [[]]
        left = [one for one in find_left(self.invoice, self.already) if one.sold.kind == kinds.SHIPPING]
        net = self.make([one.line for one in left])
        sums = (sum((line.amount for line in net.lines), ZERO), net.total)
        found = []
        for whole in dict.fromkeys(sums):
            if whole and abs(self.wanted.shipping) <= whole:
                share = Fraction(abs(self.wanted.shipping)) / Fraction(whole)
                found.append([self._take_share(one, share) for one in left])
        if not found:
            raise self._refuse(f"{abs(self.wanted.shipping)} of shipping is given back, and {net.total} is left of it")
        return found

    def _take_share(self, left: LineRemainder, share: Fraction) -> TaxedLine:
        amount = round_exact(Fraction(left.line.amount) * share, self.quantum)
        tax = round_exact(Fraction(left.line.tax) * share, self.quantum)
        return replace(left.line, quantity=Decimal(1), unit_amount=amount, amount=amount, tax=tax)

    def _keep(self, goods: TaxedOrder) -> list[TaxedLine]:
        """Return the parts kept by the shop as negative lines, taxed like the returned goods."""
        lines = []
        for name, gross in self.wanted.kept.items():
            rests = find_rests(goods, [])
            parts = share_out(abs(gross), [rest.gross for rest in rests], self.quantum)
            for rest, part in zip(rests, parts, strict=True):
                own = replace(rest, account=self.wanted.kept_accounts.get(name, rest.account))
                line = self._line(own, -part, -self._tax_in(rest, part))
                lines.append(replace(line, key=f"{name}|{rest.tax_type}", kind=kinds.FEE, description=_title(name)))
        return lines

    def _line(self, rest: Rest, gross: Decimal, tax: Decimal) -> TaxedLine:
        return make_line(self.invoice.amount_types, rest, self.wanted.description, gross, tax)

    def _tax_in(self, rest: Rest, gross: Decimal) -> Decimal:
        if not rest.gross:
            return ZERO
        return round_exact(Fraction(gross) * Fraction(rest.tax) / Fraction(rest.gross), self.quantum)

    def _move_tax(self, made: TaxedOrder, off: Decimal) -> TaxedOrder:
        largest = max(made.lines, key=lambda line: abs(line.tax))
        if self.invoice.amount_types != EXCLUSIVE:
            raise self._refuse(f"The goods make {made.total}; {made.total + off} was given back")
        lines = [replace(line, tax=line.tax + off) if line is largest else line for line in made.lines]
        return self.make(lines)

    def _refuse(self, reason: str) -> ParkedError:
        name = self.subject.name if self.subject.order else "the order"
        end = "" if reason.endswith("?") else "."
        return self.subject.wait(REFUND, f"The refund of {name[0].lower()}{name[1:]}: {reason}{end}")


def _count_products(order: TaxedOrder) -> dict[int, Decimal]:
    return {line.number: line.quantity for line in order.lines if line.number}


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _fit(line: TaxedLine, sold: TaxedLine) -> TaxedLine:
    """Give a credit line its unit amount; where quantity times price is not its amount, it is a single piece."""
    if line.quantity and round_money(line.quantity * sold.unit_amount, CENT) == line.amount:
        return replace(line, unit_amount=sold.unit_amount)
    unit = (line.amount / line.quantity).quantize(UNIT) if line.quantity else line.amount
    if line.quantity and round_money(line.quantity * unit, CENT) == line.amount:
        return replace(line, unit_amount=unit)
    return replace(line, quantity=Decimal(1), unit_amount=line.amount)


def _has_id(sold: TaxedLine, product: WantedProduct) -> bool:
    return bool(product.line_id) and sold.key == product.line_id


def _has_price(sold: TaxedLine, product: WantedProduct) -> bool:
    return product.unit_amount in (None, sold.unit_amount)


def _has_code(sold: TaxedLine, product: WantedProduct) -> bool:
    return bool(product.sku) and sold.sku == product.sku


def _has_name(sold: TaxedLine, product: WantedProduct) -> bool:
    return bool(product.description) and sold.description == product.description


_MATCHES: tuple[Callable[[TaxedLine, WantedProduct], bool], ...] = (
    _has_id,
    lambda sold, product: _has_code(sold, product) and _has_price(sold, product),
    _has_code,
    lambda sold, product: _has_name(sold, product) and _has_price(sold, product),
)
