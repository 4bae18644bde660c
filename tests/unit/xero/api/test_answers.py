"""Answers: each status and body of Xero becomes the error that says what happens next."""

from decimal import Decimal

import pytest
import requests

from segxero.errors import (
    AuthenticationError,
    PermanentError,
    RetryableError,
    UncertainError,
    XeroValidationError,
)
from segxero.jsontext import dumps
from segxero.xero.api.answers import (
    NO_ID,
    ExpiredTokenError,
    NotThereError,
    UnreadableBodyError,
    judge_element,
    read_answer,
    read_limits,
)
from segxero.xero.api.budget import Limits
from segxero.xero.api.refusals import Kind

ID = "c0000000-0000-0000-0000-000000000001"


def response(status, body="", **headers):
    """An answer as requests gives it; headers by keyword, `Retry_After` for Retry-After."""
    made = requests.Response()
    made.status_code = status
    made._content = (body if isinstance(body, str) else dumps(body)).encode()
    made.encoding = "utf-8"
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def problem(status, title, detail):
    return {"Type": None, "Title": title, "Status": status, "Detail": detail, "Instance": ID, "Extensions": {}}


VALIDATION = {
    "ErrorNumber": 10,
    "Type": "ValidationException",
    "Message": "A validation exception occurred",
    "Elements": [
        {"Name": "Ann", "ValidationErrors": [{"Message": "Email address must be valid."}]},
        {"ValidationErrors": [{"Description": "One or more line items must be specified"}, {"Message": "Third."}]},
    ],
}
FAULT = {"Title": "An error occurred", "Detail": "An error occurred in Xero.", "Status": 500, "Instance": ID}


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (
            response(400, VALIDATION),
            XeroValidationError,
            "Xero refused the call: Email address must be valid.; One or more line items must be specified; Third.",
        ),
        (
            response(400, {"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": "Error at Contacts[0]"}),
            UnreadableBodyError,
            "Xero cannot read the body: Error at Contacts[0]",
        ),
        (
            response(400, {"ErrorNumber": 16, "Type": "QueryParseException", "Message": "No property 'x'"}),
            XeroValidationError,
            "Xero refused the call: No property 'x'",
        ),
        (
            response(400, {"Type": "NoDataProcessedException", "Message": "No data has been processed"}),
            XeroValidationError,
            "Xero refused the call: No data has been processed",
        ),
        (
            response(400, {"Message": "Idempotency Key: k is used with a different request."}),
            UncertainError,
            "Xero knows this idempotency key for another request: Idempotency Key: k is used with a different request.",
        ),
        (response(400, "plain"), XeroValidationError, "Xero refused the call: plain"),
        (response(400, ""), XeroValidationError, "Xero refused the call: 400"),
        (response(400, [1, 2]), XeroValidationError, "Xero refused the call: [1,2]"),
        (
            response(401, problem(401, "Unauthorized", "TokenExpired: token expired at 09/24/2021 08:23:47")),
            ExpiredTokenError,
            "Xero's access token has expired",
        ),
        (
            response(401, problem(401, "Unauthorized", "AuthenticationUnsuccessful")),
            ExpiredTokenError,
            "Xero's access token has expired",
        ),
        (
            response(
                401,
                problem(401, "Unauthorized", "AuthorizationUnsuccessful"),
                WWW_Authenticate="Bearer error=insufficent_scope",
            ),
            AuthenticationError,
            "Xero refuses the call for lack of a scope; add the scope to the app and reconnect",
        ),
        (
            response(403, problem(403, "Forbidden", "AuthenticationUnsuccessful")),
            AuthenticationError,
            "Xero no longer knows this connection (403); reconnect the organisation",
        ),
        (
            response(404, "The resource you're looking for cannot be found"),
            NotThereError,
            "Xero does not know this id (404); it was deleted or belongs to another organisation",
        ),
        (response(412, ""), XeroValidationError, "Xero refused the call: 412"),
        (response(501, {"Message": "not implemented"}), XeroValidationError, "Xero refused the call: not implemented"),
        (response(503, "The Organisation is offline"), RetryableError, "Xero: The Organisation is offline"),
        (
            response(503, "The Xero API is currently offline for maintenance"),
            RetryableError,
            "Xero is not available: The Xero API is currently offline for maintenance",
        ),
        (
            response(503, "The Xero API is temporarily unavailable"),
            RetryableError,
            "Xero is not available: The Xero API is temporarily unavailable",
        ),
    ],
)
@pytest.mark.parametrize("writes", [True, False])
def test_each_refusal_becomes_the_error_that_says_what_happens_next(answer, error, sentence, writes):
    with pytest.raises(error) as caught:
        read_answer(answer, writes=writes)
    assert type(caught.value) is error
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "answer",
    [
        response(500, FAULT),
        response(500, ""),
        response(502, "<html>Bad Gateway</html>"),
        response(503, "<html>Service Unavailable</html>"),
        response(503, ""),
        response(504, ""),
        response(200, "<html>a proxy"),
        response(200, '{"Contacts":[{"Name":"An'),
        response(200, '{"Total":NaN}'),
        response(408, ""),
    ],
)
def test_never_twice_what_leaves_the_outcome_open_is_uncertain_for_writes_only(answer):
    with pytest.raises(UncertainError):
        read_answer(answer, writes=True)
    with pytest.raises(RetryableError) as caught:
        read_answer(answer, writes=False)
    assert type(caught.value) is RetryableError


