"""Decides generated orders by the product and by the rule that it had before, and counts what each books falsely.

.venv/bin/python -m tests.simulation.tax_run 10000
"""

import sys
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from segxero.errors import ParkedError
from segxero.xero.taxes.decision import decide
from segxero.xero.taxes.setup import TaxSetup
from tests.simulation.tax_orders import ACCOUNTS, Generator, KnownOrder


@dataclass(slots=True)
class Result:
    """What came of the orders: *false* ones have another net or tax in a box than the truth."""

    orders: int = 0
    waiting: int = 0
    false: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    control_waiting: int = 0
    control_false: int = 0

    @property
    def share_waiting(self) -> float:
        return self.waiting / self.orders


def run(orders: int, seed: int = 1) -> Result:
    """Decide *orders* generated orders."""
    generator = Generator(seed)
    result = Result()
    for number in range(orders):
        known = generator.make(number)
        result.orders += 1
        _decide(known, result)
        _control(known, result)
    return result


def set_up(known: KnownOrder) -> TaxSetup:
    """Return the set-up of the order's shop."""
    country = known.country
    tables = {"accounts": ACCOUNTS, "tax_rows": country.rows, "tax_classes": known.tax_classes}
    return TaxSetup(country=country.code, currency=country.currency, tables=tables, sells=tuple(country.classes))


def _decide(known: KnownOrder, result: Result) -> None:
    try:
        taxed = decide(known.fields, set_up(known))
    except ParkedError as error:
        result.waiting += 1
        result.reasons[error.kind] += 1
        return
    boxes: dict[str, tuple[Decimal, Decimal]] = {}
    for line in taxed.lines:
        net, tax = boxes.get(line.tax_type, (Decimal(0), Decimal(0)))
        own = line.amount - line.tax if taxed.amount_types == "Inclusive" else line.amount
        boxes[line.tax_type] = net + own, tax + line.tax
    boxes = {kind: sums for kind, sums in boxes.items() if any(sums)}
    if boxes not in known.boxes or taxed.total != known.total:
        result.false.append(f"{known.country.code} {known.fields}: {boxes} instead of {known.boxes[0]}")


def _control(known: KnownOrder, result: Result) -> None:
    """Book the order as the product did before: one rate for all lines, else the row `otherwise` for all of them."""
    country = known.country
    rates = {rate: kind for rate, kind in country.classes.values() if rate != "0"}
    goods = sum(line["UnitAmount"] * line["Quantity"] for line in known.fields["LineItems"])
    base = goods - known.fields.get("Discount", 0) + known.fields.get("Shipping", 0)
    tax, total = known.fields["Tax"], known.fields["Total"]
    inclusive = bool(tax) and total == base
    if not inclusive and total != base + tax:
        result.control_waiting += 1
        return
    kind = country.no_supply
    if tax:
        fitting = [kind for rate, kind in rates.items() if _tax(base, Decimal(rate), inclusive=inclusive) == tax]
        kind = fitting[0] if len(fitting) == 1 else next(iter(rates.values()))
    boxes = {kind: (base - tax if inclusive else base, tax)}
    result.control_false += boxes not in known.boxes


def _tax(base: Decimal, rate: Decimal, *, inclusive: bool) -> Decimal:
    made = base * rate / (100 + rate if inclusive else 100)
    return made.quantize(Decimal("0.01"), ROUND_HALF_UP)


def main() -> None:
    result = run(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    told = [
        f"{result.orders} orders: {len(result.false)} false, {result.waiting} wait {dict(result.reasons)}",
        f"the rule before: {result.control_false} false, {result.control_waiting} wait",
        *result.false[:10],
    ]
    sys.stdout.write("\n".join(told) + "\n")
    sys.exit(bool(result.false))


if __name__ == "__main__":
    main()
