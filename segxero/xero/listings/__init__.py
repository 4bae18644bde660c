"""Listings: the lists of Xero. Xero keeps our keys, so `sync.recovery` finds our records in its lists."""

from segxero.xero.listings import contacts, credit_notes, invoices, payments, settings
from segxero.xero.listings.listing import Listing

# A list stands behind the lists it refers to: an invoice is ours when its contact is.
LISTINGS: tuple[Listing, ...] = (
    settings.TRACKING,
    settings.GROUPS,
    settings.ITEMS,
    contacts.LISTING,
    invoices.LISTING,
    credit_notes.LISTING,
    payments.LISTING,
)
