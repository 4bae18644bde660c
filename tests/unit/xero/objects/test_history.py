"""Notes and attachments: on the record they belong to, one a call, and a note is known again by its text."""

import pytest

from segxero.errors import ParkedError, PermanentError
from segxero.xero.api.request import Request
from segxero.xero.objects.history import LARGEST_FILE, Attachments, HistoryNotes
from segxero.xero.objects.wanted import Linked, Wanted
from tests.support.xero.wanted import CONTACT_ID, CONTEXT, INVOICE_ID, OPTION_ID, contact_link

NOTE, ATTACHMENT = HistoryNotes(), Attachments()
INVOICE = Linked(object="Invoice", key="1001", xero_id=INVOICE_ID, fields={})


def on(record, **fields):
    return Wanted(key="k1", fields=fields, references={"Record": (record,)} if record else {})


def test_a_note_is_added_to_the_contact():
    note = on(contact_link(), Details="  message m1  ")
    payload = NOTE.prepare(note, CONTEXT).payload
    assert NOTE.write([(note, payload)]) == Request(
        method="PUT", path=f"/Contacts/{CONTACT_ID}/History", body={"HistoryRecords": [{"Details": "message m1"}]}
    )


def test_a_note_is_looked_for_on_its_record_by_its_text():
    note = on(INVOICE, Details="message m1")
    assert NOTE.lookup([note], CONTEXT) == Request(method="GET", path=f"/Invoices/{INVOICE_ID}/History")
    found = NOTE.elements({"HistoryRecords": [{"Details": "other"}, {"Details": "message m1 "}]}, note)
    assert [NOTE.is_same(element, note, CONTEXT) for element in found] == [False, True]
    assert NOTE.identify(found[1], note) == INVOICE_ID


def test_a_long_note_is_cut_to_what_xero_takes_and_is_still_known_again():
    note = on(INVOICE, Details="x" * 3000)
    assert NOTE.prepare(note, CONTEXT).payload == {"Details": "x" * 2500}
    assert NOTE.is_same({"Details": "x" * 2500}, note, CONTEXT)


def test_a_note_that_is_there_needs_no_further_call():
    note = on(INVOICE, Details="a")
    assert NOTE.is_written({"Details": "a"}, NOTE.prepare(note, CONTEXT))


def test_a_note_without_text_is_refused():
    with pytest.raises(PermanentError, match="Details"):
        NOTE.prepare(on(INVOICE), CONTEXT)


@pytest.mark.parametrize("row", [NOTE, ATTACHMENT])
def test_what_names_no_record_waits_for_the_mapping(row):
    with pytest.raises(ParkedError, match="set depends_on: Record in the mapping"):
        row.prepare(on(None, Details="a", FileName="a", Content={}), CONTEXT)


def test_a_record_that_takes_no_notes_is_refused():
    label = Linked(object="TrackingOption", key="k", xero_id=OPTION_ID, fields={})
    with pytest.raises(PermanentError, match="TrackingOption takes no notes; use Contact or Invoice"):
        NOTE.prepare(on(label, Details="a"), CONTEXT)


def test_an_attachment_is_sent_as_it_is_under_a_name_that_xero_takes():
    file = on(INVOICE, FileName="order: 1/2 [é].json", Content={"b": 1, "a": "é"})
    payload = ATTACHMENT.prepare(file, CONTEXT).payload
    assert payload == {"FileName": "order-12-[é].txt", "Content": '{"a":"é","b":1}'}
    assert ATTACHMENT.write([(file, payload)]) == Request(
        method="PUT",
        path=f"/Invoices/{INVOICE_ID}/Attachments/order-12-%5B%C3%A9%5D.txt",
        content='{"a":"é","b":1}'.encode(),
    )


def test_an_attachment_is_known_again_by_its_name():
    file = on(INVOICE, FileName="order", Content={})
    assert ATTACHMENT.lookup([file], CONTEXT) == Request(method="GET", path=f"/Invoices/{INVOICE_ID}/Attachments")
    found = ATTACHMENT.elements({"Attachments": [{"FileName": "order.txt", "AttachmentID": "a1"}]}, file)
    assert ATTACHMENT.is_same(found[0], file, CONTEXT)
    assert ATTACHMENT.identify(found[0], file) == "a1"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"FileName": "<>", "Content": {}}, "has no file name"),
        ({"FileName": "a", "Content": "x" * LARGEST_FILE}, f"is larger than {LARGEST_FILE} bytes"),
    ],
)
def test_an_attachment_that_xero_cannot_take_is_refused(fields, sentence):
    with pytest.raises(PermanentError, match=sentence):
        ATTACHMENT.prepare(on(INVOICE, **fields), CONTEXT)
