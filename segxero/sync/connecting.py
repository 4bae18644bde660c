"""Connecting: a consent's offer becomes connections, and what was paused for lack of one goes on."""

from collections.abc import Mapping
from dataclasses import dataclass

from segxero.errors import AuthenticationError, ConfigError, RetryableError
from segxero.mapping.files.live import MappingSource
from segxero.sync.waiting.pauses import Pauses
from segxero.xero.access.connections import Connections, Tenant, explain_loss, match_tenants
from segxero.xero.access.consent import Consent, Offer
from segxero.xero.books.cache import BooksCache


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """What the pages and the command do with an offer."""

    live: MappingSource
    connections: Connections
    consent: Consent
    pauses: Pauses
    books: BooksCache

    def sure(self, offer: Offer) -> dict[str, Tenant]:
        """Return the organisations of organisations.yaml whose tenant is sure."""
        return match_tenants(self.live.current().organisations.values(), offer.tenants, self.connections.all())

    def open_questions(self, offer: Offer) -> tuple[list[str], list[Tenant]]:
        """Return the organisations that have no connection and no sure tenant, and the tenants that are left."""
        sure = self.sure(offer)
        connected = self.connections.all()
        taken = {tenant.id for tenant in sure.values()} | {connection.tenant for connection in connected.values()}
        organisations = self.live.current().organisations.values()
        unknown = [one.name for one in organisations if one.name not in sure and one.name not in connected]
        return unknown, [tenant for tenant in offer.tenants if tenant.id not in taken]

    def connect(self, offer: Offer, chosen: Mapping[str, Tenant]) -> list[str]:
        """Connect what is sure and what a person has *chosen*; return every organisation that goes on by it."""
        going_on = self.consent.connect(offer, {**self.sure(offer), **chosen})
        for organisation in going_on:
            self.pauses.end(organisation, f"user:{offer.user}")
        return going_on

    def lost(self, organisation: str) -> str:
        """Say what became of the connection of *organisation*, which Xero refuses; '' when that cannot be told."""
        connection = self.connections.of(organisation)
        if connection is None:
            return ""
        try:
            tenants = self.consent.tenants(organisation)
        except (AuthenticationError, RetryableError):
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
