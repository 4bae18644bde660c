import pytest

from tests.support.xero.sandbox_client import connected


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_note_is_answered_without_an_id_as_recorded(method):
    xero = connected()
    identity = xero.invoice()["InvoiceID"]
    reply = xero.call(method, f"Invoices/{identity}/History", {"HistoryRecords": [{"Details": "Hello"}]})
    assert reply.only("HistoryRecords") == {
        "DateUTCString": "2026-11-24T06:00:00",
        "DateUTC": "/Date(1795500000000)/",
        "Details": "Hello",
        "ValidationErrors": [],
    }


def test_notes_are_only_added_and_the_same_note_twice_is_two_notes():
    xero = connected()
    path = f"Contacts/{xero.contact()['ContactID']}/History"
    for _ in range(2):
        xero.put(path, {"HistoryRecords": [{"Details": "A"}, {"Details": "B"}]})
    notes = xero.get(path).json["HistoryRecords"]
    assert [note["Details"] for note in notes] == ["B", "A", "B", "A"]
    assert {note["User"] for note in notes} == {"System Generated"}


def test_notes_are_read_with_their_details_the_newest_first_so_that_a_marker_can_be_found():
    xero = connected()
    path = f"Invoices/{xero.invoice()['InvoiceID']}/History"
    xero.put(path, {"HistoryRecords": [{"Details": "Order Completed [segxero:1]"}]})
    xero.clock.now += 60
    xero.put(path, {"HistoryRecords": [{"Details": "Order Refunded [segxero:2]"}]})
    newest, oldest = xero.get(path).json["HistoryRecords"]
    assert newest == {
        "Changes": "Note",
        "DateUTCString": "2026-11-24T06:01:00",
        "DateUTC": "/Date(1795500060000+0000)/",
        "User": "System Generated",
        "Details": "Order Refunded [segxero:2]",
    }
    assert oldest["Details"] == "Order Completed [segxero:1]"


def test_a_note_of_more_than_2500_characters_is_refused():
    xero = connected()
    path = f"Contacts/{xero.contact()['ContactID']}/History"
    assert xero.put(path, {"HistoryRecords": [{"Details": "x" * 2500}]}).status == 200
    assert xero.put(path, {"HistoryRecords": [{"Details": "x" * 2501}]}).status == 400


def test_an_unknown_document_is_a_validation_error_and_natural_keys_do_not_work():
    xero = connected()
    xero.contact(ContactNumber="u1")
    for path in ("Contacts/u1/History", "Invoices/d4ad8fd6-5c72-4924-91b1-07f1472eb4c3/History"):
        reply = xero.put(path, {"HistoryRecords": [{"Details": "A"}]})
        assert reply.errors() == ["The document with the supplied id was not found for this endpoint."]
        assert xero.get(path).status == 404
