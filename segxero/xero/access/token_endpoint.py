"""Xero's token endpoint: it mints a custom connection's token, redeems codes and refreshes tokens."""

import base64
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from segxero import jsontext
from segxero.errors import AuthenticationError, RetryableError
from segxero.settings import LOOPBACK, Settings

LIFETIME_SECONDS = 1800  # of Xero's access tokens, should an answer not say so
TIMEOUT = (5, 15)  # seconds to connect, to answer


class GrantRefusedError(AuthenticationError):
    """Xero no longer knows this code or refresh token (`invalid_grant`)."""


class ScopeRefusedError(AuthenticationError):
    """The app lacks a requested scope (`invalid_scope`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Tokens from the endpoint, their scopes, and the lifetime of the access token in seconds."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    seconds: float
    scopes: tuple[str, ...]

    @property
    def user(self) -> str:
        """The Xero user who consented: the claim `xero_userid` of the access token, just sent by Xero itself."""
        if user := claims(self.access).get("xero_userid"):
            return str(user)
        raise AuthenticationError("Xero's access token names no user; connect again")


def claims(access: str) -> dict[str, Any]:
    """Return the claims of the token *access*; {} when they cannot be read."""
    try:
        part = access.split(".")[1]
        told = jsontext.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


REFUSED: dict[str | None, type[AuthenticationError]] = {
    "invalid_grant": GrantRefusedError,
    "invalid_scope": ScopeRefusedError,
}


class TokenEndpoint:
    """Asks the endpoint in *settings*, as the app in *settings*."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = f"{settings.xero_identity_url}/connect/token"
        self._auth = HTTPBasicAuth(settings.xero_client_id, settings.xero_client_secret)

    def mint(self, scopes: Sequence[str]) -> Granted:
        """Return a custom connection's token for *scopes*. Raise AuthenticationError or RetryableError, as all here."""
        client = BackendApplicationClient(self._settings.xero_client_id, scope=list(scopes))
        session = self._session(client=client)
        return self._granted(scopes, lambda: session.fetch_token(self._url, auth=self._auth, timeout=TIMEOUT))

    def redeem(self, code: str, verifier: str, redirect_uri: str) -> Granted:
        """Return the tokens of a consent, for the *code* in Xero's answer."""
        session = self._session(client_id=self._settings.xero_client_id, redirect_uri=redirect_uri)
        return self._granted(
            (),
            lambda: session.fetch_token(self._url, code=code, code_verifier=verifier, auth=self._auth, timeout=TIMEOUT),
        )

    def refresh(self, token: str, scopes: Sequence[str]) -> Granted:
        """Return new tokens for the refresh *token*, whose grant has *scopes*."""
        session = self._session(client_id=self._settings.xero_client_id)
        return self._granted(
            scopes,
            lambda: session.refresh_token(self._url, refresh_token=token, auth=self._auth, timeout=TIMEOUT),
        )

    def _session(self, **options: Any) -> OAuth2Session:
        allow_loopback(self._url)
        session = OAuth2Session(**options)
        for answer in ("access_token_response", "refresh_token_response"):
            session.register_compliance_hook(answer, _about_the_grant)
        return session

    def _granted(self, scopes: Sequence[str], ask: Callable[[], Any]) -> Granted:
        try:
            answer = ask()
        except Warning as warning:
            # oauthlib raises this after the token was granted, when the scopes are not exactly those asked for.
            answer = warning.token  # type: ignore[attr-defined]
        except OAuth2Error as error:
            raise _oauth_error(error) from None
        except (requests.RequestException, ValueError) as error:
            raise RetryableError(f"Xero's token endpoint does not answer ({type(error).__name__})") from None
        # RFC 6749 lets the endpoint leave out scopes that are exactly as asked for.
        told = answer.get("scope") or scopes
        return Granted(
            access=answer["access_token"],
            refresh=answer.get("refresh_token", ""),
            seconds=float(answer.get("expires_in", LIFETIME_SECONDS)),
            scopes=tuple(sorted(told.split() if isinstance(told, str) else told)),
        )


def allow_loopback(url: str) -> None:
    """Let oauthlib take an http:// *url* of this machine, where the sandbox runs; settings.py refuses any other."""
    if urlsplit(url).hostname in LOOPBACK:
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


def _about_the_grant(response: requests.Response) -> requests.Response:
    """Let only answers about the grant pass; oauthlib would take any other answer for a refusal."""
    status = response.status_code
    if status == requests.codes.too_many_requests or status >= requests.codes.server_error:
        raise RetryableError(f"Xero's token endpoint answered {status}")
    # A wrong address does not heal by itself, so it is not tried again.
    if status == requests.codes.not_found:
        raise AuthenticationError("there is no token endpoint at XERO_IDENTITY_URL (404); correct that setting")
    try:
        body = jsontext.loads(response.content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RetryableError("Xero's token endpoint gave no token")
    return response


def _oauth_error(error: OAuth2Error) -> Exception:
    if error.error == "missing_token":
        return RetryableError("Xero's token endpoint gave no token")
    kind = REFUSED.get(error.error, AuthenticationError)
    return kind(
        f"Xero gives no token ({error.error}); check XERO_CLIENT_ID, XERO_CLIENT_SECRET and the scopes of the app"
    )
