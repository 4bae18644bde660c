"""The control room: faults, settings, the record of calls, and a page to play an outage from.

Tests and the demo call it below `/sandbox`:

- GET, POST, DELETE `faults`, DELETE `faults/ID`: outages, limits, lost answers and odd elements.
- GET `calls`, `records`, `summary` and `ledger`: the record of calls, the stored records, figures, sums of the books.
- POST `contacts`, `accounts`, `tax_rates`, `payments`, `organisation_settings`: changes that a person makes in Xero.
- POST `settings` and `reset`: lock dates, currencies, the plan and the like; empty books.
"""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, render_template
from flask import request as http

from segxero.jsontext import dumps, loads
from segxero.sandbox.pages.desk import CHANGES
from segxero.sandbox.pages.ledger import read_ledger
from segxero.sandbox.pages.summary import collect_records, summarize
from segxero.sandbox.state.world import World
from segxero.sandbox.wire.answers import JSON

EVERYTHING = 1_000_000_000


def create_blueprint(world: World) -> Blueprint:
    """Return the routes below `/sandbox` over *world*."""
    blueprint = Blueprint("control", __name__, url_prefix="/sandbox", template_folder="templates")
    _add_faults(blueprint, world)
    _add_views(blueprint, world)

    @blueprint.post(f"/<any({', '.join(CHANGES)}):kind>")
    def change(kind: str) -> Response:
        with world.lock:
            try:
                body = _body()
                book = next(book for book in world.books.values() if body.get("organisation", book.name) == book.name)
                return _json(CHANGES[kind](book, body[kind], world.now()), 201)
            except (KeyError, StopIteration, TypeError, ValueError) as error:
                return _json({"error": str(error)}, 400)

    @blueprint.post("/reset")
    def reset() -> Response:
        with world.lock:
            world.reset()
        return _json({"reset": True})

    @blueprint.post("/settings")
    def settings() -> Response:
        with world.lock:
            try:
                world.change(_body())
            except (TypeError, ValueError) as error:
                return _json({"error": str(error)}, 400)
        return _json({"changed": True})

    return blueprint


def _add_faults(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/faults")
    def list_faults() -> Response:
        with world.lock:
            return _json([{**asdict(fault), "left": left} for fault, left in world.faults.active()])

    @blueprint.post("/faults")
    def add_fault() -> Response:
        with world.lock:
            try:
                fault = world.faults.add(_body())
            except (TypeError, ValueError) as error:
                return _json({"error": str(error)}, 400)
        return _json(asdict(fault), 201)

    @blueprint.delete("/faults")
    def clear_faults() -> Response:
        with world.lock:
            world.faults.clear()
        return _json({"cleared": True})

    @blueprint.delete("/faults/<int:fault_id>")
    def remove_fault(fault_id: int) -> Response:
        with world.lock:
            removed = world.faults.remove(fault_id)
        return _json({"removed": removed}, 200 if removed else 404)


def _add_views(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("")
    def page() -> str:
        return render_template("sandbox.html", organisations=[book.name for book in world.books.values()])

    @blueprint.get("/calls")
    def calls() -> Response:
        since = http.args.get("since", 0, type=int)
        compact = http.args.get("compact", "").lower() in {"1", "true"}
        with world.lock:
            found = world.calls.list_since(since, _last())
            return _json([call.as_json(compact=compact) for call in found])

    @blueprint.get("/records")
    def show_records() -> Response:
        with world.lock:
            return _json(collect_records(world, _last(), http.args.get("organisation", "")))

    @blueprint.get("/ledger")
    def show_ledger() -> Response:
        wanted = http.args.get("organisation", "")
        with world.lock:
            books = [book for book in world.books.values() if wanted in ("", book.name)]
            return _json({book.name: read_ledger(book) for book in books})

    @blueprint.get("/summary")
    def show_summary() -> Response:
        with world.lock:
            return _json(summarize(world))


def _last() -> int:
    """Return how many of the newest entries are asked for; all of them without `last`."""
    return max(1, http.args.get("last", EVERYTHING, type=int))


def _body() -> dict[str, Any]:
    """Return the JSON object of the body. A page of another site cannot send this content type unasked."""
    # The sandbox has no password, so this is its guard against other sites.
    if http.mimetype != "application/json":
        raise ValueError("Send a JSON object with Content-Type: application/json.")
    body = loads(http.get_data())
    if not isinstance(body, dict):
        raise TypeError("Send a JSON object.")
    return body


def _json(data: Any, status: int = 200) -> Response:
    return Response(dumps(data), status=status, content_type=JSON)
