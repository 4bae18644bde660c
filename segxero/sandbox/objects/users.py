"""The people of the organisation, to read."""

from segxero.sandbox.answers import Answer
from segxero.sandbox.objects.route import Route
from segxero.sandbox.refusals import not_found
from segxero.sandbox.request import Request
from segxero.sandbox.table import Record
from segxero.sandbox.wire import stamp


def list_users(request: Request) -> Answer:
    return request.answer("Users", [_shown(user) for user in request.book.users])


def get_user(request: Request) -> Answer:
    for user in request.book.users:
        if user["UserID"] == request.params["user"].lower():
            return request.answer("Users", [_shown(user)])
    raise not_found()


def _shown(user: Record) -> Record:
    return {**user, "UpdatedDateUTC": stamp(user["UpdatedDateUTC"])}


ROUTES = (
    Route("GET", "/Users", list_users),
    Route("GET", "/Users/<user>", get_user),
)
