from tests.support.xero.sandbox_client import START, connected


def test_every_answer_says_what_is_left():
    xero = connected(minute_limit=60)
    headers = xero.get("Organisation").headers
    assert headers["X-MinLimit-Remaining"] == "59"
    assert headers["X-DayLimit-Remaining"] == "999"
    assert headers["X-AppMinLimit-Remaining"] == "9999"
    assert xero.get("Contacts/nobody").headers["X-MinLimit-Remaining"] == "58"


def test_the_61st_call_of_a_minute_is_refused_with_nothing_but_headers():
    xero = connected(minute_limit=60)
    for _ in range(60):
        assert xero.get("Organisation").status == 200
    reply = xero.get("Organisation")
    assert reply.status == 429
    assert reply.text == ""
    assert "Content-Type" not in reply.headers
    assert reply.headers["X-Rate-Limit-Problem"] == "minute"
    assert reply.headers["X-MinLimit-Remaining"] == "0"
    assert reply.headers["X-DayLimit-Remaining"] == "940"
    assert 1 <= int(reply.headers["Retry-After"]) <= 60


def test_retry_after_is_exactly_when_the_window_turns():
    xero = connected(minute_limit=1)
    xero.get("Organisation")
    wait = int(xero.get("Organisation").headers["Retry-After"])
    xero.clock.now += wait - 1
    assert xero.get("Organisation").status == 429
    xero.clock.now += 1
    assert xero.get("Organisation").status == 200


def test_windows_are_fixed_and_their_phase_depends_on_the_seed():
    def first_wait(seed):
        xero = connected(minute_limit=1, seed=seed)
        xero.get("Organisation")
        return int(xero.get("Organisation").headers["Retry-After"])

    assert first_wait(1) == first_wait(1)
    assert len({first_wait(seed) for seed in range(8)}) > 1


def test_the_day_limit_comes_after_the_minute_limit_and_tells_how_long_it_lasts():
    xero = connected(minute_limit=60, day_limit=2)
    xero.get("Organisation")
    xero.get("Organisation")
    reply = xero.get("Organisation")
    assert (reply.status, reply.headers["X-Rate-Limit-Problem"]) == (429, "day")
    xero.clock.now += int(reply.headers["Retry-After"])
    xero.sign_in()
    assert xero.get("Organisation").status == 200


def test_the_app_minute_limit_has_no_retry_after():
    xero = connected(app_minute_limit=1)
    xero.get("Organisation")
    reply = xero.get("Organisation")
    assert (reply.status, reply.headers["X-Rate-Limit-Problem"]) == (429, "appminute")
    assert "Retry-After" not in reply.headers


def test_each_organisation_has_limits_of_its_own():
    xero = connected(organisations=("North", "South"), minute_limit=1)
    with xero.client.application.extensions["sandbox"].lock:
        limits = xero.client.application.extensions["sandbox"].limits
        assert limits.admit("north", 1, START) is None
        assert limits.admit("north", 1, START).kind == "minute"
        assert limits.admit("south", 1, START) is None


def test_more_than_five_in_flight_are_refused_before_any_other_limit_and_without_retry_after():
    xero = connected(minute_limit=1)
    limits = xero.client.application.extensions["sandbox"].limits
    breach = limits.admit("north", 6, START)
    assert (breach.kind, breach.retry_after) == ("concurrent", None)
    assert limits.admit("north", 5, START) is None


def test_a_repeated_key_costs_a_call_and_is_refused_when_there_is_none():
    xero = connected(minute_limit=1)
    body = {"Contacts": [{"Name": "Ann Able"}]}
    assert xero.post("Contacts", body, Idempotency_Key="k").status == 200
    assert xero.post("Contacts", body, Idempotency_Key="k").status == 429


def test_calls_that_come_while_a_retry_after_runs_are_counted():
    xero = connected(minute_limit=1)
    xero.get("Organisation")
    wait = int(xero.get("Organisation").headers["Retry-After"])
    xero.get("Organisation")
    xero.clock.now += wait
    xero.get("Organisation")
    summary = xero.control("GET", "summary").json
    assert summary["calls_during_retry_after"] == 1
    assert summary["limit_breaches"] == {"minute": 2}


def test_the_day_can_be_made_short():
    xero = connected()
    xero.control("POST", "settings", {"day_remaining": 1})
    assert xero.get("Organisation").headers["X-DayLimit-Remaining"] == "0"
    assert xero.get("Organisation").headers["X-Rate-Limit-Problem"] == "day"
