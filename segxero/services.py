"""The wiring: settings become open clients, once a process and each once; nothing runs at import.

The receiver, the console, the workers, the commands and the check take their parts from here.
"""

from dataclasses import dataclass
from functools import cached_property

from segxero.dead_letters import DeadLetters
from segxero.errors import ConfigError, Fault
from segxero.mapping.files.live import LiveMappings, MappingSource
from segxero.mapping.model import MappingSet
from segxero.oversight.blocked import Blockage
from segxero.oversight.blocked_sights import LettersSight, ParkedSight
from segxero.oversight.gauges import Gauges
from segxero.oversight.replay import Replay
from segxero.oversight.sighting import Sight
from segxero.oversight.sights import BacklogSight, ScopesSight, StoreSight, UnbookedSight
from segxero.oversight.standing import Standings
from segxero.oversight.watch import Watch
from segxero.segment.public_api import PublicApi
from segxero.segment.write_back import WriteBack
from segxero.settings import Settings
from segxero.store.client import Store, connect
from segxero.sync.connecting import Connecting
from segxero.sync.delivery.deliver import Deliverer, make_deliverer
from segxero.sync.delivery.expiry import Expiry
from segxero.sync.delivery.planning import Planner
from segxero.sync.folding.fold import Fold
from segxero.sync.folding.inbox import Inbox
from segxero.sync.folding.unbooked import UnbookedEvents
from segxero.sync.folding.workspace import Workspace
from segxero.sync.orders.turn import OrderTurns
from segxero.sync.orders.writing import Writer
from segxero.sync.recovery.links import Links
from segxero.sync.recovery.rebuild import Rebuild
from segxero.sync.waiting.breaker import Breaker
from segxero.sync.waiting.gate import Gate
from segxero.sync.waiting.outbox import WRITE_BACK, Outbox
from segxero.sync.waiting.retry_groups import RetryGroups
from segxero.sync.waiting.wakes import Messages, NoMessages, Wakes
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
from segxero.xero.objects.table import FIELDS, RECORD_QUEUES, SCOPES, add_carriers

# Segment gives an answer a few seconds; the receiver gives Redis less, and Segment a 503 after it.
RECEIVER_SECONDS = (0.5, 1.4)
RECEIVER_PATIENCE = 1.4  # with the last call's time-out still below 3 s
WORKER_SECONDS = (5.0, 10.0)
CHECK_SECONDS = 4.0  # somebody waits for it


