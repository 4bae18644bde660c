"""The desk: changes that a person makes in Xero's own pages and no API can make.

The control page calls it for contacts, accounts, tax rates, payments and the organisation.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from segxero.sandbox.countries.tax_rates import make_own_rate
from segxero.sandbox.objects.contact_writes import make_contact
from segxero.sandbox.state.book import Book


def put_contacts(book: Book, contacts: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """Add *contacts*, or change any property of those with a ContactID; return their ids.

    Raise ValueError for an unknown id.
    """
    return [_put(book, dict(contact), now) for contact in contacts]


def put_accounts(book: Book, accounts: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """Change accounts, any property of them, by their codes; return their ids. Raise ValueError for an unknown code."""
    return [_put_account(book, dict(account), now) for account in accounts]


def _put_account(book: Book, changes: dict[str, Any], now: datetime) -> str:
    old = book.accounts.find("code", str(changes.get("Code", "")))
    if old is None:
        raise ValueError(f"There is no account {changes.get('Code', '')}.")
    book.accounts.put(old["AccountID"], {**old, **changes, "UpdatedDateUTC": now})
    return str(old["AccountID"])


def put_tax_rates(book: Book, rates: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """Change tax rates, any property of them, by their types; return these. Raise ValueError for an unknown type.

    An unknown type with a Name and an EffectiveRate is a new rate of the organisation's own.
    """
    rates = [dict(rate) for rate in rates]
    for rate in rates:
        tax_type = str(rate.get("TaxType", ""))
        if tax_type and tax_type not in book.tax_rates and {"Name", "EffectiveRate"} <= rate.keys():
            book.tax_rates[tax_type] = make_own_rate(tax_type, str(rate["Name"]), Decimal(rate["EffectiveRate"]))
    unknown = [str(rate.get("TaxType", "")) for rate in rates if rate.get("TaxType") not in book.tax_rates]
    if unknown:
        raise ValueError(f"There is no tax rate {', '.join(unknown)}.")
    for rate in rates:
        book.tax_rates[rate["TaxType"]] |= rate
    return [rate["TaxType"] for rate in rates]


def put_payments(book: Book, payments: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """Reconcile payments, or take that back, by their ids; return these. Raise ValueError for an unknown id."""
    changed = []
    for payment in payments:
        old = book.payments.get(str(payment.get("PaymentID", "")))
        if old is None:
            raise ValueError(f"There is no payment {payment.get('PaymentID', '')}.")
        reconciled = bool(payment.get("IsReconciled", True))
        book.payments.put(old["PaymentID"], {**old, "IsReconciled": reconciled, "UpdatedDateUTC": now})
        changed.append(str(old["PaymentID"]))
    return changed


def put_organisation(book: Book, changes: Mapping[str, Any], now: datetime) -> list[str]:
    """Change properties of the organisation itself; return its id."""
    book.organisation |= changes
    return [str(book.organisation["OrganisationID"])]


CHANGES: Mapping[str, Callable[[Book, Any, datetime], list[str]]] = {
    "contacts": put_contacts,
    "accounts": put_accounts,
    "tax_rates": put_tax_rates,
    "payments": put_payments,
    "organisation_settings": put_organisation,
}


def _put(book: Book, changes: dict[str, Any], now: datetime) -> str:
    identity = changes.get("ContactID")
    old = book.contacts.get(identity) if identity else make_contact(book)
    if old is None:
        raise ValueError(f"There is no contact {identity}.")
    new = {**old, **changes, "UpdatedDateUTC": now}
    book.contacts.put(new["ContactID"], new)
    return str(new["ContactID"])
