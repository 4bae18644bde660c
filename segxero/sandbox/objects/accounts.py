"""The chart of accounts: lists, single accounts, and new accounts by one call each."""

from segxero.sandbox.objects.batch import ZERO_ID, write_messages
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.conditions import Field, read_property
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import SETTINGS
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp
from segxero.sandbox.wire.model import currency, flag, ignore, shape, text, word
from segxero.sandbox.wire.refusals import validation

MAXIMUM_CODE = 10
MAXIMUM_NAME = 150
CLASSES = {
    "BANK": "ASSET",
    "CURRENT": "ASSET",
    "FIXED": "ASSET",
    "INVENTORY": "ASSET",
    "NONCURRENT": "ASSET",
    "PREPAYMENT": "ASSET",
    "EQUITY": "EQUITY",
    "DEPRECIATN": "EXPENSE",
    "DIRECTCOSTS": "EXPENSE",
    "EXPENSE": "EXPENSE",
    "OVERHEADS": "EXPENSE",
    "PAYG": "LIABILITY",
    "CURRLIAB": "LIABILITY",
    "LIABILITY": "LIABILITY",
    "TERMLIAB": "LIABILITY",
    "OTHERINCOME": "REVENUE",
    "REVENUE": "REVENUE",
    "SALES": "REVENUE",
}
_FIELDS = {
    **dict.fromkeys(("Code", "Name", "Description", "TaxType", "BankAccountNumber", "ReportingCode"), text),
    "Type": word("AccountType", *CLASSES),
    "BankAccountType": word("BankAccountType", "BANK", "CREDITCARD", "PAYPAL", "NONE", ""),
    "CurrencyCode": currency,
    **dict.fromkeys(("EnablePaymentsToAccount", "ShowInExpenseClaims", "AddToWatchlist"), flag),
    **dict.fromkeys(("AccountID", "Class", "Status", "SystemAccount", "ReportingCodeName", "UpdatedDateUTC"), ignore),
}
_ACCOUNT = shape(_FIELDS)
_FILTERS = {
    "accountid": Field(kind="guid", get=lambda account: account["AccountID"], index="id"),
    "code": Field(kind="text", get=lambda account: account.get("Code"), index="code"),
    "name": Field(kind="text", get=lambda account: account["Name"], index="name"),
    **{name.lower(): read_property(name) for name in ("Type", "Class", "Status", "TaxType", "SystemAccount")},
}


def list_accounts(request: Request) -> Answer:
    page = list_records(request, request.book.accounts, _FILTERS, identity="AccountID")
    return request.answer("Accounts", [_shown(account) for account in page.records])


def get_account(request: Request) -> Answer:
    return request.answer("Accounts", [_shown(request.find("account", request.book.accounts))])


def create_account(request: Request) -> Answer:
    """Answer PUT: a single account."""
    element = request.read_elements("Accounts", "Account", _FIELDS, _ACCOUNT)[0]
    faults = _faults(request, element)
    if faults:
        return validation([{"AccountID": ZERO_ID, **element, "ValidationErrors": write_messages(faults)}])
    identity = request.book.new_id()
    account = {
        "AccountID": identity,
        "Status": "ACTIVE",
        "TaxType": "NONE",
        "EnablePaymentsToAccount": False,
        **element,
        "Class": CLASSES[element["Type"]],
        "UpdatedDateUTC": request.now,
    }
    request.book.accounts.put(identity, account)
    return request.answer("Accounts", [_shown(account)])


def _faults(request: Request, element: Record) -> list[str]:
    accounts, faults = request.book.accounts, []
    name, code = element.get("Name", ""), element.get("Code", "")
    if not name or len(name) > MAXIMUM_NAME or accounts.find("name", name):
        faults.append("Please enter a unique Name.")
    if not code or len(code) > MAXIMUM_CODE or accounts.find("code", code):
        faults.append("Please enter a unique Code.")
    if "Type" not in element:
        faults.append("Account type is required.")
    return faults


def _shown(account: Record) -> Record:
    return {**account, "UpdatedDateUTC": stamp(account["UpdatedDateUTC"])}


ROUTES = allow(
    SETTINGS,
    Route("GET", "/Accounts", list_accounts),
    Route("PUT", "/Accounts", create_account),
    Route("GET", "/Accounts/<account>", get_account),
)
