"""Numbers for money: exact decimals in and out, rounded half up to the decimals of a currency."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.values.plain_text import is_number, plain_text

# Sums, differences and products of numbers that `read` takes are exact in it; a quotient has at most 50 digits.
EXACT = Context(prec=50, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
WRITTEN = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})")
LARGEST = Decimal(10) ** 18
LONGEST_SHOWN = 40

USUAL_DECIMALS = 2
# Minor units of ISO 4217 (list one) that are not two. CLDR's digits are no substitute: they say how amounts are shown,
# and would round Serbian dinars to whole ones.
MINOR_UNITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DECIMALS = {code: decimals for decimals, codes in MINOR_UNITS.items() for code in codes.split()}
CURRENCY = re.compile(r"[A-Z]{3}")


def read(value: Any) -> Decimal:
    """Read a JSON number, or a text that is one. Raise MappingError, which says how it should look, for all else."""
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
    """Round half up, which is away from zero for negative numbers as well: what Xero does."""
    result = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, EXACT)
    return result or abs(result)


def decimals_of(currency: str) -> int:
    """Return how many decimals an amount of *currency* (three letters, "" for unknown) has."""
    return DECIMALS.get(currency, USUAL_DECIMALS)


def read_currency(value: Any) -> str:
    """Read a currency code of any case. Raise MappingError when it is none."""
    code = value.strip().upper() if isinstance(value, str) else ""
    if not CURRENCY.fullmatch(code):
        raise MappingError(f"should be a currency code such as EUR, not {_shown(value)}")
    return code