@dataclass(frozen=True)
class Services:
    """The parts of a process, each made when it is first asked for."""

    settings: Settings
    redis: Store
    live: MappingSource
    messages: Messages

    @property
    def mappings(self) -> MappingSet:
        """The mappings as they are now; they may change between two calls, so each piece of work asks once."""
        return self.live.current()

    @classmethod
    def for_receiver(cls, settings: Settings, messages: Messages) -> "Services":
        """Wire a process that only accepts events: short time-outs, no credential of Xero. Raise ConfigError."""
        return cls._wire(settings, messages, RECEIVER_SECONDS)

    @classmethod
    def for_workers(cls, settings: Settings, messages: Messages) -> "Services":
        """Wire a process that calls Xero. Raise ConfigError with every fault of the set-up."""
        faults: list[Fault] = []
        wired = None
        try:
            settings.require_xero()
        except ConfigError as error:
            faults += error.faults
        try:
            wired = cls._wire(settings, messages, WORKER_SECONDS)
            faults += [] if settings.by_consent else check_custom_connection(wired.mappings.organisations)
        except ConfigError as error:
            faults += error.faults
        if faults or wired is None:
            raise ConfigError("The set-up has faults:", faults)
        return wired

    @classmethod
    def for_check(cls, settings: Settings, live: MappingSource) -> "Services":
        """Wire a check; it wakes nobody, so it has no messages."""
        store = connect(settings.redis_url, connect_seconds=CHECK_SECONDS, answer_seconds=CHECK_SECONDS)
        return cls(settings=settings, redis=store, live=live, messages=NoMessages())

    @classmethod
    def _wire(cls, settings: Settings, messages: Messages, seconds: tuple[float, float]) -> "Services":
        live = LiveMappings(settings.segxero_mappings, FIELDS)
        store = connect(settings.redis_url, connect_seconds=seconds[0], answer_seconds=seconds[1])
        return cls(settings=settings, redis=store, live=live, messages=messages)

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
        limit, url = self.settings.alert_backlog_minutes * 60, self.settings.public_url
        sights: tuple[Sight, ...] = (
            LettersSight(self.redis, self.dead_letters, self.live.current, url),
            StoreSight(self.redis),
            ScopesSight(self._lacking_scopes),
            BacklogSight(self.outbox, lambda: self.mappings.organisations, RECORD_QUEUES, limit),
            ParkedSight(self.redis, self.live.current, url),
            UnbookedSight(self.unbooked, self.live.current, url),
        )
        return Watch(self.redis, self.alerts, sights)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        return DeadLetters(self.redis)

    @property
    def blockage(self) -> Blockage:
        return Blockage(self.redis, self.dead_letters, self.mappings.organisations)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.redis, self.messages.event, RECEIVER_PATIENCE)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.redis)

    @cached_property
    def wakes(self) -> Wakes:
        return Wakes(self.redis, self.messages.deliver)

    @cached_property
    def fold(self) -> Fold:
        return Fold(self.redis, self.wakes)

    @cached_property
    def unbooked(self) -> UnbookedEvents:
        return UnbookedEvents(self.redis)

    @cached_property
    def budget(self) -> Budget:
        return Budget(self.redis, self.settings.xero_day_limit)

    @cached_property
    def breaker(self) -> Breaker:
        return Breaker(self.redis)

    @cached_property
    def gate(self) -> Gate:
        return Gate(self.redis, self.breaker, self.wakes)

    @cached_property
    def standings(self) -> Standings:
        return Standings(self.outbox, self.budget, self.gate)

    @cached_property
    def retry_groups(self) -> RetryGroups:
        return RetryGroups(self.redis, self.outbox, self.wakes)

    @cached_property
    def planner(self) -> Planner:
        return Planner(self.redis)

    @cached_property
    def expiry(self) -> Expiry:
        return Expiry(self.redis, self.outbox, self.planner)

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
    def token_endpoint(self) -> TokenEndpoint:
        return TokenEndpoint(self.settings)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(
            self.token_sets,
            self.token_endpoint,
            self.connections,
            lambda: self.scopes,
            by_consent=self.settings.by_consent,
            where_to_connect=self.settings.where_to_connect,
        )

    @cached_property
    def connecting(self) -> Connecting:
        """Connects organisations. Raise ConfigError when the app's credentials are not set."""
        self.settings.require_xero()
        consent = Consent(self.settings, self.token_endpoint, self.tokens, self.connections, lambda: self.scopes)
        return Connecting(
            live=self.live,
            connections=self.connections,
            consent=consent,
            gate=self.gate,
            alerts=self.alerts,
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
        client = WriteBack(self.settings.segment_write_key, self.settings.segment_api_url)
        return WriteBacks(store=self.redis, outbox=self.outbox, write_back=client)

    @cached_property
    def xero(self) -> XeroClient:
        return XeroClient(self.settings.xero_api_url, self.tokens, self.budget, self.counts)

    def rebuild(self, *, dry: bool) -> Rebuild:
        """Make a run that rebuilds the links from Xero."""
        objects = add_carriers((mapping.object for mapping in self.mappings.enabled), self.scopes)
        return Rebuild(store=self.redis, xero=self.xero, links=self.links, objects=objects, dry=dry)

    @cached_property
    def links(self) -> Links:
        return Links(self.redis)

    @cached_property
    def books(self) -> BooksCache:
        return BooksCache(self.redis, self.xero)

    @property
    def writes_back(self) -> bool:
        """Whether Segment is told the Xero ids."""
        return bool(self.settings.segment_write_key)

    @cached_property
    def order_turns(self) -> OrderTurns:
        return OrderTurns(
            store=self.redis, live=self.live, outbox=self.outbox, writer=Writer(self.redis), wakes=self.wakes
        )

    @cached_property
    def deliverer(self) -> Deliverer:
        return make_deliverer(self)

    @cached_property
    def gauges(self) -> Gauges:
        return Gauges(
            self.redis,
            self.standings,
            lambda: self.mappings.organisations,
            (*RECORD_QUEUES, WRITE_BACK),
            unbooked=self.unbooked,
        )
