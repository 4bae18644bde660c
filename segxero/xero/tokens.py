"""Tokens: minted by client credentials, encrypted in Redis, refreshed by one process for all."""

import base64
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from redis.exceptions import LockError
from requests_oauthlib import OAuth2Session

from segxero import jsontext, keys
from segxero.errors import AuthenticationError, RetryableError
from segxero.settings import LOOPBACK, Settings
from segxero.store import Store

LIFETIME_SECONDS = 1800  # of Xero's access tokens, should an answer not say so
EARLY_SECONDS = 120  # refreshed this long before it expires, so that no call meets an expired one
TIMEOUT = (5, 15)  # seconds to connect, to answer
LOCK_SECONDS = 30


def cipher(secrets: tuple[str, ...]) -> MultiFernet:
    """Return the cipher for SEGXERO_SECRET_KEY: the first key encrypts, all decrypt. Any text can be a key."""
    return MultiFernet([Fernet(_fernet_key(secret)) for secret in secrets])


def _fernet_key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"segxero tokens").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token and the second (Redis' clock) at which it expires."""

    access: str
    expires_at: float


class Tokens:
    """Gives the access token of the app; *scopes* are the least that the mappings need."""

    def __init__(self, client: Store, settings: Settings, scopes: tuple[str, ...]) -> None:
        self._redis = client
        self._settings = settings
        self._scopes = scopes
        self._cipher = cipher(settings.segxero_secret_key)
        self._key = keys.token(settings.xero_client_id)

    def access(self, stale: str = "") -> str:
        """Return an access token other than *stale*. Raise AuthenticationError or RetryableError."""
        token = self._stored()
        if self._is_good(token, stale):
            assert token
            return token.access
        try:
            with self._redis.lock(f"{self._key}:lock", timeout=LOCK_SECONDS, blocking_timeout=LOCK_SECONDS):
                token = self._stored()
                if not self._is_good(token, stale):
                    token = self._mint()
                    self._redis.set(self._key, self._encrypted(token))
                    self._redis.set(keys.GRANTED, self._now())
        except LockError:
            raise RetryableError("another process is fetching Xero's token", retry_after=1.0) from None
        assert token
        return token.access

    def _is_good(self, token: Token | None, stale: str) -> bool:
        return token is not None and token.access != stale and token.expires_at - EARLY_SECONDS > self._now()

    def _now(self) -> float:
        return float(self._redis.time()[0])

    def _stored(self) -> Token | None:
        text = self._redis.get(self._key)
        if text is None:
            return None
        try:
            return Token(**jsontext.loads(self._cipher.decrypt(text.encode())))
        except InvalidToken:
            return None

    def _encrypted(self, token: Token) -> str:
        return self._cipher.encrypt(
            jsontext.dumps({"access": token.access, "expires_at": token.expires_at}).encode()
        ).decode()

    def _mint(self) -> Token:
        settings = self._settings
        if urlsplit(settings.xero_identity_url).hostname in LOOPBACK:
            # oauthlib refuses http://; settings.py allows it for this machine only, where the sandbox runs.
            os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
        session = OAuth2Session(client=BackendApplicationClient(settings.xero_client_id, scope=list(self._scopes)))
        session.register_compliance_hook("access_token_response", _about_the_grant)
        try:
            answer = session.fetch_token(
                f"{settings.xero_identity_url}/connect/token",
                client_id=settings.xero_client_id,
                client_secret=settings.xero_client_secret,
                include_client_id=False,
                timeout=TIMEOUT,
            )
        except Warning as warning:
            # oauthlib raises this after the token was granted, when the scopes are not exactly those asked for.
            answer = warning.token  # type: ignore[attr-defined]
        except OAuth2Error as error:
            raise _oauth_error(error) from None
        except (requests.RequestException, ValueError) as error:
            raise RetryableError(f"Xero's token endpoint does not answer ({type(error).__name__})") from None
        lifetime = float(answer.get("expires_in", LIFETIME_SECONDS))
        return Token(access=answer["access_token"], expires_at=self._now() + lifetime)


def _about_the_grant(response: requests.Response) -> requests.Response:
    """Let an answer pass that speaks of the grant; oauthlib would take any other for a refusal."""
    status = response.status_code
    if status == requests.codes.too_many_requests or status >= requests.codes.server_error:
        raise RetryableError(f"Xero's token endpoint answered {status}")
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
    return AuthenticationError(
        f"Xero gives no token ({error.error}); check XERO_CLIENT_ID, XERO_CLIENT_SECRET and the scopes of the app"
    )
