"""Why an order waits: each cause as a ParkedError with its data and its sentence (chapter W)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from segxero.errors import ParkedError

SUMS, AMBIGUOUS, NO_FIT, CONTRADICTION = "sums_disagree", "tax_ambiguous", "tax_unknown", "tax_contradiction"
ROW_MISSING, TAX_MISSING, ZERO_UNKNOWN, FOREIGN = "row_missing", "tax_missing", "zero_unknown", "foreign_tax"
TOO_MANY, PLACE_UNKNOWN, CURRENCIES, NO_PRICE = "too_many_products", "place_unknown", "currencies_differ", "no_price"
NO_PRODUCTS, NOT_REGISTERED, REFUND = "no_products", "not_registered", "refund_unclear"
MOST_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSubject:
    """The order a sentence is about, with its money."""

    order: str
    amount: Decimal
    currency: str

    @property
    def name(self) -> str:
        return f"Order {self.order}" if self.order else "The order"

    def money(self, value: Decimal) -> str:
        """Write an amount with the order's currency."""
        return f"{value} {self.currency}".strip()

    def wait(
        self,
        kind: str,
        sentence: str,
        *,
        lacks: tuple[str, str] | None = None,
        explanations: Sequence[str] = (),
    ) -> ParkedError:
        """Return the error for this order; it names the order's whole money, even if only a part is in doubt."""
        return ParkedError(
            sentence,
            kind=kind,
            lacks=() if lacks is None else (lacks,),
            explanations=tuple(explanations)[:MOST_LISTED],
            amount=self.amount,
            currency=self.currency,
        )

    def miss_row(self, table: str, row: str, need: str) -> ParkedError:
        """Return the error for a row missing in a table; *need* says its purpose."""
        sentence = (
            f"{self.name} ({self.money(self.amount)}) waits: {need}. Add the row `{row}` to tables/{table}.yaml;"
            " it goes on by itself."
        )
        return self.wait(ROW_MISSING, sentence, lacks=(table, row))
