"""A module for each Xero object. Each module lists its routes; the app reads the whole table here."""

from segxero.sandbox.objects import (
    accounts,
    allocations,
    attachments,
    bank_transactions,
    contact_groups,
    contacts,
    credit_notes,
    currencies,
    history,
    invoices,
    items,
    organisation,
    overpayments,
    payments,
    tax_rates,
    tracking,
    users,
)
from segxero.sandbox.objects.route import Route

ROUTES: tuple[Route, ...] = (
    *contacts.ROUTES,
    *invoices.ROUTES,
    *credit_notes.ROUTES,
    *allocations.ROUTES,
    *payments.ROUTES,
    *bank_transactions.ROUTES,
    *overpayments.ROUTES,
    *items.ROUTES,
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
