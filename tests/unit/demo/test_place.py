from segxero.demo.place import DemoPlace, make_environment
from segxero.settings import Settings


def test_the_ports_of_a_place_differ():
    place = DemoPlace.choose()
    assert len({place.receiver_port, place.sandbox_port, place.flower_port}) == 3


def test_nothing_of_the_users_shell_reaches_the_processes(tmp_path, monkeypatch):
    for name in ("REDIS_URL", "XERO_CLIENT_ID", "SENTRY_DSN", "CELERY_BROKER_URL", "FLOWER_PORT", "GUNICORN_CMD_ARGS"):
        monkeypatch.setenv(name, "of-the-user")
    environment = make_environment(tmp_path, DemoPlace.choose())
    assert "of-the-user" not in environment.values()


def test_xero_is_the_sandbox_and_the_credentials_are_enough_for_a_worker(tmp_path):
    place = DemoPlace(receiver_port=1, sandbox_port=2, flower_port=3)
    settings = Settings.from_env(make_environment(tmp_path, place))
    settings.require_xero()
    addresses = {settings.xero_api_url, settings.xero_identity_url, settings.xero_login_url}
    assert (settings.port, addresses) == (1, {"http://127.0.0.1:2"})


def test_the_secrets_are_new_each_time(tmp_path):
    place = DemoPlace.choose()
    first, second = (make_environment(tmp_path, place) for _ in range(2))
    assert first["SEGXERO_SECRET_KEY"] != second["SEGXERO_SECRET_KEY"]
