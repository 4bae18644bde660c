"""The receiver: a Flask app that stores the events of Segment's webhook calls in the inbox. Also serves the console.

Run it as `gunicorn 'segxero.receiver:create_app()'`.
"""

import logging
from contextlib import suppress

import redis
from flask import Flask

from segxero.console import connect
from segxero.console import pages as console_pages
from segxero.errors import ConfigError, Fault
from segxero.operators import pages as operator_pages
from segxero.operators.door import Door
from segxero.operators.hops import BehindHop, Hops
from segxero.receiver import answers, health, metrics, webhook
from segxero.receiver.admission import Admission
from segxero.services import Services
from segxero.settings import Settings
from segxero.store import formats
from segxero.telemetry import logs, sentry
from workers.messages import messages

log = logging.getLogger(__name__)


def create_app(services: Services | None = None) -> Flask:
    """Create the app with *services*, or with services from the environment. Raise ConfigError for wrong settings."""
    services = services or _from_environment()
    _refuse_wrong_settings(services.settings)
    with suppress(redis.RedisError):  # without Redis the app starts, and answers 503 until Redis is back
        formats.refuse_newer(services.redis)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = webhook.MAX_BODY + 1
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    answers.install(app, services.settings)
    app.wsgi_app = BehindHop(app.wsgi_app, Hops(services.settings.trusted_proxies))  # type: ignore[method-assign]
    door = Door.from_settings(services.settings, services.redis)
    app.register_blueprint(webhook.blueprint(services, Admission(services.settings, services.alerts)))
    app.register_blueprint(health.blueprint(services))
    app.register_blueprint(metrics.blueprint(services, door))
    app.register_blueprint(operator_pages.blueprint(door))
    app.register_blueprint(console_pages.blueprint(services, door))
    app.register_blueprint(connect.blueprint(services, door))
    return app


def _from_environment() -> Services:
    settings = Settings.from_env()
    logs.configure(settings.log_level)
    services = Services.for_receiver(settings, messages())
    sentry.init(settings, "receiver", services.alerts.admits)
    return services


def _refuse_wrong_settings(settings: Settings) -> None:
    if fault := settings.bearer_fault():
        raise ConfigError("The environment has faults:", [Fault(fault, path="SEGMENT_BEARER_TOKEN")])
    if not settings.segment_shared_secret:
        log.warning("SEGMENT_SHARED_SECRET is not set: anybody who knows the address can send events")
