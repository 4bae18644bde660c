"""POST /webhooks/segment: verifies, sorts and stores events, and only then answers 200."""

from datetime import UTC, datetime

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from segxero.errors import InvalidEventError
from segxero.receiver import intake
from segxero.receiver.admission import Admission
from segxero.receiver.room import Room
from segxero.segment import body
from segxero.services import Services

MAX_BODY = 16 * 1024 * 1024  # bytes; Segment's own limit for a batch is 4 MB


def blueprint(services: Services, admission: Admission) -> Blueprint:
    """Create the webhook's route."""
    pages = Blueprint("webhook", __name__)
    room = Room()

    @pages.post("/webhooks/segment", provide_automatic_options=False)
    def receive() -> Response:
        raw = _read()
        with room.reserve(len(raw)):
            try:
                admission.admit(request.headers, raw)
                events = body.split(raw).events
            except InvalidEventError as error:
                raise BadRequest(str(error)) from None
            found = intake.sort(events, services.mappings, datetime.now(UTC), g.request_id)
            intake.keep(found, services)
        g.facts = {f"events_{name}": number for name, number in found.counts().items()}
        return jsonify(found.answer())

    return pages


def _read() -> bytes:
    """Read the body. Werkzeug truncates chunked bodies at its limit, one byte more than MAX_BODY."""
    raw = request.get_data()
    if len(raw) > MAX_BODY:
        raise RequestEntityTooLarge
    # A broken connection must not have half a batch accepted.
    if len(raw) < (request.content_length or 0):
        raise BadRequest("The body is shorter than its Content-Length.")
    if not raw.strip():
        raise BadRequest("The body is empty: map `data` in Segment, usually to the whole event ($.).")
    return raw
