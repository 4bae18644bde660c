"""The currencies of the organisation: they can be added and never removed."""

from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.state.demo_company import name_currency
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import SETTINGS
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.model import currency, ignore, shape

_FIELDS = {"Code": currency, "Description": ignore}
_CURRENCY = shape(_FIELDS)


def list_currencies(request: Request) -> Answer:
    return request.answer(
        "Currencies",
        [{"Code": code, "Description": description} for code, description in request.book.currencies.items()],
    )


def add_currency(request: Request) -> Answer:
    element = request.read_elements("Currencies", "Currency", _FIELDS, _CURRENCY)[0]
    code = element["Code"]
    request.book.currencies.setdefault(code, name_currency(code))
    return request.answer("Currencies", [{"Code": code, "Description": request.book.currencies[code]}])


ROUTES = allow(
    SETTINGS,
    Route("GET", "/Currencies", list_currencies),
    Route("PUT", "/Currencies", add_currency),
)
