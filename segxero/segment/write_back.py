"""The write-back: tells Segment the Xero record of a user, group or order, so that both sides find each other.

The worker of the write-back calls it, and it uses Segment's own library. The message id is made of the record and its
Xero id: Segment drops repetitions of an id, and our receiver ignores these ids, so no loop begins.
"""

import hashlib
from dataclasses import dataclass

import requests
from segment.analytics.client import Client  # type: ignore[import-untyped]
from segment.analytics.request import APIError  # type: ignore[import-untyped]

from segxero.errors import PermanentError, RetryableError
from segxero.segment.event import OWN_MESSAGE

# A track call tells of a document: its event, and the properties for Segment's key and Xero's id.
DOCUMENTS = {
    "Invoice": ("Xero Invoice Linked", "order_id", "xero_invoice_id"),
    "CreditNote": ("Xero Credit Note Linked", "credit_note_number", "xero_credit_note_id"),
}
TIMEOUT = 10  # seconds
RETRIED = (408, 429)
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenBack:
    """A record in Xero: its key in Segment and its id in Xero."""

    object: str
    key: str
    xero_id: str
    told_as: str = "userId"  # the kind of id in Segment: userId, anonymousId or groupId
    sender: str = ""  # for an order or a refund: the id of its customer

    @property
    def message_id(self) -> str:
        return OWN_MESSAGE + hashlib.sha256(f"{self.object}|{self.key}|{self.xero_id}".encode()).hexdigest()[:40]


class WriteBack:
    """Tells Segment about records; *write_key* belongs to the source, *api_url* to the region's tracking API."""

    def __init__(self, write_key: str, api_url: str) -> None:
        self._client = Client(write_key, host=api_url, sync_mode=True, timeout=TIMEOUT)

    def tell(self, link: WrittenBack) -> None:
        """Send *link*. Raise RetryableError or PermanentError."""
        try:
            self._document(link) if link.object in DOCUMENTS else self._contact(link)
        except APIError as error:
            status = int(error.status or 0)
            if status in RETRIED or status >= SERVER_ERROR:
                raise RetryableError(f"Segment answered {status}") from None
            raise PermanentError(f"Segment refuses the Xero ids ({status}); check SEGMENT_WRITE_KEY") from None
        except requests.RequestException as error:
            raise RetryableError(f"Segment cannot be reached ({type(error).__name__})") from None

    def _contact(self, link: WrittenBack) -> None:
        traits = {"xero_contact_id": link.xero_id}
        if link.told_as == "groupId":
            # Segment wants a person in every call; an anonymous person makes no new user.
            self._client.group(None, link.key, traits, anonymous_id=link.key, message_id=link.message_id)
        else:
            self._client.identify(traits=traits, message_id=link.message_id, **_sender(link.told_as, link.key))

    def _document(self, link: WrittenBack) -> None:
        event, key_name, id_name = DOCUMENTS[link.object]
        properties = {key_name: link.key, id_name: link.xero_id}
        sender = _sender(link.told_as, link.sender)
        self._client.track(event=event, properties=properties, message_id=link.message_id, **sender)


def _sender(told_as: str, key: str) -> dict[str, str]:
    return {"user_id": key} if told_as == "userId" else {"anonymous_id": key}
