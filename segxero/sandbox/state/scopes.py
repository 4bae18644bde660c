"""Xero's OAuth scopes, by the granular names in use since March 2026.

Each object's module allows its routes for some of these scopes; the options and the consent page offer them all.
"""

INVOICES = ("accounting.invoices",)
PAYMENTS = ("accounting.payments",)
BANK_TRANSACTIONS = ("accounting.banktransactions",)
MANUAL_JOURNALS = ("accounting.manualjournals",)
CONTACTS = ("accounting.contacts",)
SETTINGS = ("accounting.settings",)
ATTACHMENTS = ("accounting.attachments",)

_WRITABLE = (*INVOICES, *PAYMENTS, *BANK_TRANSACTIONS, *MANUAL_JOURNALS, *CONTACTS, *SETTINGS, *ATTACHMENTS)
GRANULAR_SCOPES = frozenset({*_WRITABLE, *(f"{scope}.read" for scope in _WRITABLE)})
SIGN_IN_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
