"""A small caller of the sandbox's app, with a clock that only moves when it is told to."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from segxero.jsontext import dumps, loads
from segxero.sandbox import SandboxOptions, create_app

BASE = "/api.xro/2.0"
START = 1_795_500_000.0
SCOPES = "accounting.attachments accounting.contacts accounting.invoices accounting.payments accounting.settings"


@dataclass(slots=True)
class Clock:
    """A clock in Unix seconds."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Reply:
    """An answer, with its JSON read exactly."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> Any:
        return self.response.headers

    @property
    def text(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def json(self) -> Any:
        return loads(self.response.get_data())

    def only(self, collection: str) -> dict[str, Any]:
        """Return the one element of a successful answer."""
        assert self.status == 200, self.text
        elements = self.json[collection]
        assert len(elements) == 1, elements
        return dict(elements[0])

    def errors(self, collection: str = "Elements") -> list[str]:
        """Return the sentences of all refused elements."""
        return [error["Message"] for element in self.json[collection] for error in element.get("ValidationErrors", ())]


@dataclass(slots=True)
class Xero:
    """Calls a sandbox as one app with one token."""

    client: FlaskClient
    clock: Clock
    token: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "application/json"})

    def sign_in(self, scope: str = SCOPES) -> None:
        """Fetch a new token, as a caller must after half an hour."""
        form = {"grant_type": "client_credentials", "scope": scope}
        answer = self.client.post("/connect/token", data=form, auth=("client", "secret"))
        self.token = str(loads(answer.get_data())["access_token"])

    def call(self, method: str, path: str, body: Any = None, **headers: str | None) -> Reply:
        """Call the Accounting API; keyword `Idempotency_Key` is the header of that name, None leaves one out."""
        sent: dict[str, str | None] = {**self.headers, "Authorization": f"Bearer {self.token}"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, str | bytes | None) else dumps(body)
        present = {name: value for name, value in sent.items() if value is not None}
        return Reply(self.client.open(f"{BASE}/{path}", method=method, data=data, headers=present))

    def get(self, path: str, **headers: str | None) -> Reply:
        return self.call("GET", path, **headers)

    def upload(self, path: str, content: bytes, media_type: str = "text/plain") -> Reply:
        """Put a file at *path*, as `Contacts/{id}/Attachments/note.txt`."""
        return self.call("PUT", path, content, Content_Type=media_type)

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def put(self, path: str, body: Any, **headers: str | None) -> Reply:
        return self.call("PUT", path, body, **headers)

    def post(self, path: str, body: Any, **headers: str | None) -> Reply:
        return self.call("POST", path, body, **headers)

    def control(self, method: str, path: str, body: Any = None) -> Reply:
        return Reply(self.client.open(f"/sandbox/{path}", method=method, json=body))

    def fault(self, **fault: Any) -> None:
        reply = self.control("POST", "faults", fault)
        assert reply.status == 201, reply.text

    def contact(self, **fields: Any) -> dict[str, Any]:
        """Create a contact and return it."""
        return self.put("Contacts", {"Contacts": [{"Name": "Ann Able", **fields}]}).only("Contacts")

    def invoice(self, **fields: Any) -> dict[str, Any]:
        """Create an approved invoice of one line over 20.00 and return it."""
        return self.put("Invoices", {"Invoices": [sale(**fields)]}).only("Invoices")


def sale(**fields: Any) -> dict[str, Any]:
    """Return an approved sales invoice of one line over 20.00, with *fields* on top."""
    contact: dict[str, Any] = {"Name": "Ann Able"}
    return {
        "Type": "ACCREC",
        "Contact": contact,
        "Status": "AUTHORISED",
        "Date": "2026-11-20",
        "DueDate": "2026-12-20",
        "LineItems": [line()],
        **fields,
    }


def line(**fields: Any) -> dict[str, Any]:
    return {"Description": "Mug", "Quantity": 2, "UnitAmount": Decimal("10.00"), "AccountCode": "200", **fields}


def connected(scope: str = SCOPES, **options: Any) -> Xero:
    """Return a caller with a custom connection's token to a new sandbox; its minute limit is out of the way."""
    clock = Clock()
    app = create_app(SandboxOptions(**{"minute_limit": 10_000, "clock": clock, **options}))
    xero = Xero(app.test_client(), clock)
    xero.sign_in(scope)
    return xero


def credit(**fields: Any) -> dict[str, Any]:
    """Return an approved credit note of one line over 20.00, with *fields* on top."""
    return {
        "Type": "ACCRECCREDIT",
        "Contact": {"Name": "Ann Able"},
        "Status": "AUTHORISED",
        "Date": "2026-11-21",
        "LineItems": [line()],
        **fields,
    }
