"""The wiring: settings become open clients, once a process. Nothing here runs at import."""

from dataclasses import dataclass
from functools import cached_property

from segxero.dead_letters import DeadLetters
from segxero.errors import ConfigError, Fault
from segxero.mapping.files.live import LiveMappings, MappingSource
from segxero.mapping.model import MappingSet
from segxero.oversight.blocked import Blockage
from segxero.oversight.gauges import Gauge, gauges
from segxero.oversight.replay import Replay
from segxero.oversight.standing import Standings
from segxero.oversight.watch import Watch
from segxero.segment.public_api import PublicApi
from segxero.segment.write_back import WriteBack
from segxero.settings import Settings
from segxero.store.client import Store, connect
from segxero.sync.connecting import Connecting
from segxero.sync.contacts.adoption import Adoption
from segxero.sync.contacts.index import ContactIndex
from segxero.sync.contacts.naming import Naming
from segxero.sync.delivery.deliver import Deliverer
from segxero.sync.delivery.expiry import Expiry
from segxero.sync.delivery.planning import Planner
from segxero.sync.folding.fold import Fold
from segxero.sync.folding.inbox import Inbox
from segxero.sync.folding.workspace import Workspace
from segxero.sync.orders.turn import OrderTurns
from segxero.sync.orders.writing import Writer
from segxero.sync.recovery.links import Links
from segxero.sync.recovery.rebuild import Rebuild
from segxero.sync.waiting.breaker import Breaker
from segxero.sync.waiting.envelopes import Envelopes, NoEnvelopes
from segxero.sync.waiting.holds import Holds
from segxero.sync.waiting.outbox import WRITE_BACK, Outbox
from segxero.sync.waiting.pauses import Pauses
from segxero.sync.waiting.wakes import Wakes
from segxero.sync.write_back import WriteBacks
from segxero.telemetry.alerts import Alerts
from segxero.telemetry.figures import Counts
from segxero.telemetry.hook import Hook
from segxero.xero.access.connections import Connections, check_custom_connection
from segxero.xero.access.consent import Consent
from segxero.xero.access.encryption import Cipher
from segxero.xero.access.scopes import list_scopes
from segxero.xero.access.token_endpoint import TokenEndpoint
from segxero.xero.access.token_sets import TokenSets
from segxero.xero.access.tokens import Tokens
from segxero.xero.api.budget import Budget
from segxero.xero.api.client import XeroClient
from segxero.xero.books.cache import BooksCache
from segxero.xero.books.users import Users
from segxero.xero.objects.table import FIELDS, RECORD_QUEUES, SCOPES

# Segment gives an answer a few seconds; the receiver gives Redis less, and Segment a 503 after it.
RECEIVER_SECONDS = (0.5, 1.4)
RECEIVER_PATIENCE = 1.4  # with the last call's time-out still below 3 s
WORKER_SECONDS = (5.0, 10.0)
CHECK_SECONDS = 4.0  # somebody waits for it