def test_the_sentences_of_a_refusal_are_kept_apart():
    with pytest.raises(XeroValidationError) as caught:
        read_answer(response(400, VALIDATION), writes=True)
    assert caught.value.sentences == (
        "Email address must be valid.",
        "One or more line items must be specified",
        "Third.",
    )


def test_a_redirect_is_no_fault_of_the_record():
    with pytest.raises(RetryableError):
        read_answer(response(302, "", Location="https://login.example"), writes=False)


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry_After": "26", "X_Rate_Limit_Problem": "minute"}, 26.0),
        ({"Retry_After": "66975", "X_Rate_Limit_Problem": "day"}, 66975.0),
        ({"X_Rate_Limit_Problem": "concurrent"}, 1.0),
        ({"X_Rate_Limit_Problem": "appminute"}, 10.0),
        ({"X_Rate_Limit_Problem": "app-minute"}, 10.0),
        ({"X_Rate_Limit_Problem": "App-Minute"}, 10.0),
        ({"X_Rate_Limit_Problem": "something new"}, 60.0),
        ({}, 60.0),
        ({"Retry_After": "soon"}, 60.0),
    ],
)
def test_a_limit_is_waited_for_as_long_as_xero_says(headers, pause):
    answer = response(429, "", **headers)
    with pytest.raises(RetryableError) as caught:
        read_answer(answer, writes=True)
    assert type(caught.value) is RetryableError
    assert caught.value.retry_after == pause
    assert read_limits(answer).pause_seconds == pause


def test_an_offline_organisation_is_asked_again_after_five_minutes():
    with pytest.raises(RetryableError) as caught:
        read_answer(response(503, "The Organisation is offline"), writes=True)
    assert caught.value.retry_after == 300.0


def test_a_503_with_retry_after_is_a_limit_and_not_uncertain():
    with pytest.raises(RetryableError) as caught:
        read_answer(response(503, "", Retry_After="40"), writes=True)
    assert type(caught.value) is RetryableError
    assert caught.value.retry_after == 40.0
    assert read_limits(response(503, "", Retry_After="40")).pause_seconds == 40.0


def test_the_rests_are_read_from_the_headers():
    answer = response(200, "{}", X_MinLimit_Remaining="59", X_DayLimit_Remaining="4321", X_AppMinLimit_Remaining="9")
    assert read_limits(answer) == Limits(minute_left=59, day_left=4321)
    assert read_limits(response(200, "{}")) == Limits()
    assert read_limits(response(200, "{}", X_MinLimit_Remaining="-1", Retry_After="9")) == Limits()


