"""Connecting: an organisation that is connected again goes on, and its alerts are over."""

from segxero.errors import AuthenticationError
from segxero.telemetry.alerts import RECONNECT, Cause
from tests.support.set_ups.fake_services import make_services


def test_connecting_again_ends_the_refusal_and_the_alerts_of_the_organisation_and_of_what_it_shares(redis_store):
    environment = {"XERO_CLIENT_ID": "id", "XERO_CLIENT_SECRET": "secret", "SEGXERO_SECRET_KEY": "a key of the tests"}
    wired = make_services(store=redis_store, **environment)
    wired.gate.note_refusal("a", AuthenticationError("gone"))
    kept = Cause(kind=RECONNECT, organisation="b")
    ended = (Cause(kind=RECONNECT, organisation="a"), Cause(kind=RECONNECT, object="user:u"))
    for cause in (kept, *ended):
        assert wired.alerts.call(cause, "gone.", "connect")
    wired.connecting.resume("a", "user:u")
    assert wired.gate.find_refusal("a") == ""
    assert [told.cause for told in wired.alerts.open().values()] == [kept]
