"""Calls a person: an issue in Sentry, once per cause, and an error line in the log.

Only alerts and unexpected exceptions reach Sentry, not ordinary log lines; bodies, secrets and variables never do.
"""

import logging

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.transport import Transport

from segxero.settings import Settings

log = logging.getLogger(__name__)


def init(settings: Settings, component: str, *, transport: Transport | None = None) -> None:
    """Connect this process, the *component* of segxero, to Sentry; without a SENTRY_DSN nothing is sent."""
    if not settings.sentry_dsn:
        return
    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        transport=transport,
        # What is not named here the integrations would send.
        data_collection={
            "user_info": False,
            "cookies": {"mode": "off"},
            "http_headers": {"request": {"mode": "allowlist", "terms": ["user-agent", "content-", "x-request-id"]}},
            "http_bodies": [],
            "url_query_params": {"mode": "off"},
            "stack_frame_variables": False,
            "database_query_data": False,
            "queues": False,
        },
        max_request_body_size="never",
        integrations=[LoggingIntegration(event_level=None)],
    )
    sentry_sdk.get_global_scope().set_tag("component", component)


def alert(cause: str, message: str, next_step: str, *, organisation: str = "", **tags: str) -> None:
    """Tell a person of *cause*, a short name that groups all alerts of one kind and organisation into one issue."""
    tags = {"cause": cause, "organisation": organisation, **tags}
    log.error("%s %s", message, next_step, extra={"alert": tags})
    with sentry_sdk.new_scope() as scope:
        scope.fingerprint = [cause, organisation]
        scope.set_tags(tags)
        scope.set_context("next step", {"sentence": next_step})
        scope.capture_message(message, level="error")