def test_a_recorded_answer_of_the_minute_limit():
    answer = response(
        429, "", Retry_After="26", X_Rate_Limit_Problem="minute", X_MinLimit_Remaining="0", X_DayLimit_Remaining="344"
    )
    assert read_limits(answer) == Limits(minute_left=0, day_left=344, problem="minute", pause_seconds=26.0)


def test_a_good_answer_is_read_exactly():
    body = read_answer(response(200, '{"Invoices":[{"Total":23.10}]}'), writes=True)
    assert body == {"Invoices": [{"Total": Decimal("23.10")}]}
    assert str(body["Invoices"][0]["Total"]) == "23.10"


def test_an_empty_answer_and_a_bare_list_are_good():
    assert read_answer(response(204), writes=True) == {}
    assert read_answer(response(200, "[1]"), writes=False) == {"Items": [1]}


@pytest.mark.parametrize(
    ("element", "sentences", "transient"),
    [
        (
            {"StatusAttributeString": "ERROR", "ContactID": ID, "ValidationErrors": [{"Message": "No."}]},
            ("No.",),
            False,
        ),
        ({"HasErrors": True, "ContactID": ID}, ("Xero refused it without a reason",), False),
        ({"HasValidationErrors": True, "ContactID": ID}, ("Xero refused it without a reason",), False),
        ({"ContactID": ID, "ValidationErrors": [{"Description": "No."}]}, ("No.",), False),
        ({"ContactID": NO_ID, "StatusAttributeString": "OK"}, ("Xero refused it without a reason",), False),
        ({"ContactID": "", "StatusAttributeString": "OK"}, ("Xero refused it without a reason",), False),
        ({"StatusAttributeString": "OK"}, ("Xero refused it without a reason",), False),
        ({"ContactID": None, "Warnings": [{"Message": "Odd."}]}, ("Odd.",), False),
        (
            {
                "StatusAttributeString": "ERROR",
                "ContactID": NO_ID,
                "ValidationErrors": [
                    {"Message": "An error occurred in Xero. Check the API Status page http://status.developer.xero.com"}
                ],
            },
            ("An error occurred in Xero. Check the API Status page http://status.developer.xero.com",),
            True,
        ),
    ],
)
def test_an_element_is_judged_by_its_status_and_errors_never_by_its_id(element, sentences, transient):
    judged = judge_element(element, str(element.get("ContactID") or ""))
    assert not judged.written
    assert judged.sentences == sentences
    assert (Kind.TRANSIENT in judged.kinds) is transient


@pytest.mark.parametrize(
    ("element", "sentences"),
    [
        ({"ContactID": ID, "StatusAttributeString": "OK"}, ()),
        ({"ContactID": ID}, ()),
        ({"ContactID": ID, "HasErrors": False, "HasValidationErrors": False, "ValidationErrors": []}, ()),
        ({"ContactID": ID, "ValidationErrors": None, "Warnings": None}, ()),
        (
            {"ContactID": ID, "StatusAttributeString": "WARNING", "Warnings": [{"Message": "Only a hint."}]},
            (),
        ),
        (
            {
                "ContactID": ID,
                "StatusAttributeString": "WARNING",
                "Warnings": [
                    {"Message": "Account code '1' has been removed as it is not recognised"},
                    {"Message": "x"},
                ],
            },
            ("Account code '1' has been removed as it is not recognised",),
        ),
        (
            {"ContactID": ID, "Warnings": [{"Description": "Tracking was ignored."}]},
            ("Tracking was ignored.",),
        ),
    ],
)
def test_a_written_element_keeps_only_the_warnings_that_mean_dropped_data(element, sentences):
    judged = judge_element(element, str(element.get("ContactID") or ""))
    assert judged.xero_id == ID
    assert judged.sentences == sentences


def test_every_error_of_an_answer_is_one_of_ours():
    for error in (ExpiredTokenError, NotThereError, UnreadableBodyError):
        assert issubclass(error, RetryableError | PermanentError)
