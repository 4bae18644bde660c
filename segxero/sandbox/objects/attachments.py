"""Attachments of contacts and invoices: raw bytes under a file name, at most ten for each document.

The sentences about the document and the file type, and the shape around them, are Xero's (XeroAPI/Xero-Java#126 and
#142); the others are stand-ins. The file types are those of Xero's release note and of its partners' help pages.
"""

from mimetypes import MimeTypes
from typing import Any
from urllib.parse import quote

from segxero.sandbox.objects.batch import ZERO_ID, write_messages
from segxero.sandbox.objects.parents import find_parent
from segxero.sandbox.objects.route import Route
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import ATTACHMENTS
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.refusals import not_found, validation

MAXIMUM_ATTACHMENTS = 10
FORBIDDEN = frozenset('<>:"/\\|?*+\0')
FILE_TYPES = frozenset(
    {
        *("7z", "bmp", "csv", "doc", "docx", "eml", "gif", "jpeg", "jpg", "key"),
        *("keynote", "msg", "numbers", "odf", "ods", "odt", "pages", "pdf", "png", "ppt"),
        *("pptx", "rar", "rtf", "tif", "tiff", "txt", "xls", "xlsx", "zip"),
    }
)
WRONG_TYPE = "The file couldn't be uploaded because it isn't a supported file type."
UNKNOWN_TYPE = "application/octet-stream"


def list_attachments(request: Request) -> Answer:
    identity, document = find_parent(request)
    if document is None:
        raise not_found()
    return request.answer("Attachments", list_held(request, identity))


def get_attachment(request: Request) -> Answer:
    """Answer GET with the bytes of an attachment, by its id or its name."""
    identity, document = find_parent(request)
    held, wanted = request.book.attachments.get(identity, {}), request.params["attachment"]
    by_id = (each for each in held.values() if each["AttachmentID"] == wanted.lower())
    found = next(by_id, None) or held.get(wanted)
    if document is None or found is None:
        raise not_found()
    return Answer(content=found["Content"], content_type=found["MimeType"])


def put_attachment(request: Request) -> Answer:
    """Answer PUT and POST: keep the bytes. A known name is overwritten and keeps its id."""
    identity, document = find_parent(request)
    name = request.params["attachment"]
    held = request.book.attachments.get(identity, {})
    about = {"FileName": name, "MimeType": _mime_type(request, name), "ContentLength": len(request.body)}
    faults = _faults(request, identity, document, name, held)
    if faults or document is None:
        return validation([{"AttachmentID": ZERO_ID, **about, "ValidationErrors": write_messages(faults)}])
    attachment = {
        "AttachmentID": held[name]["AttachmentID"] if name in held else request.book.new_id(),
        **about,
        "Url": f"http://{request.headers['host']}/api.xro/2.0/{_resource(request)}/{identity}/Attachments/{quote(name)}",
        "IncludeOnline": document.get("Type") == "ACCREC" and request.has_flag("includeonline"),
        "Content": request.body,
    }
    request.book.attachments.setdefault(identity, {})[name] = attachment
    document["HasAttachments"] = True
    return request.answer("Attachments", [_shown(attachment)])


def list_held(request: Request, identity: str) -> list[dict[str, Any]]:
    """Return the attachments of a document as they go over the wire."""
    return [_shown(attachment) for attachment in request.book.attachments.get(identity, {}).values()]


def _faults(request: Request, identity: str, document: Record | None, name: str, held: dict[str, Record]) -> list[str]:
    if document is None:
        return [f"A document with id '{identity}' could not be found"]
    found = []
    if FORBIDDEN & set(name):
        found.append(f"The file name {name!r} contains a character that is not allowed.")
    if name.rpartition(".")[2].lower() not in FILE_TYPES or "." not in name:
        found.append(WRONG_TYPE)
    if not request.body:
        found.append("The file is empty.")
    # An overwritten file takes no new place.
    if name not in held and len(held) >= MAXIMUM_ATTACHMENTS:
        found.append(f"A document can have a maximum of {MAXIMUM_ATTACHMENTS} attachments.")
    return found


def _mime_type(request: Request, name: str) -> str:
    """Return the type as sent; the general type gives way to that of the file name (recorded)."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip()
    if sent and sent != UNKNOWN_TYPE:
        return sent
    return MimeTypes().guess_type(name)[0] or UNKNOWN_TYPE


def _resource(request: Request) -> str:
    return "Contacts" if "contact" in request.params else "Invoices"


def _shown(attachment: Record) -> dict[str, Any]:
    """Return an attachment as recorded: IncludeOnline is only there when it holds."""
    names = ("AttachmentID", "FileName", "Url", "MimeType", "ContentLength")
    online = {"IncludeOnline": True} if attachment["IncludeOnline"] else {}
    return {name: attachment[name] for name in names} | online


ROUTES = tuple(
    Route(method, f"/{document}/Attachments{name}", handle, raw, ATTACHMENTS)
    for document in ("Contacts/<contact>", "Invoices/<invoice>")
    for method, name, handle, raw in (
        ("GET", "", list_attachments, False),
        ("GET", "/<path:attachment>", get_attachment, False),
        ("PUT", "/<path:attachment>", put_attachment, True),
        ("POST", "/<path:attachment>", put_attachment, True),
    )
)
