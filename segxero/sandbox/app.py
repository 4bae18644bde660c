"""The Flask app: Xero's three hosts and the control page on one port."""

from flask import Flask, Response
from flask import request as http

from segxero.sandbox.gateway.gateway import Gateway
from segxero.sandbox.gateway.incoming import receive_call
from segxero.sandbox.gateway.outgoing import send_answer
from segxero.sandbox.objects import ROUTES
from segxero.sandbox.objects.route import Route
from segxero.sandbox.options import SandboxOptions
from segxero.sandbox.pages import consent, control, identity
from segxero.sandbox.state.world import World

BASE = "/api.xro/2.0"
EVERY_METHOD = ("GET", "PUT", "POST", "PATCH", "DELETE")


def create_app(options: SandboxOptions | None = None) -> Flask:
    """Return a sandbox with books of its own; its state is in this app and lives as long as it."""
    world = World(options or SandboxOptions())
    app = Flask(__name__)
    # Xero takes a path with and without a slash at its end.
    app.url_map.strict_slashes = False
    app.extensions["sandbox"] = world
    app.register_blueprint(identity.create_blueprint(world))
    app.register_blueprint(consent.create_blueprint(world))
    app.register_blueprint(control.create_blueprint(world))
    gateway = Gateway(world)
    for route in ROUTES:
        _add_route(app, gateway, route)
    _add_other_paths(app, gateway)
    return app


def _add_route(app: Flask, gateway: Gateway, route: Route) -> None:
    def view(**params: str) -> Response:
        return _answer(gateway, route, params)

    app.add_url_rule(
        f"{BASE}{route.path}",
        endpoint=f"{route.method} {route.path}",
        view_func=view,
        methods=[route.method],
        provide_automatic_options=False,
    )


def _add_other_paths(app: Flask, gateway: Gateway) -> None:
    """Send other paths through the gateway as well: they count, are recorded and can fail like routes."""

    def view(rest: str) -> Response:
        return _answer(gateway, None, {})

    app.add_url_rule(f"{BASE}/<path:rest>", endpoint="rest", view_func=view, methods=EVERY_METHOD)


def _answer(gateway: Gateway, route: Route | None, params: dict[str, str]) -> Response:
    call = receive_call(http)
    return send_answer(gateway.answer(call, route, params), as_json=call.wants_json)
