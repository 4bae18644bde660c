"""An operator's browser as Flask's test client."""

from typing import Any

from flask.testing import FlaskClient

LOCAL = "http://localhost:8000"


def sign_in(client: FlaskClient, password: str, base: str = LOCAL, **options: Any) -> Any:
    """Send the form of the sign-in page, and return the answer."""
    return client.post("/sign-in", data={"password": password}, base_url=base, **options)


def form_token(page: Any) -> str:
    """Return the token of the forms on *page*; '' if there is none."""
    return str(page.text.partition('name="form_token" value="')[2].partition('"')[0])
