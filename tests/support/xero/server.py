"""Xero's token endpoint and API as scripted servers, and the settings that point there."""

import base64
import itertools
import threading
from dataclasses import dataclass, field
from typing import Any

from segxero.settings import Settings
from segxero.store.client import Store
from segxero.xero.access import token_endpoint
from segxero.xero.access.connections import Connections
from segxero.xero.access.encryption import Cipher
from segxero.xero.access.token_sets import TokenSets
from segxero.xero.access.tokens import Tokens
from tests.support.processes.http_server import Answer, HttpServer, Received, Script

CLIENT, SECRET = "client-id", "client-secret"
KEY = "a secret key of the tests"
TOKEN_PATH = "/connect/token"
API_PATH = "/api.xro/2.0"
OK = Answer(body={"Status": "OK"}, headers={"Content-Type": "application/json"})


@dataclass(slots=True)
class TokenEndpoint:
    """Gives `token-1`, `token-2` …, unless *next_answer* says something else; remembers how it was asked."""

    delay: float = 0.0
    expires_in: int | None = 1800
    scope: str | None = None  # None: the scopes asked for
    next_answer: Answer | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _lock: Any = field(default_factory=threading.Lock)

    def __call__(self, received: Received) -> Answer:
        user, _, password = (
            base64.b64decode(received.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
        )
        with self._lock:
            self.asked.append({**received.form, "user": user, "password": password})
            if self.next_answer:
                return self.next_answer
            body: dict[str, Any] = {"access_token": f"token-{next(self._numbers)}", "token_type": "Bearer"}
        if self.expires_in is not None:
            body["expires_in"] = self.expires_in
        body["scope"] = received.form.get("scope", "") if self.scope is None else self.scope
        return Answer(body=body, headers={"Content-Type": "application/json"}, delay=self.delay)


@dataclass(slots=True)
class XeroServer:
    """Both endpoints on one port."""

    tokens: TokenEndpoint
    api: Script
    server: HttpServer

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def calls(self) -> list[Received]:
        """The calls of the API, in order."""
        return self.server.requests(API_PATH)


def make_xero_server() -> XeroServer:
    """Make one that is not started; start it with `with made.server:`."""
    tokens, api = TokenEndpoint(), Script(OK)
    return XeroServer(tokens=tokens, api=api, server=HttpServer({TOKEN_PATH: tokens, API_PATH: api}))


def make_tokens(store: Store, settings: Settings, *scopes: str) -> Tokens:
    """Make the tokens that services.py makes of *settings*, for mappings that need *scopes*."""
    sets = TokenSets(store, settings.xero_client_id, Cipher(settings.segxero_secret_key))
    return Tokens(
        sets,
        token_endpoint.TokenEndpoint(settings),
        Connections(store),
        lambda: scopes,
        by_consent=settings.by_consent,
        where_to_connect=settings.where_to_connect,
    )


def xero_settings(url: str, **environment: str) -> Settings:
    """Return settings of a worker whose Xero is at *url*."""
    return Settings.from_env(
        {
            "XERO_CLIENT_ID": CLIENT,
            "XERO_CLIENT_SECRET": SECRET,
            "SEGXERO_SECRET_KEY": KEY,
            "XERO_API_URL": url,
            "XERO_IDENTITY_URL": url,
            **environment,
        }
    )
