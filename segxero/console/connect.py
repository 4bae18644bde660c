"""GET /xero/connect: an operator connects organisations by Xero's consent page, which sends them to /xero/callback."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest, Conflict, HTTPException

from segxero.console.browser_sessions import BrowserSessions
from segxero.errors import AuthenticationError, ConfigError, RetryableError
from segxero.operators.door import Door
from segxero.operators.pages import refusal, refused
from segxero.services import Services
from segxero.settings import CALLBACK, CONNECT, LOOPBACK
from segxero.xero.access.connections import Tenant
from segxero.xero.access.consent import Asked, Offer

CHOICE = "/xero/connections"
BEGIN_AGAIN = f"This page belongs to no consent that was begun in this browser; begin again at {CONNECT}."


def blueprint(services: Services, door: Door) -> Blueprint:
    """Make the routes; they are closed while SEGXERO_PASSWORD is not set."""
    pages = Blueprint("connect", __name__, template_folder="templates")
    pages.register_error_handler(HTTPException, refused)
    pages.register_error_handler(AuthenticationError, _no_consent)
    pages.register_error_handler(RetryableError, _later)
    pages.register_error_handler(ConfigError, _not_set_up)

    @pages.get(CONNECT)
    def begin() -> Response:
        door.is_open()
        callback = _callback(services)
        if _host(callback) != _host(request.url):
            # The browser must come back to the host that set its cookies.
            return _to(callback.removesuffix(CALLBACK) + CONNECT)
        if away := door.admit():
            return away
        _needs_consent(services)
        address, asked = services.connecting.consent.begin(callback)
        return _sessions(services).put(_to(address), {"session": g.session.id, **asdict(asked)})

    @pages.get(CALLBACK)
    def finish() -> Response:
        door.is_open()
        _needs_consent(services)
        begun = _sessions(services).take()
        # Xero's site sends the browser here, so the Strict cookie of the session does not come along.
        session = door.sessions.find(begun.pop("session", ""))
        if "verifier" not in begun or session is None:
            raise BadRequest(BEGIN_AGAIN)
        door.use(session)
        offer = services.connecting.consent.finish(Asked(**begun), request.args.to_dict())
        return _connected(services, offer, {})

    @pages.post(CHOICE)
    def choose() -> Response:
        if away := door.admit():
            return away
        _needs_consent(services)
        begun = _sessions(services).take()
        if "offer" not in begun or begun["session"] != g.session.id:
            raise BadRequest(BEGIN_AGAIN)
        offer = _offer(begun["offer"])
        return _connected(services, offer, _chosen(services, offer))

    return pages


def _needs_consent(services: Services) -> None:
    if not services.settings.by_consent:
        raise Conflict("XERO_GRANT is a custom connection, which needs no consent; set authorization_code for one.")


def _connected(services: Services, offer: Offer, chosen: dict[str, Tenant]) -> Response:
    """Connect what is known, and show it; ask for the rest."""
    going_on = services.connecting.connect(offer, chosen)
    unknown, free = services.connecting.find_open_questions(offer)
    page = render_template(
        "connected.html",
        connections={name: one for name, one in services.connections.all().items() if name in going_on},
        missing=offer.missing,
        unknown=unknown,
        free=free,
        choice=CHOICE,
        connect=CONNECT,
    )
    answer = make_response(page)
    if not (unknown and free):
        return answer
    return _sessions(services).put(answer, {"session": g.session.id, "offer": asdict(offer)})


def _chosen(services: Services, offer: Offer) -> dict[str, Tenant]:
    """Read the form: a tenant for each organisation, each at most once."""
    unknown, free = services.connecting.find_open_questions(offer)
    by_id = {tenant.id: tenant for tenant in free}
    chosen = {name: by_id[wanted] for name in unknown if (wanted := request.form.get(name, "")) in by_id}
    if len(set(chosen.values())) < len(chosen):
        raise BadRequest(f"One organisation of Xero was chosen twice; begin again at {CONNECT}.")
    return chosen


def _offer(stored: dict[str, Any]) -> Offer:
    return Offer(
        user=stored["user"],
        tenants=tuple(Tenant(**tenant) for tenant in stored["tenants"]),
        scopes=tuple(stored["scopes"]),
        missing=tuple(stored["missing"]),
    )


def _sessions(services: Services) -> BrowserSessions:
    services.settings.require_xero()
    return BrowserSessions(services.redis, services.cipher)


def _callback(services: Services) -> str:
    """Return where Xero sends the browser: the setting, else this page's own address.

    The Host header may be made up, but a browser of an operator does not do that, and Xero sends codes to registered
    addresses only.
    """
    if services.settings.xero_redirect_url:
        return services.settings.xero_redirect_url
    parts = urlsplit(request.host_url)
    # Of this machine's names Xero takes localhost only.
    here = f"localhost:{parts.port}" if parts.port else "localhost"
    return f"{parts.scheme}://{here if parts.hostname in LOOPBACK else parts.netloc}{CALLBACK}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _to(address: str) -> Response:
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))


def _no_consent(error: Exception) -> Response:
    return refusal(f"{error}. Begin again at {CONNECT}.", HTTPStatus.BAD_REQUEST)


def _later(error: Exception) -> Response:
    return refusal(f"{error}; begin again at {CONNECT} in a minute.", HTTPStatus.BAD_GATEWAY)


def _not_set_up(error: Exception) -> Response:
    return refusal(str(error), HTTPStatus.CONFLICT)
