"""Listings: Xero keeps our keys, so what is ours can be told from what it lists. One row per list."""

from segxero.xero.listings import contacts, credit_notes, invoices, payments, settings
from segxero.xero.listings.listing import Listing

# Those first that others refer to: an invoice is ours when its contact is.
LISTINGS: tuple[Listing, ...] = (
    settings.TRACKING,
    settings.GROUPS,
    settings.ITEMS,
    contacts.LISTING,
    invoices.LISTING,
    credit_notes.LISTING,
    payments.LISTING,
)
