"""A Xero user in front of the sandbox, and what segxero keeps of their consent, without HTTP on our side."""

from dataclasses import dataclass, field
from typing import Any

from segxero.demo import organisations
from segxero.sandbox import LocalSandbox
from segxero.services import Services
from segxero.settings import Settings
from segxero.store.client import Store
from tests.support.set_ups.fake_services import FakeMessages
from tests.support.set_ups.fixed_mappings import FixedMappings

CALLBACK = "http://localhost/xero/callback"
SECRET = "the client secret of the tests"
KEY = "a secret key of the tests"


def environment(url: str, **changes: str) -> dict[str, str]:
    """Return the settings of a set-up whose Xero is at *url*, by consent."""
    return {
        "XERO_CLIENT_ID": "client",
        "XERO_CLIENT_SECRET": SECRET,
        "XERO_GRANT": "authorization_code",
        "SEGXERO_SECRET_KEY": KEY,
        "XERO_API_URL": url,
        "XERO_IDENTITY_URL": url,
        "XERO_LOGIN_URL": url,
        **changes,
    }


@dataclass(slots=True)
class Operator:
    """Connects organisations of *sandbox*; *services* see what that leaves in *store*."""

    sandbox: LocalSandbox
    store: Store
    mappings: Any
    changes: dict[str, str] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        """New services, as another process has them."""
        settings = Settings.from_env(environment(self.sandbox.url, **self.changes))
        return Services(settings=settings, redis=self.store, live=FixedMappings(self.mappings), messages=FakeMessages())

    def connect(self, *names: str) -> list[str]:
        """Let the app into the organisations *names* of Xero; return those that go on by it."""
        connecting = self.services.connecting
        address, asked = connecting.consent.begin(CALLBACK)
        offer = connecting.consent.finish(asked, organisations.allow(address, names))
        return connecting.connect(offer, {})

    def calls(self, path: str) -> list[Any]:
        """Return the calls of *path* that reached the sandbox."""
        world = self.sandbox.world
        with world.lock:
            return [call for call in world.calls.list_since(0) if call.path == path]

    def refreshes(self) -> int:
        return sum(call.body["grant_type"] == "refresh_token" for call in self.calls("/connect/token"))
