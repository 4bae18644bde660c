"""The possible rates of a line (T2): the ladder of evidence E1-E6 and its contradictions (T3). Pure.

Called by `decision` for orders at home; each line gets the rates allowed by its evidence, and the solver chooses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from segxero.errors import ParkedError
from segxero.xero.taxes import kinds, rows
from segxero.xero.taxes.destination import Destination
from segxero.xero.taxes.rows import TABLE, TaxRow, TaxRows
from segxero.xero.taxes.setup import TaxSetup
from segxero.xero.taxes.stated import ZERO, Stated, StatedLine
from segxero.xero.taxes.waiting import CONTRADICTION, TaxSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The possible *rates* of a line; *source* names the deciding evidence for the sentence of a contradiction.

    *is_open* marks a rate unknown to the event and to all tables, so only the order's tax can tell it.
    """

    line: StatedLine
    rates: tuple[Decimal, ...]
    source: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Collects the evidence for the lines of an order sold at home."""

    stated: Stated
    rows: TaxRows
    setup: TaxSetup
    destination: Destination
    subject: TaxSubject

    def collect(self, line: StatedLine) -> Evidence:
        """Return the possible rates of *line*. Raise ParkedError when two pieces of evidence disagree."""
        if line.kind in kinds.NO_SUPPLIES and not line.tax_type and line.tax_class in ("", rows.NO_SUPPLY):
            return Evidence(line=line, rates=(ZERO,), source="no supply")
        said = [*self._from_type(line), *self._from_event(line), *self._from_class(line)]
        if not said:
            return Evidence(line=line, rates=self._open_rates(line), is_open=True)
        first, rates = said[0]
        for other, others in said[1:]:
            common = tuple(rate for rate in rates if rate in others)
            if not common and not line.is_forced:
                raise self._contradict(line, (first, rates), (other, others))
            rates = common or rates
        return Evidence(line=line, rates=rates, source=first)

    def home_rows(self) -> list[TaxRow]:
        """Return the rows of the sold classes (T5); all rows at home while nobody has said."""
        classes = self.setup.sells or (*rows.TAXED, *rows.UNTAXED)
        region = self.destination.region if self.destination.is_home else ""
        return self.rows.select(self.setup.country, region, *classes)

    def _from_type(self, line: StatedLine) -> list[tuple[str, tuple[Decimal, ...]]]:
        """E1: the mapping or the event names the type."""
        if not line.tax_type:
            return []
        row = self.rows.find_type(line.tax_type)
        if row is None or row.rate is None:
            need = f"the mapping gives {line.label} the tax type {line.tax_type}, and no row says its rate"
            raise self.subject.miss_row(TABLE, f"{self.setup.country} standard", need)
        return [(f"the mapping says {line.tax_type}", (row.rate,))]

    def _from_event(self, line: StatedLine) -> list[tuple[str, tuple[Decimal, ...]]]:
        """E2: the event states a rate or an amount for the line."""
        said: list[tuple[str, tuple[Decimal, ...]]] = []
        if line.rates:
            said.append((f"the shop states {_percents(line.rates)}", self._known(line, line.rates)))
        if line.tax is not None:
            if not line.tax and line.amount - line.discount:
                said.append(("the shop charged 0.00", (ZERO,)))
            elif line.tax:
                rates = tuple(row.rate for row in self._all_home() if row.rate)
                said.append((f"the shop charged {line.tax}", tuple(dict.fromkeys(rates))))
        return said

    def _from_class(self, line: StatedLine) -> list[tuple[str, tuple[Decimal, ...]]]:
        """E3: the product's class, from the event or the table `tax_classes`."""
        tax_class = line.tax_class
        if not tax_class and line.kind in kinds.BY_NAME and line.tax is None and not line.rates:
            tax_class = kinds.BY_NAME[line.kind].tax_class
        if not tax_class:
            return []
        if tax_class not in rows.TAXED:
            return [(f"its class is {tax_class}", (ZERO,))]
        found = self.rows.select(self.setup.country, self.destination.region, tax_class)
        rates = tuple(dict.fromkeys(row.rate for row in found if row.rate is not None))
        if not rates:
            raise self.subject.miss_row(TABLE, f"{self.setup.country} {tax_class}", f"{line.label} is {tax_class}")
        return [(f"its class is {tax_class}", rates)]

    def _open_rates(self, line: StatedLine) -> tuple[Decimal, ...]:
        """E5, E6: the order's single rate for all taxed lines, else every rate of the shop."""
        sold = [row.rate for row in self.home_rows() if row.rate is not None]
        if self.stated.rates:
            known = self._known(line, self.stated.rates)
            sold = [*known, *(rate for rate in sold if rate == 0)]
        return tuple(sorted(set(sold), reverse=True))

    def _known(self, line: StatedLine, rates: Sequence[Decimal]) -> tuple[Decimal, ...]:
        """Return the stated *rates* with a row at home. Raise ParkedError when none has a row."""
        at_home = {row.rate for row in self._all_home()} | {ZERO}
        known = tuple(rate for rate in rates if rate in at_home)
        if not known:
            need = f"the shop states {_percents(rates)} tax for {line.label}, and no row has that rate"
            raise self.subject.miss_row(TABLE, f"{self.setup.country} standard", need)
        return known

    def _all_home(self) -> list[TaxRow]:
        return self.rows.select(self.setup.country, self.destination.region, *rows.TAXED, *rows.UNTAXED)

    def _contradict(
        self, line: StatedLine, first: tuple[str, Sequence[Decimal]], second: tuple[str, Sequence[Decimal]]
    ) -> ParkedError:
        sentence = (
            f"{self.subject.name}, {line.label}: {first[0]} ({_percents(first[1])}), but {second[0]}"
            f" ({_percents(second[1])}). Which of the two is right?"
        )
        return self.subject.wait(CONTRADICTION, sentence, explanations=[first[0], second[0]])


def _percents(rates: Sequence[Decimal]) -> str:
    return " or ".join(f"{rate.normalize():f} %" for rate in rates) or "no rate"
