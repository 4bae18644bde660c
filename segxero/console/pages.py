"""The console's routes. Names of people are sent in forms, because browsers and proxies log addresses."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException, NotFound

from segxero import jsontext
from segxero.console.overview import make_cause_view, read_overview
from segxero.operators.door import Door
from segxero.operators.pages import show_refusal
from segxero.oversight import trace as tracing
from segxero.oversight.blocked import Filter
from segxero.oversight.display import entry_row
from segxero.services import Services
from segxero.settings import CONNECT, CONSOLE
from segxero.xero.objects.table import OBJECTS

MOST_LISTED = 500  # records on the page of a cause
MOST_AT_ONCE = 500  # dead letters per click, because Heroku's router ends a request after 30 s


def blueprint(services: Services, door: Door) -> Blueprint:
    """Create the routes. They answer 404 while SEGXERO_PASSWORD is not set."""
    pages = Blueprint("console", __name__, template_folder="templates")
    pages.before_request(door.admit)
    pages.register_error_handler(HTTPException, show_refusal)

    @pages.get("/")
    def start() -> Response:
        return make_response(redirect(CONSOLE))

    @pages.get(CONSOLE)
    def show() -> str:
        return render_template("overview.html", view=read_overview(services), connect=CONNECT)

    @pages.get(f"{CONSOLE}/letters/<identifier>")
    def letter(identifier: str) -> str:
        found = services.dead_letters.find(identifier)
        if found is None:
            raise NotFound("This dead letter is gone: it was replayed or discarded.")
        return render_template(
            "letter.html", letter=found, events=[jsontext.pretty_text(text) for text in found.events]
        )

    @pages.get(f"{CONSOLE}/causes/<identifier>")
    def cause(identifier: str) -> str:
        found = services.blockage.causes(Filter(cause_id=identifier))
        if not found:
            raise NotFound("Nothing waits for this cause any more.")
        return render_template("cause.html", cause=make_cause_view(services, found[0], MOST_LISTED), most=MOST_LISTED)

    @pages.post(f"{CONSOLE}/replay")
    def replay() -> str:
        return render_template("replayed.html", **_replay(services, request.form.get("cause", "")))

    @pages.post(f"{CONSOLE}/trace")
    def trace() -> str:
        return render_template("trace.html", **_find_traces(services, request.form.get("name", "").strip()))

    return pages


def _replay(services: Services, cause: str) -> Mapping[str, int]:
    """Replay everything that *cause* blocks now. Raise NotFound if nothing is left."""
    # The cause is read again, because others may have replayed it since the page was made.
    chosen = Filter(cause_id=cause)
    letters = [one.letter for one in services.blockage.letters(chosen) if one.letter] if cause else []
    parked = services.blockage.parked(chosen) if cause else []
    if not letters and not parked:
        raise NotFound("Nothing waits for this cause any more, so nothing was changed.")
    sent = sum(services.replay.replay(letter) for letter in letters[:MOST_AT_ONCE])
    return {"sent": sent, "letters": len(letters), "freed": services.replay.free(parked)}


def _find_traces(services: Services, name: str) -> Mapping[str, Any]:
    letters = list(services.dead_letters) if name else []
    places = services.mappings.organisations if name else ()
    found = list(tracing.find_traces(services.redis, places, OBJECTS, name, letters))
    return {
        "traces": [(trace, [entry_row(entry) for entry in trace.entries]) for trace in found],
        "letters": [] if found else tracing.find_letters(letters, name),
    }
