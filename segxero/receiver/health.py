"""GET /healthz (the process runs) and GET /readyz (it can store events), for hosting platforms and load balancers."""

from flask import Blueprint, Response, jsonify

from segxero.services import Services
from segxero.store import keys
from segxero.store.server import is_append_only

NOT_APPEND_ONLY = (
    "Redis does not report that it is append-only: set appendonly yes, or a restart of Redis loses events."
)


def blueprint(services: Services) -> Blueprint:
    """Create the two routes."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def alive() -> Response:
        return jsonify(status="ok")

    @pages.get("/readyz")
    def ready() -> Response:
        services.redis.set(keys.BROKER_MARK, "1")
        append_only = is_append_only(services.redis)
        warnings = [] if append_only else [NOT_APPEND_ONLY]
        return jsonify(status="ready", append_only=append_only, mappings=services.mappings.version, warnings=warnings)

    return pages
