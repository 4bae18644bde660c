"""Verifies that a webhook call comes from Segment: first the bearer token, then the signature. Called by webhook.py."""

import hmac

from werkzeug.datastructures import Headers
from werkzeug.exceptions import ServiceUnavailable, Unauthorized

from segxero.segment import signature
from segxero.settings import Settings
from segxero.telemetry.alerts import SIGNATURE, Alerts, Cause
from segxero.telemetry.figures import EVENTS


class Admission:
    """Verifies webhook calls by SEGMENT_BEARER_TOKEN and SEGMENT_SHARED_SECRET, as far as these are set.

    The token is required of every call, because a batch's signature covers only its first event.
    SEGMENT_BATCH_NEEDS_BEARER refuses to start without it.
    """

    def __init__(self, settings: Settings, alerts: Alerts) -> None:
        self._token = settings.segment_bearer_token.encode()
        self._secrets = settings.segment_shared_secret
        self._alerts = alerts

    def admit(self, headers: Headers, raw: bytes) -> None:
        """Accept the call with the body *raw*, or raise.

        Unauthorized: the token or signature is missing. ServiceUnavailable: the signature matches no secret. During a
        rotation this is normal, and Segment retries after a 503 for four hours but drops the events after a 401.
        InvalidEventError: the signature needs the first event, and the body is not JSON.
        """
        self._check_token(headers.get("Authorization", ""))
        # Trials run without a secret; the set-up check reports it as a fault.
        if not self._secrets:
            return
        given = headers.get(signature.HEADER, "")
        if not given:
            raise Unauthorized(f"The {signature.HEADER} header is missing: set the shared secret in Segment too.")
        if signature.verify(given, raw, self._secrets) is None:
            self._alert()
            raise ServiceUnavailable("The signature matches no shared secret configured here.")

    def _check_token(self, header: str) -> None:
        scheme, _, token = header.partition(" ")
        given = token.strip().encode("latin-1", "replace")  # WSGI hands over bytes as Latin-1
        if self._token and not (scheme.lower() == "bearer" and hmac.compare_digest(given, self._token)):
            raise Unauthorized(
                "The bearer token is missing or wrong: map the header Authorization: Bearer <SEGMENT_BEARER_TOKEN>."
            )

    def _alert(self) -> None:
        self._alerts.call(
            Cause(kind=SIGNATURE),
            "A webhook call was signed with an unknown secret. Segment was asked to send it again.",
            "Set SEGMENT_SHARED_SECRET to the shared secret in Segment within four hours; "
            "during a rotation set the new and the old secret, separated by a comma.",
            proofs=(EVENTS.field("accepted"),),
        )
