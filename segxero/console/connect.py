"""/xero/connect and /xero/callback: an operator connects organisations through Xero's consent page."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest, Conflict, HTTPException

from segxero.console.browser_sessions import BrowserSessions
from segxero.errors import AuthenticationError, ConfigError, RetryableError
from segxero.operators.door import Door
from segxero.operators.pages import make_refusal_page, show_refusal
from segxero.services import Services
from segxero.settings import CALLBACK, CONNECT, LOOPBACK
from segxero.xero.access.connections import Tenant
from segxero.xero.access.consent import Asked, Offer

CHOICE = "/xero/connections"
BEGIN_AGAIN = f"This browser has no pending consent: start again at {CONNECT}."


def blueprint(services: Services, door: Door) -> Blueprint:
    """Create the routes. They answer 404 while SEGXERO_PASSWORD is not set."""
    pages = Blueprint("connect", __name__, template_folder="templates")
    pages.register_error_handler(HTTPException, show_refusal)
    pages.register_error_handler(AuthenticationError, _show_refused_consent)
    pages.register_error_handler(RetryableError, _show_outage)
    pages.register_error_handler(ConfigError, _show_misconfiguration)

    @pages.get(CONNECT)
    def begin() -> Response:
        door.require_open()
        callback = _callback(services)
        if _host(callback) != _host(request.url):
            # The browser must return to the host that set its cookies.
            return _redirect(callback.removesuffix(CALLBACK) + CONNECT)
        if away := door.admit():
            return away
        _needs_consent(services)
        address, asked = services.connecting.consent.begin(callback)
        return _sessions(services).put(_redirect(address), {"session": g.session.id, **asdict(asked)})

    @pages.get(CALLBACK)
    def finish() -> Response:
        door.require_open()
        _needs_consent(services)
        begun = _sessions(services).take()
        # Xero's site sends the browser here, so the browser withholds the Strict session cookie.
        session = door.sessions.find(begun.pop("session", ""))
        if "verifier" not in begun or session is None:
            raise BadRequest(BEGIN_AGAIN)
        door.use(session)
        offer = services.connecting.consent.finish(Asked(**begun), request.args.to_dict())
        return _connect(services, offer, {})

    @pages.post(CHOICE)
    def choose() -> Response:
        if away := door.admit():
            return away
        _needs_consent(services)
        begun = _sessions(services).take()
        if "offer" not in begun or begun["session"] != g.session.id:
            raise BadRequest(BEGIN_AGAIN)
        offer = _read_offer(begun["offer"])
        return _connect(services, offer, _read_choice(services, offer))

    return pages


def _needs_consent(services: Services) -> None:
    if not services.settings.by_consent:
        raise Conflict(
            "XERO_GRANT is client_credentials, a custom connection without consent page: set it to authorization_code."
        )


def _connect(services: Services, offer: Offer, chosen: dict[str, Tenant]) -> Response:
    """Connect the organisations already identified, and ask about the others."""
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
    # The offer is stored only while a question is open.
    if not (unknown and free):
        return answer
    return _sessions(services).put(answer, {"session": g.session.id, "offer": asdict(offer)})


def _read_choice(services: Services, offer: Offer) -> dict[str, Tenant]:
    """Read the form: a tenant for each organisation, each tenant at most once."""
    unknown, free = services.connecting.find_open_questions(offer)
    by_id = {tenant.id: tenant for tenant in free}
    chosen = {name: by_id[wanted] for name in unknown if (wanted := request.form.get(name, "")) in by_id}
    # Two organisations in the same Xero organisation would mix their books.
    if len(set(chosen.values())) < len(chosen):
        raise BadRequest(f"You chose the same Xero organisation twice: start again at {CONNECT}.")
    return chosen


def _read_offer(stored: dict[str, Any]) -> Offer:
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
    """Return the callback address: the setting, or else this page's own address.

    A forged Host header does no harm: operators' browsers do not forge it, and Xero redirects only to registered
    addresses.
    """
    if services.settings.xero_redirect_url:
        return services.settings.xero_redirect_url
    parts = urlsplit(request.host_url)
    # For local callbacks Xero accepts only `localhost`.
    here = f"localhost:{parts.port}" if parts.port else "localhost"
    return f"{parts.scheme}://{here if parts.hostname in LOOPBACK else parts.netloc}{CALLBACK}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _redirect(address: str) -> Response:
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))


def _show_refused_consent(error: Exception) -> Response:
    return make_refusal_page(f"{error}. Start again at {CONNECT}.", HTTPStatus.BAD_REQUEST)


def _show_outage(error: Exception) -> Response:
    return make_refusal_page(f"{error}. Start again at {CONNECT} in a minute.", HTTPStatus.BAD_GATEWAY)


def _show_misconfiguration(error: Exception) -> Response:
    return make_refusal_page(str(error), HTTPStatus.CONFLICT)
