"""Connecting: a consent's offer becomes connections, and organisations that waited for their connection go on.

The console's pages and `segxero connect` call it; the workers ask it why a connection was lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from segxero.errors import AuthenticationError, ConfigError, RetryableError
from segxero.mapping.files.live import MappingSource
from segxero.sync.waiting.gate import Gate
from segxero.telemetry.alerts import RECONNECT, Alerts
from segxero.xero.access.connections import Connections, Tenant, explain_loss, match_tenants
from segxero.xero.access.consent import Consent, Offer
from segxero.xero.books.cache import BooksCache


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """Connects and disconnects organisations."""

    live: MappingSource
    connections: Connections
    consent: Consent
    gate: Gate
    alerts: Alerts
    books: BooksCache

    def match_tenants(self, offer: Offer) -> dict[str, Tenant]:
        """Return the organisations of organisations.yaml whose tenant is sure, by name."""
        return match_tenants(self.live.current().organisations.values(), offer.tenants, self.connections.all())

    def find_open_questions(self, offer: Offer) -> tuple[list[str], list[Tenant]]:
        """Return the organisations that have no connection and no sure tenant, and the tenants that are left."""
        sure = self.match_tenants(offer)
        connected = self.connections.all()
        taken = {tenant.id for tenant in sure.values()} | {connection.tenant for connection in connected.values()}
        organisations = self.live.current().organisations.values()
        unknown = [one.name for one in organisations if one.name not in sure and one.name not in connected]
        return unknown, [tenant for tenant in offer.tenants if tenant.id not in taken]

    def connect(self, offer: Offer, chosen: Mapping[str, Tenant]) -> list[str]:
        """Connect the sure tenants and those that a person has *chosen*; return every organisation that goes on."""
        # Access is shared by all organisations of a user: connecting any of them lets the others go on as well.
        going_on = self.consent.connect(offer, {**self.match_tenants(offer), **chosen})
        for organisation in going_on:
            self.resume(organisation, f"user:{offer.user}")
        return going_on

    def resume(self, organisation: str, shared: str) -> None:
        """Let *organisation* go on at once: it, and the access that it *shared* with others, works again."""
        self.alerts.recover_all(RECONNECT, (organisation, shared))
        self.gate.resume(organisation)

    def explain_loss(self, organisation: str) -> str:
        """Say how *organisation* lost the connection that Xero refuses; '' when that cannot be told."""
        connection = self.connections.of(organisation)
        if connection is None:
            return ""
        try:
            tenants = self.consent.tenants(organisation)
        except (AuthenticationError, RetryableError):
            # A connection that is gone altogether cannot be asked; the refusal itself is then the best reason.
            return ""
        return explain_loss(connection, tenants, is_demo=self.books.known(organisation).is_demo)

    def disconnect(self, organisation: str) -> str:
        """End the connection of *organisation* at Xero and forget it; return its name there.

        Its records are kept. The tokens go with the last organisation that they opened. Raise ConfigError when it is
        not connected, AuthenticationError or RetryableError when Xero does not end it.
        """
        connection = self.connections.of(organisation)
        if connection is None:
            raise ConfigError(f"{organisation} is not connected")
        self.consent.end(organisation, connection)
        return connection.name
