"""One module per Xero object; each lists its routes, and this is the whole table of them."""

from segxero.sandbox.objects import (
    accounts,
    attachments,
    contact_groups,
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
    *contact_groups.ROUTES,
    *attachments.ROUTES,
    *organisation.ROUTES,
    *accounts.ROUTES,
    *tax_rates.ROUTES,
    *currencies.ROUTES,
    *users.ROUTES,
)
