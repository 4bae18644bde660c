"""History notes and attachments: data without a field in Xero, kept on the record of its order or contact.

Notes can only be added, never changed; attachments of the same name replace each other. Both go last, with spare calls.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from marshmallow import Schema, validate

from segxero import jsontext
from segxero.errors import ParkedError, PermanentError
from segxero.xero.api.request import Request
from segxero.xero.objects.context import Context
from segxero.xero.objects.schemas import Text, check_payload
from segxero.xero.objects.wanted import Batch, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject

RESOURCES = {"Contact": "Contacts", "Invoice": "Invoices"}
LONGEST_NOTE = 2500
LARGEST_FILE = 3_000_000  # bytes; Xero takes 10 MB, but whole calls are safe up to 3.5 MB
FORBIDDEN = '<>:"/\\|?*+\0'


class HistoryNoteSchema(Schema):
    """A note in a record's history."""

    Details = Text(required=True, validate=validate.Length(min=1, max=2500))


class AttachmentSchema(Schema):
    """A file on a record; its content is text."""

    FileName = Text(required=True)
    Content = Text(required=True)


class PartOfRecord(XeroObject):
    """The common part of notes and attachments: each lies under the address of another record."""

    #: Last part of the address.
    folder: ClassVar[str]

    queue = "history"
    batch = 1
    spare = True

    @abstractmethod
    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the payload. Raise ParkedError without a record, PermanentError for a record without history."""

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """List the notes or attachments of the record."""
        return Request(method="GET", path=self.find_folder(batch[0]))

    def find_folder(self, wanted: Wanted) -> str:
        """Return the address of the record's notes or attachments."""
        parents = wanted.references.get("Record", ())
        if not parents:
            raise ParkedError("it names no record; set depends_on: Record in the mapping")
        kind = parents[0].object
        if kind not in RESOURCES:
            raise PermanentError(f"{kind} takes no notes; use {' or '.join(RESOURCES)} in depends_on: Record")
        return f"/{RESOURCES[kind]}/{parents[0].xero_id}/{self.folder}"


class HistoryNotes(PartOfRecord):
    """A note in the history of a record."""

    name = "HistoryNote"
    scope = ""  # the scope of its record is enough
    id_field = ""
    collection = "HistoryRecords"
    fields = frozenset({"Details", "Record"})
    schema = HistoryNoteSchema()
    folder = "History"
    appends = True
    written_once = True

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the note. Raise ParkedError without a record, PermanentError without text."""
        self.find_folder(wanted)
        payload = {"Details": _read_details(wanted)}
        return Prepared(payload=check_payload(self.schema, payload, "history note"))

    def write(self, batch: Batch) -> Request:
        """Add a note."""
        ((wanted, payload),) = batch
        return Request(method="PUT", path=self.find_folder(wanted), body={"HistoryRecords": [payload]})

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the texts: a note has nothing else."""
        return str(element.get("Details", "")).strip() == _read_details(wanted)

    def identify(self, element: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the id of the note's record: Xero gives notes no id."""
        return wanted.references["Record"][0].xero_id

    def takes_two(self, context: Context) -> bool:
        """Xero adds the same note as often as it is sent."""
        return True


class Attachments(PartOfRecord):
    """A JSON file on a record."""

    name = "Attachment"
    scope = "accounting.attachments"
    id_field = "AttachmentID"
    collection = "Attachments"
    fields = frozenset({"FileName", "Content", "Record"})
    schema = AttachmentSchema()
    folder = "Attachments"

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the file's name and its content as JSON. Raise ParkedError or PermanentError."""
        self.find_folder(wanted)
        name = _make_file_name(wanted)
        content = jsontext.canonical(wanted.fields.get("Content"))
        if len(content) > LARGEST_FILE:
            raise PermanentError(f"the attachment {name} is larger than {LARGEST_FILE} bytes")
        payload = {"FileName": name, "Content": content}
        return Prepared(payload=check_payload(self.schema, payload, "attachment"))

    def write(self, batch: Batch) -> Request:
        """Attach a file."""
        ((wanted, payload),) = batch
        path = f"{self.find_folder(wanted)}/{quote(payload['FileName'])}"
        return Request(method="PUT", path=path, content=payload["Content"].encode())

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the names of the files."""
        return bool(element.get("FileName") == _make_file_name(wanted))


def _read_details(wanted: Wanted) -> str:
    return str(wanted.fields.get("Details") or "").strip()[:LONGEST_NOTE]


def _make_file_name(wanted: Wanted) -> str:
    """Return a name for Xero: it refuses .json and .xml, so JSON is kept as .txt."""
    given = str(wanted.fields.get("FileName") or "")
    name = "-".join("".join(letter for letter in given if letter not in FORBIDDEN).split())
    if not name:
        raise PermanentError("the attachment has no file name; set FileName in the mapping")
    return f"{name.removesuffix('.json').removesuffix('.txt')}.txt"
