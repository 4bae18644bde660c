"""The scope of each resource, by the granular names in use since March 2026."""

_WRITABLE = {
    "accounting.invoices",
    "accounting.payments",
    "accounting.banktransactions",
    "accounting.manualjournals",
    "accounting.contacts",
    "accounting.settings",
    "accounting.attachments",
}
GRANULAR_SCOPES = frozenset(_WRITABLE | {f"{scope}.read" for scope in _WRITABLE})
SIGN_IN_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})

_SETTINGS = ("accounting.settings",)
_INVOICES = ("accounting.invoices",)
RESOURCE_SCOPES = {
    "Accounts": _SETTINGS,
    "Attachments": ("accounting.attachments",),
    "ContactGroups": ("accounting.contacts",),
    "BankTransactions": ("accounting.banktransactions",),
    "Contacts": ("accounting.contacts",),
    "CreditNotes": _INVOICES,
    "Currencies": _SETTINGS,
    "Invoices": _INVOICES,
    "Items": (*_INVOICES, *_SETTINGS),
    "Organisation": _SETTINGS,
    "Overpayments": ("accounting.banktransactions",),
    "Payments": ("accounting.payments",),
    "TaxRates": _SETTINGS,
    "TrackingCategories": _SETTINGS,
    "Users": _SETTINGS,
}


def is_allowed(granted: frozenset[str], resource: str, method: str) -> bool:
    """Say whether *granted* covers *method* on *resource*; a GET is content with the `.read` variant."""
    for scope in RESOURCE_SCOPES.get(resource, ()):
        if scope in granted or (method == "GET" and f"{scope}.read" in granted):
            return True
    return resource not in RESOURCE_SCOPES
