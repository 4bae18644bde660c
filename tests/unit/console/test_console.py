"""The console's pages show what the commands show, replay what a cause blocks, and name nobody in an address."""

import json
import logging

import pytest

from segxero.dead_letters import DeadLetter
from segxero.receiver import create_app
from segxero.store import keys
from segxero.xero.access.connections import Connection
from tests.support.people.signing_in import LOCAL, form_token, sign_in
from tests.support.set_ups.core import ORG, Core, identify, order_completed
from tests.support.set_ups.fake_services import make_services, server_of

PASSWORD = "correct horse, battery"
MAIL = "Email address must be valid."


@pytest.fixture
def core(redis_store):
    return Core(redis_store)


@pytest.fixture
def services(core):
    return make_services(core.mappings, core.store, SEGXERO_PASSWORD=PASSWORD)


@pytest.fixture
def operator(services):
    client = create_app(services).test_client()
    sign_in(client, PASSWORD)
    return client


def console(operator):
    page = operator.get("/console", base_url=LOCAL)
    assert page.status_code == 200
    return page


def post(operator, path, **form):
    return operator.post(path, data={**form, "form_token": form_token(console(operator))}, base_url=LOCAL)


def letter(number, message=MAIL, **changes):
    event = {**identify(f"u{number}", email=f"u{number}@shop.example"), "messageId": f"m{number}"}
    made = {
        "id": f"letter{number}",
        "error": "XeroValidationError",
        "message": message,
        "next_step": "correct the address, then replay",
        "queue": "contacts",
        "organisation": ORG,
        "key": f"u{number}",
        "events": (json.dumps(event),),
    }
    return DeadLetter(**{**made, **changes})


def causes(page):
    """Return the ids of the causes on the page, in their order."""
    return [part.partition('"')[0] for part in page.text.split('name="cause" value="')[1:]]


def test_the_root_leads_to_the_console(operator):
    answer = operator.get("/", base_url=LOCAL)
    assert (answer.status_code, answer.location) == (302, "/console")


def test_with_nothing_to_do_the_page_says_so(operator):
    page = console(operator)
    assert "Nothing needs you." in page.text
    assert "<button>Replay" not in page.text
    assert "Custom connection" in page.text
    assert "/xero/connect" not in page.text


def test_where_organisations_stand_is_shown_as_status_shows_it(operator, core, services):
    core.feed(identify("u1", email="ann@shop.example"))
    core.store.lpush("contacts", "message", "message")  # the third is the wake-up of the fold
    core.store.set(keys.refusal(ORG), "the <token> is refused", ex=60)
    text = " ".join(console(operator).text.split())
    assert "<strong>Access refused:</strong> the &lt;token&gt; is refused" in text
    assert f'<th scope="row">{ORG}</th> <td>contacts</td> <td class="number">1</td>' in text
    assert '<tr><th scope="row">contacts</th><td class="number">3</td></tr>' in text
    rest = services.budget.calls_left(ORG)
    assert f'<td class="number">{rest.minute}</td> <td class="number">{rest.day}</td>' in text


def test_an_organisation_that_is_connected_by_consent_has_its_name_in_xero(core):
    services = make_services(core.mappings, core.store, SEGXERO_PASSWORD=PASSWORD, XERO_GRANT="authorization_code")
    operator = create_app(services).test_client()
    sign_in(operator, PASSWORD)
    assert "<strong>Not connected</strong>" in console(operator).text
    made = Connection(tenant="t", name="Mugs & Co", user="u", scopes=(), connected_at="2026-11-24")
    services.connections.put({ORG: made})
    text = console(operator).text
    assert "Connected: Mugs &amp; Co" in text
    assert '<a href="/xero/connect">' in text


def test_causes_are_shown_with_their_number_their_money_and_the_next_step(operator, core, services):
    services.dead_letters.bury(*(letter(number) for number in range(7)))
    core.feed(order_completed("o1", total=25), order_completed("o2", total=26, currency="EUR"))
    core.deliver()
    page = console(operator)
    text = " ".join(page.text.split())
    assert len(causes(page)) == 2
    assert "<dt>Records</dt><dd>7</dd>" in text
    assert "<dt>Money that waits</dt><dd>EUR 26.00 and USD 25.00</dd>" in text
    assert "correct the address, then replay" in text
    shown = [number for number in range(7) if f'<a href="/console/letters/letter{number}">' in text]
    assert shown == [2, 3, 4, 5, 6]


