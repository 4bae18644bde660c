"""The sights of everything but records: Redis, scopes, a backlog, and unbooked money."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from segxero.mapping.model import MappingSet
from segxero.oversight.sighting import Sighting, spell_sums
from segxero.settings import CONSOLE
from segxero.store import server
from segxero.store.client import Store
from segxero.sync.folding.decision import Why
from segxero.sync.folding.unbooked import REST, UnbookedEvents, UnbookedSum
from segxero.sync.folding.unbooked_advice import advise
from segxero.sync.waiting.outbox import Outbox
from segxero.telemetry.alerts import APPEND_ONLY, BACKLOG, SCOPES, UNBOOKED, Cause
from segxero.xero.objects.table import LAST

LATELY_SECONDS = 7 * 86_400  # a name that no event had for so long is no longer told
MOST_TOLD = 10  # names of an organisation with an alert each; whoever knows a public write key can invent more


class StoreSight:
    """Looks whether Redis keeps accepted events."""

    kinds = (APPEND_ONLY,)

    def __init__(self, client: Store) -> None:
        self._redis = client

    def look(self) -> Iterator[Sighting]:
        # A silent server may be append-only: nobody is called for it.
        if server.is_append_only(self._redis) is False:
            yield Sighting(
                cause=Cause(kind=APPEND_ONLY),
                message="Redis is not append-only: a restart of Redis loses accepted events.",
                next_step="Set `appendonly yes`.",
                count=1,
            )


class ScopesSight:
    """Looks at the scopes needed by the mappings and missing in the consents of some organisations."""

    kinds = (SCOPES,)

    def __init__(self, lacking: Callable[[], Mapping[str, list[str]]]) -> None:
        self._lacking = lacking

    def look(self) -> Iterator[Sighting]:
        """Yield the scopes needed after a change of the mappings, before Xero refuses the first call."""
        for scope, organisations in self._lacking().items():
            yield Sighting(
                cause=Cause(kind=SCOPES, object=scope),
                message=f"The mappings need the scope {scope}, which {', '.join(organisations)} did not grant.",
                next_step="Add it to the app in Xero's developer portal and connect again; or undo the change.",
                count=len(organisations),
            )


class BacklogSight:
    """Looks for records waiting longer than *limit_seconds*; the queues of notes may."""

    kinds = (BACKLOG,)

    def __init__(
        self, outbox: Outbox, organisations: Callable[[], Iterable[str]], queues: Iterable[str], limit_seconds: float
    ) -> None:
        self._outbox = outbox
        self._organisations = organisations
        self._queues = tuple(queue for queue in queues if queue not in LAST)
        self._limit_seconds = limit_seconds

    def look(self) -> Iterator[Sighting]:
        for organisation in self._organisations():
            for queue in self._queues:
                age = self._outbox.oldest_seconds(organisation, queue) or 0.0
                if age > self._limit_seconds:
                    yield Sighting(
                        cause=Cause(kind=BACKLOG, organisation=organisation, object=queue),
                        message=f"The oldest record in {queue} has waited for {age / 60:.0f} minutes.",
                        next_step="`segxero status` shows what it waits for.",
                        count=1,
                    )


class UnbookedSight:
    """Looks at the money of ignored events: an alert for each source and event name, not for each event."""

    kinds = (UNBOOKED,)

    def __init__(self, unbooked: UnbookedEvents, mappings: Callable[[], MappingSet], public_url: str = "") -> None:
        self._unbooked = unbooked
        self._mappings = mappings
        self._public_url = public_url

    def look(self) -> Iterator[Sighting]:
        mappings = self._mappings()
        for organisation in (*mappings.organisations, ""):
            self._unbooked.forget_old(organisation)
            told = [one for one in self._unbooked.sums_lately(organisation, LATELY_SECONDS) if _is_open(mappings, one)]
            told.sort(key=lambda one: (one.first, one.event, one.source))
            for one in told[:MOST_TOLD]:
                yield self._see(mappings, one)
            if rest := told[MOST_TOLD:]:
                yield self._see_rest(organisation, rest)

    def _see(self, mappings: MappingSet, one: UnbookedSum) -> Sighting:
        advice = advise(one, mappings.organisations.get(one.organisation))
        source = f" of the source {one.source}" if one.source else ""
        money = f" with {spelled}" if (spelled := spell_sums(one.sums)) else ""
        number = "1 event" if one.count == 1 else f"{one.count} events"
        verb = "is" if one.count == 1 else "are"
        name = REST if "@" in one.event else one.event
        return Sighting(
            cause=Cause(kind=UNBOOKED, organisation=one.organisation, object=name, sentence=f"{one.why}: {one.source}"),
            message=f'{number} "{name}"{source}{money} {verb} not booked, because {one.why}.',
            next_step=f"{advice.sentence} {self._where()}",
            # The sum grows with every event, and a person is told once.
            count=1,
        )

    def _see_rest(self, organisation: str, rest: list[UnbookedSum]) -> Sighting:
        return Sighting(
            cause=Cause(kind=UNBOOKED, organisation=organisation, object=REST),
            message=f"Events of {len(rest)} further names carry money and are not booked.",
            next_step=f"Look whether a stranger invents them; booking_sources keeps him out. {self._where()}",
            count=1,
        )

    def _where(self) -> str:
        return f"{self._public_url}{CONSOLE}" if self._public_url else "`segxero status` shows the sums."


def _is_open(mappings: MappingSet, one: UnbookedSum) -> bool:
    """Tell whether a person must know of *one*: no change yet books its next event."""
    organisation = mappings.organisations.get(one.organisation)
    if not advise(one, organisation).needs_a_person:
        return False
    sample = {
        "type": "track",
        "event": one.event,
        "projectId": one.source,
        "userId": "u",
        "properties": {"order_id": "1", "total": 1},
    }
    if one.why == Why.NO_ORGANISATION:
        return mappings.organisation_of(sample) is None
    if one.why == Why.SOURCE:
        return organisation is None or not organisation.may_book(one.source)
    return not mappings.wants(sample)
