import pytest

from tests.support.xero.sandbox_client import connected, sale

UNKNOWN = "d4ad8fd6-5c72-4924-91b1-07f1472eb4c3"
ZERO = "00000000-0000-0000-0000-000000000000"


def on_contact(xero):
    return f"Contacts/{xero.contact()['ContactID']}/Attachments"


def test_a_file_is_answered_as_recorded():
    xero = connected()
    identity = xero.invoice()["InvoiceID"]
    made = xero.upload(f"Invoices/{identity}/Attachments/order%20(1).pdf", b"%PDF-1.7", "application/pdf")
    attachment = made.only("Attachments")
    assert list(attachment) == ["AttachmentID", "FileName", "Url", "MimeType", "ContentLength"]
    assert (attachment["FileName"], attachment["MimeType"]) == ("order (1).pdf", "application/pdf")
    assert attachment["ContentLength"] == 8
    assert attachment["Url"].endswith(f"/api.xro/2.0/Invoices/{identity}/Attachments/order%20%281%29.pdf")


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_bytes_come_back_as_they_were_by_name_and_by_id(method):
    xero = connected()
    path, content = on_contact(xero), bytes(range(256))
    reply = xero.call(method, f"{path}/logo.png", content, Content_Type="image/png")
    identity = reply.only("Attachments")["AttachmentID"]
    for key in ("logo.png", identity, identity.upper()):
        found = xero.get(f"{path}/{key}")
        assert (found.status, found.headers["Content-Type"]) == (200, "image/png")
        assert found.response.get_data() == content


def test_json_in_a_text_file_is_not_read_as_a_body():
    xero = connected()
    path = on_contact(xero)
    assert xero.upload(f"{path}/event.txt", b'{"type": "track"', "application/json").status == 200
    assert xero.get(f"{path}/event.txt").text == '{"type": "track"'
    xero.upload(f"{path}/event.txt", b"[1, 2]", "application/json")
    assert xero.control("GET", "calls?last=1").json[0]["body"] == "[1, 2]"


@pytest.mark.parametrize(
    ("sent", "told"), [("application/octet-stream", "text/csv"), (None, "text/csv"), ("a/b", "a/b")]
)
def test_a_content_type_that_says_nothing_is_taken_from_the_name(sent, told):
    xero = connected()
    reply = xero.call("PUT", f"{on_contact(xero)}/lines.csv", b"a,b", Content_Type=sent)
    assert reply.only("Attachments")["MimeType"] == told


def test_documents_say_that_they_have_attachments_and_list_them_when_read_alone():
    xero = connected()
    invoice = xero.invoice()
    for path, collection in (
        (f"Invoices/{invoice['InvoiceID']}", "Invoices"),
        (f"Contacts/{invoice['Contact']['ContactID']}", "Contacts"),
    ):
        before = xero.get(path).only(collection)
        assert (before["HasAttachments"], before["Attachments"]) == (False, [])
        made = xero.upload(f"{path}/Attachments/note.txt", b"A").only("Attachments")
        after = xero.get(path).only(collection)
        assert (after["HasAttachments"], after["Attachments"]) == (True, [made])
        assert xero.get(f"{path}/Attachments").json["Attachments"] == [made]


def test_the_same_name_overwrites():
    xero = connected()
    path = on_contact(xero)
    first = xero.upload(f"{path}/note.txt", b"A").only("Attachments")
    xero.upload(f"{path}/note.txt", b"BCD")
    attachment = xero.get(path).only("Attachments")
    assert (attachment["AttachmentID"], attachment["ContentLength"]) == (first["AttachmentID"], 3)
    assert xero.get(f"{path}/note.txt").text == "BCD"


def test_the_eleventh_is_refused_while_the_ten_can_be_overwritten():
    xero = connected()
    path = on_contact(xero)
    for number in range(10):
        assert xero.upload(f"{path}/{number}.txt", b"A").status == 200
    assert xero.upload(f"{path}/9.txt", b"B").status == 200
    assert xero.upload(f"{path}/10.txt", b"A").errors() == ["A document can have a maximum of 10 attachments."]


def test_ten_megabytes_are_taken_and_more_are_not():
    xero = connected()
    path, most = on_contact(xero), 10 * 1024 * 1024
    assert xero.upload(f"{path}/big.zip", b"0" * most, "application/zip").status == 200
    assert xero.upload(f"{path}/bigger.zip", b"0" * (most + 1), "application/zip").status == 413


