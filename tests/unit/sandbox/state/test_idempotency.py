import threading

from tests.support.xero.sandbox_client import connected, sale

BODY = {"Contacts": [{"Name": "Ann Able"}]}


def test_the_same_request_under_the_same_key_gets_the_same_answer_and_does_nothing():
    xero = connected()
    first = xero.put("Contacts", BODY, Idempotency_Key="k")
    second = xero.put("Contacts", BODY, Idempotency_Key="k")
    assert second.json == first.json
    assert xero.control("GET", "summary").json["records"]["Contacts"] == 1
    assert xero.control("GET", "summary").json["replayed"] == 1


def test_another_body_url_or_method_under_the_key_is_refused():
    xero = connected()
    xero.put("Contacts", BODY, Idempotency_Key="k")
    others = (
        xero.put("Contacts", {"Contacts": [{"Name": "Ben"}]}, Idempotency_Key="k"),
        xero.put("Contacts?summarizeErrors=false", BODY, Idempotency_Key="k"),
        xero.post("Contacts", BODY, Idempotency_Key="k"),
    )
    for reply in others:
        assert reply.status == 400
        assert reply.json["Message"] == "Idempotency Key: k is used with a different request."


def test_a_key_is_forgotten_six_minutes_after_its_first_use():
    xero = connected()
    body = {"Invoices": [sale()]}
    first = xero.put("Invoices", body, Idempotency_Key="k").only("Invoices")
    xero.clock.now += 359
    assert xero.put("Invoices", body, Idempotency_Key="k").only("Invoices") == first
    xero.clock.now += 1
    assert xero.put("Invoices", body, Idempotency_Key="k").only("Invoices")["InvoiceID"] != first["InvoiceID"]


def test_errors_are_kept_even_when_their_cause_is_gone():
    xero = connected()
    refused = xero.put("Contacts", {"Contacts": [{"Name": "<Ann>"}]}, Idempotency_Key="v")
    assert refused.status == 400
    assert xero.put("Contacts", {"Contacts": [{"Name": "<Ann>"}]}, Idempotency_Key="v").json == refused.json
    xero.fault(status=500)
    assert xero.put("Contacts", BODY, Idempotency_Key="e").status == 500
    assert xero.put("Contacts", BODY, Idempotency_Key="e").status == 500
    assert xero.put("Contacts", BODY, Idempotency_Key="f").status == 200


def test_a_key_of_more_than_128_characters_is_refused_with_its_length():
    xero = connected()
    assert xero.put("Contacts", BODY, Idempotency_Key="k" * 128).status == 200
    reply = xero.put("Contacts", BODY, Idempotency_Key="k" * 129)
    assert reply.status == 400
    assert "129" in reply.json["Message"]


def test_keys_are_ignored_on_reads():
    xero = connected()
    xero.put("Contacts", BODY, Idempotency_Key="k")
    assert xero.get("Contacts", Idempotency_Key="k").status == 200


def test_a_second_call_waits_for_the_first_and_gets_its_answer():
    xero = connected()
    xero.fault(delay=0.3)
    replies = []
    threads = [
        threading.Thread(target=lambda: replies.append(xero.put("Contacts", BODY, Idempotency_Key="k").json))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies[0] == replies[1]
    assert xero.control("GET", "summary").json["records"]["Contacts"] == 1


def test_a_store_that_is_down_answers_500_and_does_nothing():
    xero = connected()
    xero.fault(idempotency="down")
    assert xero.put("Contacts", BODY, Idempotency_Key="k").status == 500
    assert xero.control("GET", "summary").json["records"]["Contacts"] == 0
