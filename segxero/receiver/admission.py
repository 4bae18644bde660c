"""Decides whether a webhook call comes from Segment: the bearer token first, then the signature."""

import hmac

from werkzeug.datastructures import Headers
from werkzeug.exceptions import ServiceUnavailable, Unauthorized

from segxero.segment import signature
from segxero.settings import Settings
from segxero.telemetry.alerts import SIGNATURE, Alerts, Cause
from segxero.telemetry.figures import EVENTS


class Admission:
    """Lets webhook calls in by SEGMENT_BEARER_TOKEN and SEGMENT_SHARED_SECRET; what is not set is not asked for.

    A configured token is asked of every call, so a batch whose signature covers only its first event never comes
    in without it: that is what SEGMENT_BATCH_NEEDS_BEARER makes sure of at start.
    """

    def __init__(self, settings: Settings, alerts: Alerts) -> None:
        self._token = settings.segment_bearer_token.encode()
        self._secrets = settings.segment_shared_secret
        self._alerts = alerts

    def admit(self, headers: Headers, raw: bytes) -> None:
        """Return when the call with the body *raw* is Segment's.

        Raise Unauthorized when it carries no proof. Raise ServiceUnavailable when its signature matches no secret:
        a rotation may be under way, and Segment repeats after 503 for four hours but drops the events after 401.
        Raise InvalidEventError when the body has to be read for that and is not JSON.
        """
        self._check_token(headers.get("Authorization", ""))
        if not self._secrets:
            return
        given = headers.get(signature.HEADER, "")
        if not given:
            raise Unauthorized(f"The {signature.HEADER} header is missing: set the shared secret in Segment too.")
        if signature.verify(given, raw, self._secrets) is None:
            self._alert()
            raise ServiceUnavailable("The signature matches no shared secret that is configured here.")

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
            "A webhook call was signed with a secret that is not configured here; Segment was asked to send it again.",
            "Compare the shared secret in Segment with SEGMENT_SHARED_SECRET within four hours; "
            "while rotating, set the old and the new one, separated by a comma.",
            proofs=(EVENTS.field("accepted"),),
        )