@pytest.mark.parametrize("character", ["%3C", "%3E", "%3A", "%22", "%2F", "%5C", "%7C", "%3F", "*", "+", "%00"])
def test_names_with_forbidden_characters_are_refused(character):
    xero = connected()
    reply = xero.upload(f"{on_contact(xero)}/a{character}b.txt", b"A")
    assert len(reply.errors()) == 1
    assert reply.errors()[0].endswith("contains a character that is not allowed.")


@pytest.mark.parametrize("name", ["event.json", "event", "txt", "run.exe"])
def test_file_types_that_xero_does_not_know_are_refused_in_the_recorded_shape(name):
    xero = connected()
    reply = xero.upload(f"{on_contact(xero)}/{name}", b"A", "text/x-any")
    assert (reply.status, reply.json["Type"]) == (400, "ValidationException")
    assert reply.json["Elements"] == [
        {
            "AttachmentID": ZERO,
            "FileName": name,
            "MimeType": "text/x-any",
            "ContentLength": 1,
            "ValidationErrors": [
                {"Message": "The file couldn't be uploaded because it isn't a supported file type."},
            ],
        }
    ]


def test_an_empty_file_is_refused():
    xero = connected()
    assert xero.upload(f"{on_contact(xero)}/note.txt", b"").errors() == ["The file is empty."]


def test_an_unknown_document_is_a_validation_error_to_write_to_and_404_to_read():
    xero = connected()
    xero.contact(ContactNumber="u1")
    for document in (f"Invoices/{UNKNOWN}", "Contacts/u1"):
        identity = document.partition("/")[2]
        reply = xero.upload(f"{document}/Attachments/note.txt", b"A")
        assert reply.errors() == [f"A document with id '{identity}' could not be found"]
        assert xero.get(f"{document}/Attachments").status == 404
        assert xero.get(f"{document}/Attachments/note.txt").status == 404
    assert xero.get(f"{on_contact(connected())}/none.txt").status == 404


@pytest.mark.parametrize(("kind", "online"), [("ACCREC", True), ("ACCPAY", None)])
def test_only_sales_documents_show_a_file_to_their_customer(kind, online):
    xero = connected()
    bill = sale(Type=kind, LineItems=[{"Description": "Mug", "UnitAmount": 10, "AccountCode": "400"}], Status="DRAFT")
    identity = xero.put("Invoices", bill).only("Invoices")["InvoiceID"]
    reply = xero.upload(f"Invoices/{identity}/Attachments/note.txt?IncludeOnline=true", b"A")
    assert reply.only("Attachments").get("IncludeOnline") is online


def test_attachments_have_a_scope_of_their_own():
    xero = connected("accounting.contacts accounting.attachments.read")
    path = on_contact(xero)
    assert xero.get(path).status == 200
    assert xero.upload(f"{path}/note.txt", b"A").status == 401


def test_an_upload_that_is_sent_again_with_its_key_is_done_once():
    xero = connected()
    path = on_contact(xero)
    for _ in range(2):
        reply = xero.call("PUT", f"{path}/note.txt", b"A", Content_Type="text/plain", Idempotency_Key="k")
        assert reply.status == 200
    assert xero.control("GET", "calls?last=1").json[0]["replayed"] is True


def test_calls_summary_and_records_show_uploads():
    xero = connected()
    path = on_contact(xero)
    xero.upload(f"{path}/History.txt", b"x" * 5_000)
    call = xero.control("GET", "calls?last=1").json[0]
    assert (call["body"], call["elements"], call["headers"]["content-type"]) == ("x" * 2_000, 0, "text/plain")
    summary = xero.control("GET", "summary").json
    assert summary["records"]["Attachments"] == 1
    assert summary["by_resource"]["PUT Attachments"] == {"calls": 1, "elements": 0}
    assert xero.control("GET", "records").json["Attachments"] == {path.split("/")[1]: ["History.txt"]}


def test_faults_that_bend_answers_leave_files_as_they_are():
    xero = connected()
    path = on_contact(xero)
    xero.upload(f"{path}/note.txt", b"A")
    xero.fault(zoneless_dates=True, unknown_enum=True)
    assert xero.get(f"{path}/note.txt").text == "A"
