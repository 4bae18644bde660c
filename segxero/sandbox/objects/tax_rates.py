"""Tax rates, to read."""

from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.conditions import read_property
from segxero.sandbox.query.filters import parse_where
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import SETTINGS
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.refusals import not_found

_FILTERS = {name.lower(): read_property(name) for name in ("Name", "TaxType", "Status")}


def list_tax_rates(request: Request) -> Answer:
    text = request.query.get("where", "")
    rates = list(request.book.tax_rates.values())
    if text:
        condition = parse_where(text, _FILTERS)
        rates = [rate for rate in rates if condition.holds(rate)]
    return request.answer("TaxRates", rates)


def get_tax_rate(request: Request) -> Answer:
    rate = request.book.tax_rates.get(request.params["tax_type"])
    if rate is None:
        raise not_found()
    return request.answer("TaxRates", [rate])


ROUTES = allow(
    SETTINGS,
    Route("GET", "/TaxRates", list_tax_rates),
    Route("GET", "/TaxRates/<tax_type>", get_tax_rate),
)
