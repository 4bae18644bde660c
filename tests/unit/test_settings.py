"""Settings: read once, all faults at once, secrets never shown."""

from dataclasses import fields
from pathlib import Path

import pytest

from segxero.errors import ConfigError
from segxero.settings import SETTINGS, Settings

LOCAL = "http://localhost:8000/xero/callback"
XERO = {"XERO_CLIENT_ID": "id", "XERO_CLIENT_SECRET": "secret", "SEGXERO_SECRET_KEY": "sixteen characters"}


def faults(environ):
    with pytest.raises(ConfigError) as caught:
        Settings.from_env(environ)
    return {fault.path: fault.message for fault in caught.value.faults}


def test_an_empty_environment_has_these_defaults():
    settings = Settings.from_env({})
    assert (settings.port, settings.redis_url) == (8000, "redis://127.0.0.1:6379/0")
    assert settings.segment_shared_secret == ()
    assert settings.segment_api_url == "https://api.segment.io"
    assert (settings.xero_grant, settings.xero_day_limit) == ("client_credentials", 1000)
    assert settings.xero_api_url == "https://api.xero.com"
    assert settings.xero_identity_url == "https://identity.xero.com"
    assert settings.segxero_mappings == Path("mappings")
    assert settings.log_level == "INFO"
    assert settings.segment_batch_needs_bearer is False


def test_an_empty_variable_is_one_that_is_not_set():
    assert Settings.from_env({"PORT": "  ", "REDIS_URL": "", "XERO_DAY_LIMIT": ""}) == Settings.from_env({})


def test_every_setting_has_its_field():
    assert [name.lower() for name in SETTINGS] == [field.name for field in fields(Settings)]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "5000", 5000),
        ("SEGMENT_SHARED_SECRET", "new, old,,", ("new", "old")),
        ("SEGXERO_SECRET_KEY", " one key , another ", ("one key", "another")),
        ("REDIS_URL", "rediss://:pw@host:6380/1", "rediss://:pw@host:6380/1?ssl_cert_reqs=required"),
        ("REDIS_URL", "rediss://host/1?ssl_cert_reqs=none", "rediss://host/1?ssl_cert_reqs=none"),
        ("REDIS_URL", "rediss://host?a=b", "rediss://host?a=b&ssl_cert_reqs=required"),
        ("FORWARDED_ALLOW_IPS", "10.1.2.3, 10.2.0.0/16,", ("10.1.2.3/32", "10.2.0.0/16")),
        ("FORWARDED_ALLOW_IPS", "*", ("*",)),
        ("XERO_API_URL", "http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("XERO_API_URL", "http://localhost:9000", "http://localhost:9000"),
        ("XERO_API_URL", "http://[::1]:9000", "http://[::1]:9000"),
        ("XERO_API_URL", "https://xero.example/", "https://xero.example"),
        ("XERO_GRANT", "authorization_code", "authorization_code"),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("SEGMENT_BATCH_NEEDS_BEARER", "Yes", True),
        ("SEGMENT_BATCH_NEEDS_BEARER", "0", False),
        ("SEGXERO_MAPPINGS", "/etc/segxero", Path("/etc/segxero")),
    ],
)
def test_a_value_is_read(name, text, value):
    assert getattr(Settings.from_env({name: text}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("PORT", "web", "'web' should be a port number"),
        ("PORT", "0", "'0' should be a port number"),
        ("XERO_DAY_LIMIT", "-5", "'-5' should be the number of calls a day that your Xero tier allows"),
        ("XERO_DAY_LIMIT", "5,000", "'5,000' should be the number of calls a day that your Xero tier allows"),
        (
            "XERO_API_URL",
            "http://xero.example",
            "'http://xero.example' should be an https:// address (http:// only for this machine)",
        ),
        ("SEGMENT_API_URL", "api.segment.io", "'api.segment.io' should be an https:// address"),
        ("XERO_GRANT", "password", "'password' should be client_credentials or authorization_code"),
        ("LOG_LEVEL", "loud", "'loud' should be DEBUG, INFO, WARNING or ERROR"),
        ("SEGMENT_BATCH_NEEDS_BEARER", "maybe", "'maybe' should be true or false"),
    ],
)
def test_a_wrong_value_says_what_it_should_have_been(name, text, sentence):
    assert faults({name: text}) == {name: sentence}


def test_nothing_leaks_a_wrong_secret_is_not_shown():
    for wrong in ("http://:password@host", "rediss://:password@host?ssl_cert_reqs=CERT_NONE"):
        assert faults({"REDIS_URL": wrong}) == {
            "REDIS_URL": "its value should be a redis:// or rediss:// address "
            "(ssl_cert_reqs in it: none, optional or required)"
        }


