"""One module per Xero object; each lists its routes, and this is the whole table of them."""

from segxero.sandbox.objects import (
    accounts,
    contacts,
    currencies,
    history,
    invoices,
    organisation,
    tax_rates,
    tracking,
    users,
)
from segxero.sandbox.objects.route import Route

ROUTES: tuple[Route, ...] = (
    *contacts.ROUTES,
    *invoices.ROUTES,
    *tracking.ROUTES,
    *history.ROUTES,
    *organisation.ROUTES,
    *accounts.ROUTES,
    *tax_rates.ROUTES,
    *currencies.ROUTES,
    *users.ROUTES,
)