def test_a_press_replays_the_letters_of_one_cause_and_no_others(operator, services):
    services.dead_letters.bury(letter(1), letter(2), letter(3, "another reason altogether"))
    first, _ = causes(console(operator))
    answer = post(operator, "/console/replay", cause=first)
    assert answer.status_code == 200
    assert "2 of 2 dead letters were sent again; 0 waiting records are tried again." in answer.text
    assert [left.id for left in services.dead_letters] == ["letter3"]
    assert services.redis.hlen(keys.INBOX) == 2


def test_a_press_frees_the_parked_records_of_one_cause(operator, core):
    core.feed(order_completed("o1", total=25), order_completed("o2", total=26))
    core.deliver()
    assert core.store.zcard(keys.parked(ORG, "invoices")) == 2
    (cause,) = causes(console(operator))
    answer = post(operator, "/console/replay", cause=cause)
    assert "0 of 0 dead letters were sent again; 2 waiting records are tried again." in answer.text
    assert core.store.zcard(keys.parked(ORG, "invoices")) == 0
    assert core.store.zcard(keys.outbox(ORG, "invoices")) == 2


@pytest.mark.parametrize("cause", ["", "0123456789ab", "ä"])
def test_a_cause_that_is_gone_replays_nothing(operator, services, cause):
    services.dead_letters.bury(letter(1))
    answer = post(operator, "/console/replay", cause=cause)
    assert (answer.status_code, "nothing was changed" in answer.text) == (404, True)
    assert (len(services.dead_letters), services.redis.hlen(keys.INBOX)) == (1, 0)


def test_one_press_replays_five_hundred_letters_at_most(operator, services):
    services.dead_letters.bury(*(letter(number) for number in range(501)))
    (cause,) = causes(console(operator))
    assert "500 of 501 dead letters" in post(operator, "/console/replay", cause=cause).text
    assert len(services.dead_letters) == 1


def test_a_letter_is_shown_with_its_events_and_nothing_of_it_is_taken_for_html(operator, services):
    event = json.dumps({**identify("u9", name="<script>alert(1)</script>"), "messageId": "m9"})
    services.dead_letters.bury(letter(9, "<b>no</b>", events=(event, "no JSON <i>"), sentences=("Xero <says> so",)))
    page = operator.get("/console/letters/letter9", base_url=LOCAL)
    assert page.status_code == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "no JSON &lt;i&gt;" in page.text
    assert "<li>Xero &lt;says&gt; so</li>" in page.text
    assert not [tag for tag in ("<script", "<b>", "<i>", "style=", " onclick") if tag in page.text]


def test_a_letter_that_is_gone_is_404_on_a_page(operator):
    page = operator.get("/console/letters/<none>", base_url=LOCAL)
    assert (page.status_code, "This dead letter is gone" in page.text) == (404, True)


@pytest.mark.parametrize("name", ["u1", "ann@shop.example"])
def test_a_trace_tells_the_story_of_a_record_by_any_of_its_names(operator, core, name):
    core.feed(identify("u1", email="ann@shop.example", name="Ann <Lee>"))
    core.deliver()
    page = post(operator, "/console/trace", name=f" {name} ")
    assert page.status_code == 200
    assert f"<h2>Contact|u1 ({ORG})</h2>" in page.text
    assert "<strong>booked</strong>" in page.text
    assert "ann@shop.example" in page.text
    assert "Ann &lt;Lee&gt;" in page.text


def test_a_trace_finds_the_letter_of_an_event_that_became_no_record(operator, services):
    services.dead_letters.bury(letter(4))
    page = post(operator, "/console/trace", name="m4")
    assert '<a href="/console/letters/letter4">' in page.text


@pytest.mark.parametrize("name", ["", "nobody"])
def test_a_trace_of_nobody_says_that_nothing_is_known(operator, name):
    assert "No record has this name." in post(operator, "/console/trace", name=name).text


def test_a_trace_is_never_asked_for_by_an_address(operator, caplog):
    caplog.set_level(logging.DEBUG)
    assert operator.get("/console/trace?name=ann@shop.example", base_url=LOCAL).status_code == 405
    post(operator, "/console/trace", name="ann@shop.example")
    assert not [record for record in caplog.records if "ann@" in str(vars(record))]


def test_while_redis_is_away_nobody_comes_in_and_the_answer_is_503():
    services = make_services(SEGXERO_PASSWORD=PASSWORD)
    operator = create_app(services).test_client()
    sign_in(operator, PASSWORD)
    server_of(services).connected = False
    assert operator.get("/console", base_url=LOCAL).status_code == 503
    assert sign_in(operator, PASSWORD).status_code == 503
