"""Xero as the last ledger: it keeps the keys, so what is ours can be told from what it lists. One row per list."""

from segxero.xero.ledgers import contacts, credit_notes, invoices, payments, settings
from segxero.xero.ledgers.ledger import Ledger

# Those first that others refer to: an invoice is ours when its contact is.
LEDGERS: tuple[Ledger, ...] = (
    settings.TRACKING,
    settings.GROUPS,
    settings.ITEMS,
    contacts.LEDGER,
    invoices.LEDGER,
    credit_notes.LEDGER,
    payments.LEDGER,
)
