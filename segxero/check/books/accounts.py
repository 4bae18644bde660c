"""Accounts named by tables and mappings: each must exist, be active, and suit its use. Pure; called by compare.py."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from segxero.check.books import payment_methods
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
    """A use of an account: *takes* tests it; *found* and *remedy* describe an unsuitable account."""

    takes: Callable[[Account], bool]
    found: str
    remedy: str


NO_LINES = frozenset({"BANK", "INVENTORY"})  # Xero refuses these on invoice lines
LINES = Role(lambda account: account.kind not in NO_LINES, "takes no sales lines", "use a revenue account")
PAYS = Role(
    lambda account: account.takes_payments,
    "takes no payments",
    "use a bank account, or tick `Enable payments to this account` in Xero",
)
EITHER = Role(
    lambda account: LINES.takes(account) or PAYS.takes(account),
    "takes neither sales lines nor payments",
    "use a revenue or a bank account",
)
STOCK = Role(lambda account: account.kind == "INVENTORY", "is not an inventory account", "use an inventory account")
GOODS_SOLD = Role(
    lambda account: account.kind == "DIRECTCOSTS",
    "is not a direct costs account",
    "use an account of the type Direct Costs",
)
FIXED = {DEFAULT: LINES, "shipping": LINES, "discount": LINES, REFUND: LINES}
OF_ITEMS = {"inventory": STOCK, "cost of goods": GOODS_SOLD}


@dataclass(frozen=True, slots=True)
class Use:
    """An account *code* (or id), the *place* naming it, and its role there."""

    place: str
    code: str
    role: Role


def look(wanted: Compared, name: str) -> Iterator[Finding]:
    """Report every account Xero would refuse for its use."""
    if DEFAULT not in wanted.table("accounts"):
        yield note(
            name, f"{TABLE} has no row {DEFAULT!r}", "add the row; until then, orders of categories without a row wait"
        )
    for use in _uses(wanted):
        yield from _check(use, find(wanted, use.code), name)
    # A payment without a payment method uses the row `payments`.
    lost = [mapping.name for mapping, fields in wanted.constants("Payment") if _paid_from(wanted, fields) is None]
    if lost:
        yield fault(
            name, f"{', '.join(lost)} have no account in {TABLE}", f"add the row {PAYMENTS!r} with an account code"
        )


def find(wanted: Compared, code: str) -> Account | None:
    """Return the account with this code or id."""
    return wanted.books.accounts.get(code) or wanted.books.account_ids.get(code.lower())


def list_codes(wanted: Compared) -> list[str]:
    """Return the codes of all named accounts, sorted."""
    return sorted({use.code for use in _uses(wanted)})


def list_line_accounts(wanted: Compared) -> list[Account]:
    """Return the accounts used on sales lines, except unsuitable ones."""
    uses = (find(wanted, use.code) for use in _uses(wanted) if use.role in (LINES, EITHER))
    return [account for account in dict.fromkeys(uses) if account and LINES.takes(account)]


def _check(use: Use, account: Account | None, name: str) -> Iterator[Finding]:
    if account is None:
        yield fault(
            name, f"{use.place} is {use.code}, which Xero does not have", f"add it in Xero, or correct {use.place}"
        )
    elif not account.active:
        # Xero refuses archived accounts, but they can be restored: no new account is needed.
        found = f"{use.place} is {use.code} {account.name}, which is archived"
        yield fault(name, found, f"restore it in Xero's chart of accounts, or correct {use.place}")
    elif not use.role.takes(account):
        found = f"{use.place} is {use.code} {account.name} ({account.kind}), which {use.role.found}"
        yield fault(name, found, f"{use.role.remedy} in {use.place}")


def _uses(wanted: Compared) -> list[Use]:
    of_tables = [*_list_rows(wanted), *_list_payment_methods(wanted)]
    # The tables' accounts come first; each account is reported once.
    known = {use.code for use in of_tables}
    return [*of_tables, *(use for use in _list_constants(wanted) if use.code not in known)]


def _list_rows(wanted: Compared) -> Iterator[Use]:
    pays = any(wanted.constants("Payment"))
    # An order without a way of paying uses the row `payments`, too.
    books_payments = pays or any(wanted.constants("Order"))
    stocks = any(wanted.constants("Item"))
    for row, code in wanted.table("accounts").items():
        # With payments switched on, a row may be the bank account of a payment method.
        role = FIXED.get(row, EITHER if pays else LINES)
        if row in OF_ITEMS:
            role = OF_ITEMS[row]
        if row == PAYMENTS:
            role = PAYS
        if (row != PAYMENTS or books_payments) and (row not in OF_ITEMS or stocks):
            yield Use(f"row {row!r} of {TABLE}", code, role)


def _list_payment_methods(wanted: Compared) -> Iterator[Use]:
    for row, code in payment_methods.list_accounts(wanted).items():
        yield Use(f"row {row!r} of {payment_methods.TABLE}", code, PAYS)


def _list_constants(wanted: Compared) -> Iterator[Use]:
    """Yield the accounts that stand in the mappings themselves."""
    for mapping, fields in wanted.constants("Order", "Invoice", "CreditNote"):
        yield from (Use(f"{mapping.name} in {mapping.file}", code, LINES) for code in _codes(fields))
    for mapping, fields in wanted.constants("Payment"):
        if paid_from := _paid_from(wanted, fields):
            yield Use(f"{mapping.name} in {mapping.file}", paid_from, PAYS)


def _codes(value: Any) -> Iterator[str]:
    """Yield the account codes written directly in the fields of a mapping."""
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
    """Return the account of a payment without a payment method; None when no row gives it."""
    try:
        return find_account(fields.get(PAID_FROM), wanted.mappings.tables_of(wanted.organisation, wanted.shop))
    except ParkedError:
        return None
