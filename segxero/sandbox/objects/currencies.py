"""The currencies that the organisation is subscribed to: they can be added and never removed."""

from segxero.sandbox.answers import Answer
from segxero.sandbox.demo import CURRENCIES
from segxero.sandbox.model import currency, ignore, shape
from segxero.sandbox.objects.route import Route
from segxero.sandbox.request import Request

_FIELDS = {"Code": currency, "Description": ignore}
_CURRENCY = shape(_FIELDS)


def list_currencies(request: Request) -> Answer:
    return request.answer(
        "Currencies",
        [{"Code": code, "Description": description} for code, description in request.book.currencies.items()],
    )


def add_currency(request: Request) -> Answer:
    element = request.elements("Currencies", "Currency", _FIELDS, _CURRENCY)[0]
    code = element["Code"]
    request.book.currencies.setdefault(code, CURRENCIES.get(code, code))
    return request.answer("Currencies", [{"Code": code, "Description": request.book.currencies[code]}])


ROUTES = (
    Route("GET", "/Currencies", list_currencies),
    Route("PUT", "/Currencies", add_currency),
)
