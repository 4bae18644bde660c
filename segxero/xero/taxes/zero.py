"""Lines without tax: the reason decides the TaxType, because types of 0 % land in different boxes (T12). Pure."""

from segxero.errors import ParkedError
from segxero.xero.taxes import kinds, rows
from segxero.xero.taxes.case import TaxCase
from segxero.xero.taxes.destination import EU_AREA, UNKNOWN
from segxero.xero.taxes.rows import TaxRow
from segxero.xero.taxes.setup import ASK
from segxero.xero.taxes.stated import StatedLine
from segxero.xero.taxes.waiting import PLACE_UNKNOWN, ZERO_UNKNOWN

SERVICES = ("service", "digital")


def find_zero_row(line: StatedLine, case: TaxCase) -> TaxRow:
    """Return the row of a line at 0 %. Raise ParkedError when none or several reasons hold."""
    return case.find_row(find_zero_class(line, case))


def find_zero_class(line: StatedLine, case: TaxCase) -> str:
    """Return the class of a line at 0 %: the first valid reason of T12."""
    if not case.setup.registered:
        return rows.NOT_REGISTERED
    if line.kind in kinds.NO_SUPPLIES or line.tax_class == rows.NO_SUPPLY:
        return rows.NO_SUPPLY
    return rows.MARKETPLACE if line.channel_liable else _find_by_place(line, case)


def _find_by_place(line: StatedLine, case: TaxCase) -> str:
    if case.destination.is_abroad and line.supply != "service":
        return _find_abroad(line, case)
    if case.destination.is_abroad and case.destination.is_business:
        return rows.EU_SERVICES if case.destination.kind == EU_AREA else rows.REVERSE_CHARGE
    if line.tax_class and line.tax_class not in rows.TAXED:
        return line.tax_class
    if case.destination.kind == UNKNOWN and not case.is_at_home:
        raise _ask_place(case)
    return _find_at_home(line, case)


def _find_abroad(line: StatedLine, case: TaxCase) -> str:
    if case.destination.is_business and line.supply in SERVICES:
        return rows.EU_SERVICES if case.destination.kind == EU_AREA else rows.REVERSE_CHARGE
    if case.destination.kind != EU_AREA:
        return rows.EXPORT
    if case.destination.is_business:
        return rows.EU_GOODS
    if line.tax_class and line.tax_class not in rows.TAXED:
        return line.tax_class
    sentence = (
        f"{case.subject.name} ({case.subject.money(case.subject.amount)}) to {case.destination.country} has no tax,"
        " and the customer has no VAT number. Is it a business? Send its VAT number, or the class of the products."
    )
    raise case.subject.wait(ZERO_UNKNOWN, sentence, explanations=[rows.EU_GOODS, rows.ZERO_RATED])


def _find_at_home(line: StatedLine, case: TaxCase) -> str:
    sold = [name for name in rows.UNTAXED if name in case.setup.sells]
    if len(sold) == 1:
        return sold[0]
    if case.setup.untaxed_domestic != ASK:
        return case.setup.untaxed_domestic
    found = case.rows.select(case.setup.country, case.destination.region, *(sold or rows.UNTAXED))
    # A single type for all untaxed classes, such as NONE in the United States, leaves nothing to ask.
    if found and len({row.tax_type for row in found}) == 1:
        return found[0].tax_class
    raise _ask_class(line, case, [row.tax_class for row in found])


def _ask_class(line: StatedLine, case: TaxCase, classes: list[str]) -> ParkedError:
    name = line.category or line.sku or line.description
    choices = " or ".join(name.replace("_", "-") for name in dict.fromkeys(classes)) or "zero-rated or exempt"
    sentence = (
        f"{case.subject.name} ({case.subject.money(case.subject.amount)}): {line.label} was sold without tax."
        f" Is {name} {choices}? Add its row to tables/tax_classes.yaml, or set untaxed_domestic."
    )
    return case.subject.wait(ZERO_UNKNOWN, sentence, lacks=("tax_classes", name), explanations=classes)


def _ask_place(case: TaxCase) -> ParkedError:
    sentence = (
        f"{case.subject.name} ({case.subject.money(case.subject.amount)}) has no tax, and nothing says where it went:"
        " abroad it is an export, at home the products are zero-rated or exempt. Send its address, or set"
        " ships_abroad: false where the shop sells at home only."
    )
    return case.subject.wait(PLACE_UNKNOWN, sentence, explanations=[rows.EXPORT, rows.ZERO_RATED, rows.EXEMPT])
