"""The organisation itself, and the actions that it allows an app."""

from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import SETTINGS
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp_day, stamp_plainly
from segxero.sandbox.wire.refusals import not_implemented

ACTIONS = (
    "ApproveTransactionsBeforePeriodLockDate",
    "ArchiveContact",
    "AttachFilesIntoInvoice",
    "CreateApprovedBill",
    "CreateApprovedInvoice",
    "CreateARCreditAllocation",
    "CreateContact",
    "CreateDraftBill",
    "CreateDraftInvoice",
    "CreateInvoicePayment",
    "UpdateContact",
    "UpdatePaidInvoice",
    "UseMulticurrency",
)
REFUSED_ACTIONS = frozenset({"ApproveTransactionsBeforePeriodLockDate"})


def get_organisation(request: Request) -> Answer:
    book = request.book
    body = book.organisation | {"CreatedDateUTC": stamp_plainly(book.created)}
    locks = {"PeriodLockDate": book.period_lock_date, "EndOfYearLockDate": book.end_of_year_lock_date}
    body |= {name: stamp_day(lock) for name, lock in locks.items() if lock}
    return request.answer("Organisations", [body])


def list_actions(request: Request) -> Answer:
    return request.answer(
        "Actions",
        [{"Name": name, "Status": "NOT-ALLOWED" if name in REFUSED_ACTIONS else "ALLOWED"} for name in ACTIONS],
    )


def refuse(request: Request) -> Answer:
    """Answer every write: organisations cannot be changed by API."""
    raise not_implemented()


ROUTES = allow(
    SETTINGS,
    Route("GET", "/Organisation", get_organisation),
    Route("POST", "/Organisation", refuse),
    Route("PUT", "/Organisation", refuse),
    Route("GET", "/Organisation/Actions", list_actions),
)
