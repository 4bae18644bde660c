"""Numbers for money: exact decimals in and out, rounded half up to the decimals of a currency.

@number, @money, Liquid and the amounts of Xero's objects call this module.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.values.plain_text import is_number, plain_text

# Sums, differences and products of numbers from `read` are exact in it; a quotient has at most 50 digits.
EXACT = Context(prec=50, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
WRITTEN = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})")
LARGEST = Decimal(10) ** 18
LONGEST_SHOWN = 40

USUAL_DECIMALS = 2
# Currencies of ISO 4217 (list one) without two decimals. CLDR's digits are no substitute: they are made for display
# and would round Serbian dinars to whole numbers.
MINOR_UNITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DECIMALS = {code: decimals for decimals, codes in MINOR_UNITS.items() for code in codes.split()}
CURRENCY = re.compile(r"[A-Z]{3}")


def read(value: Any) -> Decimal:
    """Read a JSON number, or the text of a number. Raise MappingError with an example for everything else."""
    if is_number(value):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    elif isinstance(value, str) and WRITTEN.fullmatch(value.strip()):
        number = Decimal(value.strip())
    else:
        raise MappingError(f"should be a number such as 1234.50, not {_shown(value)}")
    if not number.is_finite() or abs(number) >= LARGEST:
        raise MappingError(f"should be a number below 10^18, not {_shown(value)}")
    return number


def _shown(value: Any) -> str:
    if isinstance(value, dict | list | bool):
        return f"a {type(value).__name__}"
    text = plain_text(value)
    return f'"{text[:LONGEST_SHOWN]}…"' if len(text) > LONGEST_SHOWN else f'"{text}"'


def rounded(number: Decimal, decimals: int) -> Decimal:
    """Round half up as Xero does: away from zero, for negative numbers as well."""
    result = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, EXACT)
    # -0.00 would look odd in Xero.
    return result or abs(result)


def count_decimals(currency: str) -> int:
    """Return how many decimals an amount of *currency* (three letters, "" for unknown) has."""
    return DECIMALS.get(currency, USUAL_DECIMALS)


def read_currency(value: Any) -> str:
    """Read a currency code in small or capital letters. Raise MappingError for anything else."""
    code = value.strip().upper() if isinstance(value, str) else ""
    if not CURRENCY.fullmatch(code):
        raise MappingError(f"should be a currency code such as EUR, not {_shown(value)}")
    return code