def test_all_faults_are_told_at_once():
    assert set(faults({"PORT": "x", "LOG_LEVEL": "x", "XERO_GRANT": "x"})) == {"PORT", "LOG_LEVEL", "XERO_GRANT"}


def test_nothing_leaks_no_secret_stands_in_the_representation():
    secrets = {name: f"secret-{name}" for name, setting in SETTINGS.items() if setting.secret and name != "REDIS_URL"}
    addresses = {"REDIS_URL": "redis://:secret-redis@host", "ALERT_WEBHOOK_URL": "https://host/secret-hook"}
    shown = repr(Settings.from_env({**secrets, **addresses}))
    assert "secret-" not in shown
    assert "xero_client_secret" not in shown


@pytest.mark.parametrize(
    "address", ["", "https://shop.example/xero/callback", "https://shop.example:8443/xero/callback/", LOCAL]
)
def test_xero_sends_the_operator_back_to_the_callback(address):
    settings = Settings.from_env({"XERO_REDIRECT_URL": address})
    assert settings.xero_redirect_url == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    ["http://shop.example/xero/callback", "http://127.0.0.1:8000/xero/callback", "https://shop.example/", "callback"],
)
def test_an_address_that_xero_would_refuse_is_a_fault(address):
    assert set(faults({"XERO_REDIRECT_URL": address})) == {"XERO_REDIRECT_URL"}


def test_a_person_is_told_where_to_connect():
    told = [
        Settings.from_env({"XERO_GRANT": "authorization_code", "XERO_REDIRECT_URL": address}).where_to_connect
        for address in ("https://shop.example/xero/callback", "")
    ]
    assert told == ["https://shop.example/xero/connect", "/xero/connect of the receiver, or `segxero connect`"]


def test_a_worker_needs_its_credentials():
    Settings.from_env(XERO).require_xero()
    with pytest.raises(ConfigError) as caught:
        Settings.from_env({"XERO_CLIENT_ID": "id"}).require_xero()
    assert [fault.path for fault in caught.value.faults] == ["XERO_CLIENT_SECRET", "SEGXERO_SECRET_KEY"]


@pytest.mark.parametrize("key", ["short", "sixteen characters,short"])
def test_every_encryption_key_has_a_least_length(key):
    with pytest.raises(ConfigError, match="SEGXERO_SECRET_KEY: each key needs at least 16 characters"):
        Settings.from_env({**XERO, "SEGXERO_SECRET_KEY": key}).require_xero()


def test_the_process_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("PORT", "4711")
    assert Settings.from_env().port == 4711


def test_settings_are_read_as_far_as_they_can_be_and_faults_are_told_beside_them():
    settings, faults = Settings.read({"PORT": "eighty", "XERO_DAY_LIMIT": "5000", "XERO_GRANT": "both"})
    assert (settings.port, settings.xero_day_limit, settings.by_consent) == (8000, 5000, False)
    assert [fault.path for fault in faults] == ["PORT", "XERO_GRANT"]


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, ""),
        ({"SEGXERO_PUBLIC_URL": "https://shop.example/"}, "https://shop.example"),
        ({"XERO_REDIRECT_URL": "https://shop.example/xero/callback"}, "https://shop.example"),
        ({"XERO_REDIRECT_URL": "http://localhost:8000/xero/callback"}, ""),
        ({"SEGXERO_PUBLIC_URL": "http://127.0.0.1:8000"}, "http://127.0.0.1:8000"),
    ],
)
def test_the_public_address_is_the_one_that_is_set_or_that_of_the_callback(environ, url):
    assert Settings.from_env(environ).public_url == url


def test_on_heroku_its_router_is_trusted_and_its_redis_has_a_chain_that_nobody_can_verify():
    heroku = Settings.from_env({"DYNO": "web.1", "REDIS_URL": "rediss://:pw@host:6380"})
    assert heroku.trusted_proxies == ("*",)
    assert heroku.redis_url == "rediss://:pw@host:6380?ssl_cert_reqs=none"
    elsewhere = Settings.from_env({"FORWARDED_ALLOW_IPS": "10.1.2.3"})
    assert elsewhere.trusted_proxies == ("10.1.2.3/32",)
    assert Settings.from_env({}).trusted_proxies == ("127.0.0.1/32", "::1/128")


def test_what_redis_says_itself_about_its_certificate_wins_on_heroku_too():
    settings = Settings.from_env({"DYNO": "web.1", "REDIS_URL": "rediss://host?ssl_cert_reqs=required"})
    assert settings.redis_url == "rediss://host?ssl_cert_reqs=required"
