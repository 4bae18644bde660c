"""The people of the organisation, to read."""

from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.conditions import Field, read_property
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import SETTINGS
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp

_FILTERS = {
    "userid": Field(kind="guid", get=lambda user: user["UserID"], index="id"),
    "emailaddress": Field(kind="text", get=lambda user: user["EmailAddress"], index="email"),
    **{name.lower(): read_property(name) for name in ("FirstName", "LastName", "OrganisationRole")},
    "issubscriber": read_property("IsSubscriber", "flag"),
}


def list_users(request: Request) -> Answer:
    page = list_records(request, request.book.users, _FILTERS, identity="UserID")
    return request.answer("Users", [_shown(user) for user in page.records])


def get_user(request: Request) -> Answer:
    return request.answer("Users", [_shown(request.find("user", request.book.users))])


def _shown(user: Record) -> Record:
    return {**user, "UpdatedDateUTC": stamp(user["UpdatedDateUTC"])}


ROUTES = allow(
    SETTINGS,
    Route("GET", "/Users", list_users),
    Route("GET", "/Users/<user>", get_user),
)