@dataclass(frozen=True)
class Services:
    """The parts of a process: what the receiver, the workers and the commands work with."""

    settings: Settings
    redis: Store
    live: MappingSource
    envelopes: Envelopes

    @property
    def mappings(self) -> MappingSet:
        """The mappings as they are now; ask once for each thing that is done with them."""
        return self.live.current()

    @classmethod
    def for_receiver(cls, settings: Settings, envelopes: Envelopes) -> "Services":
        """Wire a process that only accepts events: short time-outs, no credential of Xero. Raise ConfigError."""
        return cls._wire(settings, envelopes, RECEIVER_SECONDS)

    @classmethod
    def for_workers(cls, settings: Settings, envelopes: Envelopes) -> "Services":
        """Wire a process that calls Xero. Raise ConfigError with every fault of the set-up."""
        faults: list[Fault] = []
        wired = None
        try:
            settings.require_xero()
        except ConfigError as error:
            faults += error.faults
        try:
            wired = cls._wire(settings, envelopes, WORKER_SECONDS)
            faults += [] if settings.by_consent else check_custom_connection(wired.mappings.organisations)
        except ConfigError as error:
            faults += error.faults
        if faults or wired is None:
            raise ConfigError("The set-up has faults:", faults)
        return wired

    @classmethod
    def for_check(cls, settings: Settings, live: MappingSource) -> "Services":
        """Wire what a check looks with; it wakes nobody, so it has no messages."""
        store = connect(settings.redis_url, connect_seconds=CHECK_SECONDS, answer_seconds=CHECK_SECONDS)
        return cls(settings=settings, redis=store, live=live, envelopes=NoEnvelopes())

    @classmethod
    def _wire(cls, settings: Settings, envelopes: Envelopes, seconds: tuple[float, float]) -> "Services":
        live = LiveMappings(settings.segxero_mappings, FIELDS)
        store = connect(settings.redis_url, connect_seconds=seconds[0], answer_seconds=seconds[1])
        return cls(settings=settings, redis=store, live=live, envelopes=envelopes)

    @cached_property
    def counts(self) -> Counts:
        return Counts(self.redis)

    @cached_property
    def hook(self) -> Hook | None:
        url = self.settings.alert_webhook_url
        return Hook(url) if url else None

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(self.redis, self.hook)

    @cached_property
    def watch(self) -> Watch:
        return Watch(
            self.redis,
            self.alerts,
            self.outbox,
            self.dead_letters,
            organisations=lambda: self.mappings.organisations,
            queues=RECORD_QUEUES,
            backlog_seconds=self.settings.alert_backlog_minutes * 60,
            lacking=self._lacking_scopes,
        )

    @cached_property
    def dead_letters(self) -> DeadLetters:
        return DeadLetters(self.redis)

    @property
    def blockage(self) -> Blockage:
        return Blockage(self.redis, self.dead_letters, self.mappings.organisations)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.redis, self.envelopes.event, RECEIVER_PATIENCE)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.redis)

    @cached_property
    def wakes(self) -> Wakes:
        return Wakes(self.redis, self.envelopes.deliver)

    @cached_property
    def fold(self) -> Fold:
        return Fold(self.redis, self.wakes)

    @cached_property
    def budget(self) -> Budget:
        return Budget(self.redis, self.settings.xero_day_limit)

    @cached_property
    def breaker(self) -> Breaker:
        return Breaker(self.redis)

    @cached_property
    def pauses(self) -> Pauses:
        return Pauses(self.redis, self.wakes, self.alerts)

    @cached_property
    def standings(self) -> Standings:
        return Standings(self.outbox, self.budget, self.breaker, self.pauses)

    @cached_property
    def holds(self) -> Holds:
        return Holds(self.redis, self.outbox, self.wakes)

    @cached_property
    def expiry(self) -> Expiry:
        return Expiry(self.redis, self.outbox, Planner(self.redis))

    @property
    def scopes(self) -> tuple[str, ...]:
        """The least scopes that the mappings and policies need now."""
        return list_scopes(self.mappings, SCOPES)

    def _lacking_scopes(self) -> dict[str, list[str]]:
        consents = self.settings.by_consent
        return self.connections.lacking(self.scopes, self.mappings.organisations) if consents else {}

    @cached_property
    def connections(self) -> Connections:
        return Connections(self.redis)

    @cached_property
    def cipher(self) -> Cipher:
        return Cipher(self.settings.segxero_secret_key)

    @cached_property
    def token_sets(self) -> TokenSets:
        return TokenSets(self.redis, self.settings.xero_client_id, self.cipher)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(
            self.token_sets,
            TokenEndpoint(self.settings),
            self.connections,
            lambda: self.scopes,
            by_consent=self.settings.by_consent,
            where_to_connect=self.settings.where_to_connect,
        )

    @cached_property
    def connecting(self) -> Connecting:
        """What connects organisations. Raise ConfigError when the app's credentials are not set."""
        self.settings.require_xero()
        endpoint = TokenEndpoint(self.settings)
        consent = Consent(self.settings, endpoint, self.tokens, self.connections, lambda: self.scopes)
        return Connecting(
            live=self.live,
            connections=self.connections,
            consent=consent,
            pauses=self.pauses,
            books=self.books,
        )

    @cached_property
    def replay(self) -> Replay:
        return Replay(self.redis, self.inbox, self.outbox, self.dead_letters, self.live)

    @cached_property
    def workspace(self) -> Workspace:
        token, url = self.settings.segment_api_token, self.settings.segment_public_api_url
        return Workspace(self.redis, PublicApi(token, url) if token else None)

    @cached_property
    def write_backs(self) -> WriteBacks:
        write_back = WriteBack(self.settings.segment_write_key, self.settings.segment_api_url)
        return WriteBacks(store=self.redis, outbox=self.outbox, write_back=write_back)

    @cached_property
    def xero(self) -> XeroClient:
        return XeroClient(self.settings.xero_api_url, self.tokens, self.budget, self.counts)

    def rebuild(self, *, dry: bool) -> Rebuild:
        """Return what rebuilds links from Xero."""
        objects = frozenset(mapping.object for mapping in self.mappings.enabled)
        return Rebuild(store=self.redis, xero=self.xero, links=Links(self.redis), objects=objects, dry=dry)

    @cached_property
    def books(self) -> BooksCache:
        return BooksCache(self.redis, self.xero)

    @cached_property
    def order_turns(self) -> OrderTurns:
        return OrderTurns(
            store=self.redis, live=self.live, outbox=self.outbox, writer=Writer(self.redis), wakes=self.wakes
        )

    @cached_property
    def deliverer(self) -> Deliverer:
        xero = self.xero
        index = ContactIndex(self.redis, xero)
        return Deliverer(
            store=self.redis,
            live=self.live,
            inbox=self.inbox,
            outbox=self.outbox,
            planner=Planner(self.redis),
            index=index,
            adoption=Adoption(index),
            naming=Naming(self.redis, index),
            users=Users(self.redis, xero, self.cipher),
            links=Links(self.redis),
            books=self.books,
            holds=self.holds,
            wakes=self.wakes,
            xero=xero,
            budget=self.budget,
            breaker=self.breaker,
            day_limit=self.settings.xero_day_limit,
            writes_back=bool(self.settings.segment_write_key),
        )

    def gauges(self) -> list[Gauge]:
        """Return what waits where now."""
        queues = (*RECORD_QUEUES, WRITE_BACK)
        standings = [self.standings.of(organisation, queues) for organisation in self.mappings.organisations]
        return list(gauges(self.redis, self.outbox.now(), standings))
