"""GET /xero/connect: an operator connects organisations by Xero's consent page, which sends them to /xero/callback."""

import secrets
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest, Conflict, Forbidden, HTTPException

from segxero.errors import AuthenticationError, ConfigError, RetryableError
from segxero.receiver import operator
from segxero.receiver.browser_sessions import BrowserSessions
from segxero.services import Services
from segxero.settings import CALLBACK, CONNECT, LOOPBACK
from segxero.xero.connections import Tenant
from segxero.xero.consent import Asked, Offer

CHOICE = "/xero/connections"
BEGIN_AGAIN = f"This page belongs to no consent that was begun in this browser; begin again at {CONNECT}."


def blueprint(services: Services) -> Blueprint:
    """Make the routes; they are closed while SEGXERO_PASSWORD is not set."""
    pages = Blueprint("connect", __name__, template_folder="templates")
    pages.register_error_handler(HTTPException, _refused)
    pages.register_error_handler(AuthenticationError, _no_consent)
    pages.register_error_handler(RetryableError, _later)
    pages.register_error_handler(ConfigError, _not_set_up)

    @pages.before_request
    def admit() -> None:
        operator.admit(services.settings.segxero_password, "this page")
        if not (request.is_secure or _host(request.url) in LOOPBACK):
            raise Forbidden("Open this page by https; http is for this machine only.")
        if not services.settings.by_consent:
            raise Conflict("XERO_GRANT is a custom connection, which needs no consent; set authorization_code for one.")

    @pages.get(CONNECT)
    def begin() -> Response:
        callback = _callback(services)
        if _host(callback) != _host(request.url):
            # The browser must come back to the host that set its cookie.
            return _to(callback.removesuffix(CALLBACK) + CONNECT)
        address, asked = services.connecting.consent.begin(callback)
        return _sessions(services).put(_to(address), asdict(asked))

    @pages.get(CALLBACK)
    def finish() -> Response:
        begun = _sessions(services).take()
        if "verifier" not in begun:
            raise BadRequest(BEGIN_AGAIN)
        offer = services.connecting.consent.finish(Asked(**begun), request.args.to_dict())
        return _connected(services, offer, {})

    @pages.post(CHOICE)
    def choose() -> Response:
        begun = _sessions(services).take()
        token = request.form.get("token", "")
        if "offer" not in begun or not secrets.compare_digest(token.encode(), begun["token"].encode()):
            raise BadRequest(BEGIN_AGAIN)
        offer = _offer(begun["offer"])
        return _connected(services, offer, _chosen(services, offer))

    return pages


def _connected(services: Services, offer: Offer, chosen: dict[str, Tenant]) -> Response:
    """Connect what is known, and show it; ask for the rest."""
    going_on = services.connecting.connect(offer, chosen)
    unknown, free = services.connecting.open_questions(offer)
    token = secrets.token_urlsafe(32)
    page = render_template(
        "connected.html",
        connections={name: one for name, one in services.connections.all().items() if name in going_on},
        missing=offer.missing,
        unknown=unknown,
        free=free,
        token=token,
        choice=CHOICE,
        connect=CONNECT,
    )
    answer = make_response(page)
    return _sessions(services).put(answer, {"offer": asdict(offer), "token": token}) if unknown and free else answer


def _chosen(services: Services, offer: Offer) -> dict[str, Tenant]:
    """Read the form: a tenant for each organisation, each at most once."""
    unknown, free = services.connecting.open_questions(offer)
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
    addresses only. Behind a proxy gunicorn sets the scheme from X-Forwarded-Proto if FORWARDED_ALLOW_IPS trusts it.
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


def _refused(error: HTTPException) -> Response:
    answer = _page(error.description or "", error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    answer.headers.extend(header for header in error.get_headers() if header[0] in {"Allow", "WWW-Authenticate"})
    return answer


def _no_consent(error: Exception) -> Response:
    return _page(f"{error}.", HTTPStatus.BAD_REQUEST)


def _later(error: Exception) -> Response:
    return _page(f"{error}; begin again in a minute.", HTTPStatus.BAD_GATEWAY)


def _not_set_up(error: Exception) -> Response:
    return _page(str(error), HTTPStatus.CONFLICT)


def _page(sentence: str, status: int) -> Response:
    return make_response(render_template("refused.html", sentence=sentence, connect=CONNECT), status)
