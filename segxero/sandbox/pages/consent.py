"""Xero's login and consent page: a person chooses organisations and lets the app in, or not."""

import uuid
from collections.abc import Mapping
from urllib.parse import urlencode, urlparse

from flask import Blueprint, redirect, render_template
from flask import request as http
from werkzeug.wrappers import Response as BaseResponse

from segxero.sandbox.gateway.outgoing import send_answer
from segxero.sandbox.state.scopes import SIGN_IN_SCOPES
from segxero.sandbox.state.tokens import Grant, GrantError
from segxero.sandbox.state.world import World
from segxero.sandbox.wire.answers import Answer

PATH = "/identity/connect/authorize"
ASKED = ("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")
SOMEBODY = "owner@example.com"


def create_blueprint(world: World) -> Blueprint:
    """Return the page over *world*: GET shows it, POST is its Allow or Cancel button."""
    blueprint = Blueprint("consent", __name__, template_folder="templates")

    @blueprint.get(PATH)
    def ask() -> BaseResponse | str:
        with world.lock:
            if refusal := _refusal(world, http.args):
                return refusal
            organisations = {tenant: book.name for tenant, book in world.books.items()}
        scopes = http.args.get("scope", "").split()
        asked = {name: http.args[name] for name in ASKED if name in http.args}
        return render_template(
            "consent.html", asked=asked, organisations=organisations, scopes=scopes, somebody=SOMEBODY
        )

    @blueprint.post(PATH)
    def answer() -> BaseResponse:
        with world.lock:
            return _refusal(world, http.form) or _answer(world)

    return blueprint


def _refusal(world: World, asked: Mapping[str, str]) -> BaseResponse | None:
    """Refuse a wrong request by a redirect to the app, or by 400 where the redirect would lead to a stranger."""
    address = urlparse(asked.get("redirect_uri", ""))
    # Xero registers no other addresses for an app.
    if address.scheme != "https" and address.hostname != "localhost":
        return send_answer(Answer(status=400, text="redirect_uri must be https or http://localhost"))
    try:
        if asked.get("response_type") != "code" or not asked.get("client_id"):
            raise GrantError("invalid_request")
        if asked.get("code_challenge") and asked.get("code_challenge_method") != "S256":
            raise GrantError("invalid_request")
        world.tokens.read_scopes(asked.get("scope", ""), *SIGN_IN_SCOPES)
    except GrantError as error:
        return _back({"error": str(error)}, asked)
    return None


def _answer(world: World) -> BaseResponse:
    form = http.form
    tenants = tuple(tenant for tenant in form.getlist("tenant") if tenant in world.books)
    if form.get("answer") != "allow" or not tenants:
        return _back({"error": "access_denied"}, form)
    grant = Grant(
        client=form["client_id"],
        scopes=world.tokens.read_scopes(form.get("scope", ""), *SIGN_IN_SCOPES),
        tenants=tenants,
        user=str(uuid.uuid5(uuid.NAMESPACE_URL, form.get("email", SOMEBODY))),
        redirect_uri=form["redirect_uri"],
        challenge=form.get("code_challenge", ""),
    )
    return _back({"code": world.tokens.grant_code(grant, world.seconds())}, form)


def _back(answer: dict[str, str], asked: Mapping[str, str]) -> BaseResponse:
    state = {"state": asked["state"]} if "state" in asked else {}
    return redirect(f"{asked['redirect_uri']}?{urlencode(answer | state)}", 303)
