"""Our own directives for numbers: @number and @money, exact decimals from JSON to JSON."""

from collections.abc import Callable
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.directives.collections import compile_list_root
from segxero.mapping.language.directive import Argument, Resolver, directive, give_nothing
from segxero.mapping.language.emptiness import follow_option
from segxero.mapping.language.parts import Imported, pick_nothing
from segxero.mapping.language.shapes import Options
from segxero.mapping.values import numbers
from segxero.mapping.values.numbers import EXACT, rounded
from segxero.mapping.values.plain_text import is_empty
from segxero.mapping.values.undefined import UNDEFINED

Numeric = Callable[[Any], Decimal | None]
Step = Callable[[Any, Decimal], Decimal | None]

OPERATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "plus": EXACT.add,
    "minus": EXACT.subtract,
    "times": EXACT.multiply,
    "divided_by": EXACT.divide,
}
MOST_DECIMALS = 12
# A quotient that never ends, such as 10 / 3, is rounded here.
QUOTIENT_DECIMALS = 20


@directive(
    "@number",
    takes=Options(optional=("value", "sum", *OPERATIONS, "decimals")),
    can_be_empty=follow_option("value"),
    inner=pick_nothing,
    imported=Imported(),  # Segment does not have it
)
def compile_number(argument: Argument) -> Resolver:
    """Calculate with exact decimals: a value or a sum over a list, then plus, minus, times and divided_by in turn."""
    calculation = _calculation(argument)
    decimals = argument.value.get("decimals", UNDEFINED)
    if decimals is UNDEFINED:
        return lambda event: _or_undefined(calculation(event))
    if type(decimals) is not int or not 0 <= decimals <= MOST_DECIMALS:
        return argument.member("decimals").fault(f"should be a whole number from 0 to {MOST_DECIMALS}")

    def resolve(event: Any) -> Any:
        number = calculation(event)
        return UNDEFINED if number is None else rounded(number, decimals)

    return resolve


@directive(
    "@money",
    takes=Options(optional=("value", "sum", *OPERATIONS, "currency")),
    can_be_empty=follow_option("value"),
    inner=pick_nothing,
    imported=Imported(),  # Segment does not have it
    varies=True,
)
def compile_money(argument: Argument) -> Resolver:
    """Calculate as @number does and round half up to the decimals of the currency."""
    calculation = _calculation(argument)
    usual = argument.run.settings.currency
    currency = argument.member("currency").compile() if "currency" in argument.value else give_nothing
    path = argument.path

    def resolve(event: Any) -> Any:
        number = calculation(event)
        if number is None:
            return UNDEFINED
        code = currency(event)
        try:
            code = usual if is_empty(code) else numbers.read_currency(code)
        except MappingError as error:
            raise MappingError(f"{path}/currency: {error}") from None
        return rounded(number, numbers.count_decimals(code))

    return resolve


def _give_none(_event: Any) -> Decimal | None:
    return None


def _or_undefined(number: Decimal | None) -> Any:
    return UNDEFINED if number is None else number


def _calculation(argument: Argument) -> Numeric:
    """Compile the start and the steps; the result is None when a value is missing."""
    if ("value" in argument.value) is ("sum" in argument.value):
        argument.fault("should have either value (a number) or sum (a list, then the factors to add up for each entry)")
        return _give_none
    start = _number(argument.member("value")) if "value" in argument.value else _sum(argument.member("sum"))
    steps = [step for name in argument.value if name in OPERATIONS for step in _steps(argument.member(name), name)]

    def calculate(event: Any) -> Decimal | None:
        number = start(event)
        for step in steps:
            if number is None:
                return None
            number = step(event, number)
        return number

    return calculate


def _number(argument: Argument) -> Numeric:
    inner = argument.compile()
    path = argument.path

    def resolve(event: Any) -> Decimal | None:
        value = inner(event)
        if is_empty(value):
            return None
        try:
            return numbers.read(value)
        except MappingError as error:
            raise MappingError(f"{path}: {error}") from None

    return resolve


def _steps(argument: Argument, name: str) -> list[Step]:
    operands = (
        [argument.at(index, operand) for index, operand in enumerate(argument.value)]
        if isinstance(argument.value, list)
        else [argument]
    )
    return [_step(operand, name) for operand in operands]


def _step(argument: Argument, name: str) -> Step:
    operand, operation, path = _number(argument), OPERATIONS[name], argument.path

    def apply(event: Any, number: Decimal) -> Decimal | None:
        other = operand(event)
        if other is None:
            return None
        try:
            result = operation(number, other)
        except (DivisionByZero, InvalidOperation, Overflow):
            raise MappingError(f"{path}: {number} cannot be divided by {other}") from None
        return rounded(result, QUOTIENT_DECIMALS) if name == "divided_by" and not _ends(result) else result

    return apply


def _ends(quotient: Decimal) -> bool:
    return int(quotient.as_tuple().exponent) >= -QUOTIENT_DECIMALS


def _sum(argument: Argument) -> Numeric:
    parts = argument.value
    if not isinstance(parts, list) or len(parts) < 2:  # noqa: PLR2004  a list and at least one factor
        argument.fault("should be a list: the path of a list, then the factors to multiply and add up for each entry")
        return _give_none
    root = compile_list_root(argument.at(0, parts[0]))
    factors = [_number(argument.at(index, part)) for index, part in enumerate(parts) if index]
    path = argument.path

    def resolve(event: Any) -> Decimal | None:
        found = root(event)
        if is_empty(found):
            return None
        entries = [found] if isinstance(found, dict) else found
        if not isinstance(entries, list):
            raise MappingError(f"{path}: should be a list but is a {type(entries).__name__}")
        total = Decimal(0)
        for position, entry in enumerate(entries, start=1):
            product = _product(factors, entry)
            # A sum without a line would be booked as if the line were free.
            if product is None:
                raise MappingError(f"{path}: entry {position} lacks a number, so the sum would be wrong")
            total = EXACT.add(total, product)
        return total

    return resolve


def _product(factors: list[Numeric], entry: Any) -> Decimal | None:
    product = Decimal(1)
    for factor in factors:
        number = factor(entry)
        if number is None:
            return None
        product = EXACT.multiply(product, number)
    return product
