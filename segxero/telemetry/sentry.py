"""Sentry: alerts, and the exceptions that Flask and Celery see; no body, secret, variable or text of an exception.

Log lines do not go there, and neither do breadcrumbs: the addresses of calls and the keys of Redis can name a person.
"""

from collections.abc import Callable
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.flask import FlaskIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.transport import Transport

from segxero.settings import Settings
from segxero.telemetry.alerts import Cause, fault

UNKNOWN = "process"


def init(
    settings: Settings, component: str, admits: Callable[[Cause], bool], *, transport: type[Transport] | None = None
) -> None:
    """Connect this process, the *component* of segxero, to Sentry; without a SENTRY_DSN nothing is sent.

    *admits* tells whether a further exception of a cause may go out.
    """
    if not settings.sentry_dsn:
        return

    def before_send(event: Any, hint: dict[str, Any]) -> Any:
        return scrub(event, component, admits)

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        transport=transport,
        # The integrations send by default everything that is not named here.
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
        max_breadcrumbs=0,
        before_breadcrumb=lambda _crumb, _hint: None,
        before_send=before_send,
        auto_enabling_integrations=False,
        integrations=[
            FlaskIntegration(),
            CeleryIntegration(propagate_traces=False),
            LoggingIntegration(level=None, event_level=None),
        ],
    )
    sentry_sdk.get_global_scope().set_tag("component", component)


def scrub(event: dict[str, Any], component: str, admits: Callable[[Cause], bool]) -> dict[str, Any] | None:
    """Return *event* without the texts of its exceptions, as one issue per cause; None when a person knows of it."""
    values = (event.get("exception") or {}).get("values") or []
    if not values:
        return event
    for value in values:
        value["value"] = ""
    event.pop("extra", None)
    cause = fault(_place(event.get("transaction"), component), str(values[-1].get("type")))
    if not admits(cause):
        return None
    event["fingerprint"] = cause.fingerprint
    return event


def _place(transaction: str | None, component: str) -> str:
    """Name where it happened: the queue of a task (`workers.contacts.deliver`), else the component."""
    parts = (transaction or "").split(".")
    return parts[1] if parts[0] == "workers" and len(parts) > 1 else component or UNKNOWN
