"""History notes and attachments: what Xero has no field for, kept on the record it belongs to.

Notes can only be added, never changed; attachments of one name replace each other. Both go last, from spare calls.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from segxero import jsontext
from segxero.errors import ParkedError, PermanentError
from segxero.xero.objects.row import Batch, Context, ObjectRow, Prepared, Request, Wanted
from segxero.xero.objects.schemas import AttachmentSchema, HistoryNoteSchema, checked

RESOURCES = {"Contact": "Contacts", "Invoice": "Invoices"}
LONGEST_NOTE = 2500
LARGEST_FILE = 3_000_000  # bytes; Xero takes 10 MB, but whole calls are safe up to 3.5 MB
FORBIDDEN = '<>:"/\\|?*+\0'


def _parent(wanted: Wanted) -> str:
    """Return the path of the record that the note or attachment belongs to."""
    parents = wanted.references.get("Record", ())
    if not parents:
        raise ParkedError("it names no record; set depends_on: Record in the mapping")
    if parents[0].object not in RESOURCES:
        raise PermanentError(f"{parents[0].object} takes no notes; use {' or '.join(RESOURCES)} in depends_on: Record")
    return f"/{RESOURCES[parents[0].object]}/{parents[0].xero_id}"


def _parent_id(element: Mapping[str, Any], wanted: Wanted) -> str:
    """Xero gives notes no id, so the record they belong to stands for it."""
    return wanted.references["Record"][0].xero_id


def _details(wanted: Wanted) -> str:
    return str(wanted.fields.get("Details") or "").strip()[:LONGEST_NOTE]


def prepare_note(wanted: Wanted, context: Context) -> Prepared:
    """Return the note as Xero takes it. Raise ParkedError without a record, PermanentError without text."""
    _parent(wanted)
    return Prepared(payload=checked(HistoryNoteSchema(), {"Details": _details(wanted)}, "history note"))


def write_note(batch: Batch) -> Request:
    """Make the call that adds one note."""
    ((wanted, payload),) = batch
    return Request(method="PUT", path=f"{_parent(wanted)}/History", body={"HistoryRecords": [payload]})


def lookup_note(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that reads the notes of the record."""
    return Request(method="GET", path=f"{_parent(batch[0])}/History")


def notes(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the notes in *answer*."""
    return list(answer.get("HistoryRecords", []))


def is_note(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this note: its text is all that a note has."""
    return str(element.get("Details", "")).strip() == _details(wanted)


def prepare_file(wanted: Wanted, context: Context) -> Prepared:
    """Return the attachment: its name and its content as JSON. Raise ParkedError or PermanentError."""
    _parent(wanted)
    name = _file_name(wanted)
    content = jsontext.canonical(wanted.fields.get("Content"))
    if len(content) > LARGEST_FILE:
        raise PermanentError(f"the attachment {name} is larger than {LARGEST_FILE} bytes")
    return Prepared(payload=checked(AttachmentSchema(), {"FileName": name, "Content": content}, "attachment"))


def _file_name(wanted: Wanted) -> str:
    """Return the name of the attachment. Xero refuses .json and .xml, so JSON is kept as .txt."""
    given = str(wanted.fields.get("FileName") or "")
    name = "-".join("".join(letter for letter in given if letter not in FORBIDDEN).split())
    if not name:
        raise PermanentError("the attachment has no file name; set FileName in the mapping")
    return f"{name.removesuffix('.json').removesuffix('.txt')}.txt"


def write_file(batch: Batch) -> Request:
    """Make the call that attaches one JSON file."""
    ((wanted, payload),) = batch
    path = f"{_parent(wanted)}/Attachments/{quote(payload['FileName'])}"
    return Request(method="PUT", path=path, content=payload["Content"].encode())


def lookup_file(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that lists the attachments of the record."""
    return Request(method="GET", path=f"{_parent(batch[0])}/Attachments")


def files(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the attachments in *answer*."""
    return list(answer.get("Attachments", []))


def is_file(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this attachment."""
    return bool(element.get("FileName") == _file_name(wanted))


def always(element: Mapping[str, Any], prepared: Prepared) -> bool:
    """A note that is there needs no further call."""
    return True


NOTE = ObjectRow(
    name="HistoryNote",
    queue="history",
    scope="",  # the scope of the record that it belongs to
    id_field="",
    fields=frozenset({"Details", "Record"}),
    schema=HistoryNoteSchema(),
    batch=1,
    appends=True,
    takes_two=lambda _context: True,
    spare=True,
    prepare=prepare_note,
    write=write_note,
    lookup=lookup_note,
    elements=notes,
    is_same=is_note,
    is_written=always,
    id_of=_parent_id,
)

ATTACHMENT = ObjectRow(
    name="Attachment",
    queue="history",
    scope="accounting.attachments",
    id_field="AttachmentID",
    fields=frozenset({"FileName", "Content", "Record"}),
    schema=AttachmentSchema(),
    batch=1,
    spare=True,
    prepare=prepare_file,
    write=write_file,
    lookup=lookup_file,
    elements=files,
    is_same=is_file,
)
