import pytest

from tests.support.xero.sandbox_client import connected, sale

XERO_ERROR = (
    "An error occurred in Xero. Check the API Status page http://status.developer.xero.com for current service status."
)


def count(xero, collection):
    return xero.control("GET", "summary").json["records"][collection]


def test_a_status_hits_the_calls_that_match_as_often_as_asked():
    xero = connected()
    xero.fault(status=503, times=2, match={"method": "PUT", "path": "Invoices"})
    assert xero.get("Invoices").status == 200
    replies = [xero.put("Invoices", sale()) for _ in range(3)]
    assert [reply.status for reply in replies] == [503, 503, 200]
    assert replies[0].text == "The Xero API is temporarily unavailable"
    assert replies[0].headers["Content-Type"] == "text/plain; charset=utf-8"
    assert count(xero, "Invoices") == 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("organisation", "The Organisation is offline"),
        ("maintenance", "The Xero API is currently offline for maintenance"),
    ],
)
def test_offline_answers_503_with_its_text_until_it_is_switched_off(kind, text):
    xero = connected()
    xero.fault(offline=kind, times=0)
    for _ in range(3):
        reply = xero.get("Organisation")
        assert (reply.status, reply.text) == (503, text)
    xero.control("DELETE", "faults")
    assert xero.get("Organisation").status == 200


def test_after_commit_the_work_is_done_and_the_error_is_kept_under_the_key():
    xero = connected()
    xero.fault(status=500, after_commit=True)
    first = xero.put("Invoices", sale(), Idempotency_Key="k")
    second = xero.put("Invoices", sale(), Idempotency_Key="k")
    assert (first.status, second.status) == (500, 500)
    assert first.json["Detail"] == XERO_ERROR
    assert count(xero, "Invoices") == 1


@pytest.mark.parametrize(
    ("status", "detail"), [(401, "AuthenticationUnsuccessful"), (403, "AuthenticationUnsuccessful"), (500, XERO_ERROR)]
)
def test_a_played_status_has_the_shape_that_xero_gives_it(status, detail):
    xero = connected()
    xero.fault(status=status)
    reply = xero.get("Organisation")
    assert (reply.status, reply.json["Detail"]) == (status, detail)


def test_a_lost_answer_does_the_work_and_drops_the_connection():
    xero = connected()
    xero.fault(lost_answer=True)
    with pytest.raises(ConnectionResetError):
        xero.put("Invoices", sale())
    assert count(xero, "Invoices") == 1


def test_a_limit_can_be_played_with_or_without_a_wait():
    xero = connected()
    xero.fault(limit="minute", retry_after=5)
    xero.fault(limit="concurrent")
    first, second = xero.get("Organisation"), xero.get("Organisation")
    assert (first.status, first.headers["X-Rate-Limit-Problem"], first.headers["Retry-After"]) == (429, "minute", "5")
    assert (second.status, second.headers["X-Rate-Limit-Problem"]) == (429, "concurrent")
    assert "Retry-After" not in second.headers


def test_one_element_can_fail_in_xero_while_the_others_are_saved():
    xero = connected()
    xero.fault(element={"contains": "Ben"})
    reply = xero.put("Contacts?summarizeErrors=false", {"Contacts": [{"Name": "Ann"}, {"Name": "Ben"}]})
    assert [each["StatusAttributeString"] for each in reply.json["Contacts"]] == ["OK", "ERROR"]
    assert reply.json["Contacts"][1]["ValidationErrors"] == [{"Message": XERO_ERROR}]
    assert count(xero, "Contacts") == 1


def test_answers_can_come_in_another_order():
    xero = connected()
    xero.fault(shuffle=True)
    sent = [f"P{number:02d}" for number in range(20)]
    reply = xero.put("Contacts", {"Contacts": [{"Name": name} for name in sent]})
    got = [contact["Name"] for contact in reply.json["Contacts"]]
    assert got != sent
    assert sorted(got) == sent


def test_answers_can_lose_their_zone_or_use_words_that_nobody_knows():
    xero = connected()
    xero.fault(zoneless_dates=True)
    assert xero.contact()["UpdatedDateUTC"] == "/Date(1795500000000)/"
    xero.fault(unknown_enum=True)
    assert xero.get("Contacts").only("Contacts")["ContactStatus"] == "PENDING"


def test_the_token_endpoint_can_fail_too():
    xero = connected()
    xero.fault(status=503, match={"path": "connect/token"})
    form = {"grant_type": "client_credentials"}
    assert xero.client.post("/connect/token", data=form, auth=("a", "b")).status_code == 503
    assert xero.client.post("/connect/token", data=form, auth=("a", "b")).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"statuss": 503},
        {"status": "503"},
        {"delay": True},
        {"match": {"verb": "PUT"}},
        {"limit": "hour"},
        {"offline": "moon"},
        {"idempotency": "odd"},
    ],
)
def test_a_fault_that_does_not_exist_is_refused_with_a_sentence(fault):
    reply = connected().control("POST", "faults", fault)
    assert reply.status == 400
    assert reply.json["error"]
