"""History notes: only ever added, told back without an id, and never recognised as the same note again."""

from typing import Any

from segxero.sandbox.objects.batch import write_messages
from segxero.sandbox.objects.parents import find_parent
from segxero.sandbox.objects.route import Route
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import CONTACTS, INVOICES
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp, stamp_plainly, write_utc
from segxero.sandbox.wire.model import ignore, shape, text
from segxero.sandbox.wire.refusals import not_found, validation

MAXIMUM_DETAILS = 2_500
UNKNOWN_PARENT = "The document with the supplied id was not found for this endpoint."
_FIELDS = {"Details": text} | dict.fromkeys(("Changes", "User", "DateUTC", "DateUTCString"), ignore)
_NOTE = shape(_FIELDS)


def list_notes(request: Request) -> Answer:
    """Answer GET: the newest first, as recorded."""
    identity, document = find_parent(request)
    if document is None:
        raise not_found()
    notes = request.book.history.get(identity, ())
    return request.answer("HistoryRecords", [_shown(note) for note in reversed(notes)])


def add_notes(request: Request) -> Answer:
    """Answer PUT and POST: add every note, or none when any cannot be."""
    notes = request.read_elements("HistoryRecords", "HistoryRecord", _FIELDS, _NOTE)
    identity, document = find_parent(request)
    refused = [
        {"Details": note.get("Details", ""), "ValidationErrors": write_messages([fault])}
        for note in notes
        if (fault := _fault(note, document))
    ]
    if refused:
        return validation(refused)
    added = [
        {"Changes": "Note", "DateUTC": request.now, "User": "System Generated", "Details": note["Details"]}
        for note in notes
    ]
    request.book.history.setdefault(identity, []).extend(added)
    brief = [
        {
            "DateUTCString": write_utc(request.now),
            "DateUTC": stamp_plainly(request.now),
            "Details": note["Details"],
            "ValidationErrors": [],
        }
        for note in added
    ]
    return request.answer("HistoryRecords", brief)


def _fault(note: Record, document: Record | None) -> str:
    if document is None:
        return UNKNOWN_PARENT
    if not note.get("Details", "").strip():
        return "Details must be specified."
    if len(note["Details"]) > MAXIMUM_DETAILS:
        return f"The field Details must be a string with a maximum length of {MAXIMUM_DETAILS}."
    return ""


def _shown(note: Record) -> dict[str, Any]:
    return {
        "Changes": note["Changes"],
        "DateUTCString": write_utc(note["DateUTC"]),
        "DateUTC": stamp(note["DateUTC"]),
        "User": note["User"],
        "Details": note["Details"],
    }


ROUTES = tuple(
    Route(method, f"/{document}/History", handle, scopes=scopes)
    for document, scopes in (("Contacts/<contact>", CONTACTS), ("Invoices/<invoice>", INVOICES))
    for method, handle in (("GET", list_notes), ("PUT", add_notes), ("POST", add_notes))
)
