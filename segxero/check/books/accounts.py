"""The accounts that the tables and mappings name: each exists, is active, and takes what is written to it. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from segxero.check.books.wanted import Compared
from segxero.check.finding import Finding, fault, note
from segxero.errors import ParkedError
from segxero.xero.books.parts import Account
from segxero.xero.money.lines import find_account

TABLE = "tables/accounts.yaml"
PAYMENTS, REFUND, DEFAULT = "payments", "refund", "default"
PAID_FROM = "Account"  # the field of a payment


@dataclass(frozen=True, slots=True)
class Role:
    """What an account is for: the test, how one that fails it is called, and what to do."""

    takes: Callable[[Account], bool]
    found: str
    remedy: str


NO_LINES = frozenset({"BANK", "INVENTORY"})  # Xero refuses these on the line of an invoice
LINES = Role(lambda account: account.kind not in NO_LINES, "takes no sales lines", "name a revenue account")
PAYS = Role(
    lambda account: account.takes_payments,
    "takes no payments",
    "name a bank account, or tick `Enable payments to this account` in Xero",
)
EITHER = Role(
    lambda account: LINES.takes(account) or PAYS.takes(account),
    "takes neither sales lines nor payments",
    "name a revenue or a bank account",
)
STOCK = Role(lambda account: account.kind == "INVENTORY", "is no inventory account", "name an inventory account")
GOODS_SOLD = Role(
    lambda account: account.kind == "DIRECTCOSTS", "is no account of direct costs", "name one of the type Direct Costs"
)
FIXED = {DEFAULT: LINES, "shipping": LINES, "discount": LINES, REFUND: LINES}
OF_ITEMS = {"inventory": STOCK, "cost of goods": GOODS_SOLD}


@dataclass(frozen=True, slots=True)
class Use:
    """One account that is named somewhere, by its code or its id, and its role there."""

    place: str
    code: str
    role: Role


def look(wanted: Compared, name: str) -> Iterator[Finding]:
    """Name every account that does not take what is written to it."""
    if DEFAULT not in wanted.table("accounts"):
        yield note(name, f"{TABLE} has no row {DEFAULT!r}", "orders of other categories wait until a row is added")
    for use in _uses(wanted):
        yield from _wrong(use, find(wanted, use.code), name)
    lost = [mapping.name for mapping, fields in wanted.constants("Payment") if _paid_from(wanted, fields) is None]
    if lost:
        yield fault(name, f"{', '.join(lost)} find no account in {TABLE}", f"add the row {PAYMENTS!r} with its code")


def find(wanted: Compared, code: str) -> Account | None:
    """Return the account with this code or id."""
    return wanted.books.accounts.get(code) or wanted.books.account_ids.get(code.lower())


def codes(wanted: Compared) -> list[str]:
    """Return the accounts that are named, in their order."""
    return sorted({use.code for use in _uses(wanted)})


def on_lines(wanted: Compared) -> list[Account]:
    """Return the accounts that get sales lines, without those that are wrong for it."""
    uses = (find(wanted, use.code) for use in _uses(wanted) if use.role in (LINES, EITHER))
    return [account for account in dict.fromkeys(uses) if account and LINES.takes(account)]


def _wrong(use: Use, account: Account | None, name: str) -> Iterator[Finding]:
    if account is None:
        yield fault(
            name, f"{use.place} is {use.code}, which Xero does not have", f"add it in Xero, or correct {use.place}"
        )
    elif not account.active:
        found = f"{use.place} is {use.code} {account.name}, which is archived"
        yield fault(name, found, f"restore it in Xero's chart of accounts, or correct {use.place}")
    elif not use.role.takes(account):
        found = f"{use.place} is {use.code} {account.name} ({account.kind}), which {use.role.found}"
        yield fault(name, found, f"{use.role.remedy} in {use.place}")


def _uses(wanted: Compared) -> list[Use]:
    pays = any(wanted.constants("Payment"))
    stocks = any(wanted.constants("Item"))
    found = []
    for row, code in wanted.table("accounts").items():
        role = FIXED.get(row, EITHER if pays else LINES)
        if row in OF_ITEMS:
            role = OF_ITEMS[row]
        if row == PAYMENTS:
            role = PAYS
        if (row != PAYMENTS or pays) and (row not in OF_ITEMS or stocks):
            found.append(Use(f"row {row!r} of {TABLE}", code, role))
    known = {use.code for use in found}
    for mapping, fields in wanted.constants("Invoice", "CreditNote"):
        found += [Use(f"{mapping.name} in {mapping.file}", code, LINES) for code in _codes(fields) if code not in known]
    for mapping, fields in wanted.constants("Payment"):
        paid_from = _paid_from(wanted, fields)
        if paid_from and paid_from not in known:
            found.append(Use(f"{mapping.name} in {mapping.file}", paid_from, PAYS))
    return found


def _codes(value: Any) -> Iterator[str]:
    """Yield the account codes that are written out in the fields of a mapping."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name.endswith("AccountCode") and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from _codes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _codes(inner)


def _paid_from(wanted: Compared, fields: dict[str, Any]) -> str | None:
    """Return the account of a payment that names no way of paying; None when there is none."""
    try:
        return find_account(fields.get(PAID_FROM), wanted.mappings.tables_of(wanted.organisation))
    except ParkedError:
        return None
