"""Retry groups: parked records freed together by the same repair in Xero, tried again from time to time.

A group is a policy, or a policy and a currency. The first try comes an hour after Xero's refusal, and each next try
after an eighth of the time since then, at most after a day; a group beyond Xero's plan is tried once a day. A try sends
as many records as a call takes. When Xero takes a record of a shared group, the whole group goes out.
While a group is shut, new records of its kind wait without a call.

Turns note and free groups when they settle their results; the schedule retries them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from segxero import jsontext
from segxero.mapping.policies import POLICIES
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.hash_fields import RETRY_GROUP, SETTLED_AT
from segxero.sync.records.results import Result
from segxero.sync.waiting.outbox import Outbox
from segxero.sync.waiting.wakes import Wakes
from segxero.xero.objects.table import QUEUES

HOUR, DAY = 3600.0, 86_400.0
SHARE = 8  # the next try comes after this part of the time since the refusal
SHUTS = ("plan_limit", "currency_off")  # their records are known before a call, so new records need not try
MOST = 40  # records in one try: as many as one call takes, or one look-up


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryGroup:
    """A group: the second *since* which it is refused and of its next try, and why new records wait ('': they do not).

    The names of the fields are stored.
    """

    since: float
    look_at: float
    shut: str = ""


class RetryGroups:
    """The retry groups of all organisations."""

    def __init__(self, client: Store, outbox: Outbox, wakes: Wakes) -> None:
        self._redis = client
        self._outbox = outbox
        self._wakes = wakes

    def find_shut(self, organisation: str) -> dict[str, str]:
        """Return which groups are shut, with the reason."""
        return {name: group.shut for name, group in self._load(organisation).items() if group.shut}

    def note(self, organisation: str, results: Sequence[Result]) -> None:
        """Note the groups of *results* before their records are parked: after a crash none is left without a try."""
        refused = {result.retry_group: result.reason for result in results if result.retry_group}
        known = self._load(organisation) if refused else {}
        for name, reason in refused.items():
            shut = reason if _policy(name) in SHUTS else ""
            # A known group keeps its next try: each further refusal would otherwise put it off.
            if name not in known or known[name].shut != shut:
                self._schedule(organisation, name, known.get(name), shut)

    def free(self, organisation: str, results: Sequence[Result]) -> None:
        """Let all records of a group go out when Xero took some of them in *results*, and refused none."""
        refused = {result.retry_group for result in results}
        taken = {result.record.retry_group for result in results if result.disposition == Disposition.DELIVERED} - {""}
        for name in taken - refused:
            # If each record needs a repair of its own, this success says nothing about the others.
            if POLICIES[_policy(name)].shared:
                self._schedule(organisation, name, None)
                self._free_parked(organisation, name)

    def retry(self, organisation: str) -> int:
        """Let some records of each group whose time has come be sent once more; return how many."""
        now = self._outbox.now()
        retried = 0
        for name, group in self._load(organisation).items():
            if group.look_at <= now:
                found = self._find_parked(organisation, name)
                # An empty group begins anew, and is no longer shut: the next refusal is a new fact.
                self._schedule(organisation, name, group if found else None)
                retried += self._retry_some(organisation, found) if found else 0
        return retried

    def _schedule(self, organisation: str, name: str, known: RetryGroup | None, shut: str = "") -> None:
        """Set the next try of the group *name*; it begins anew when it is not *known*."""
        now = self._outbox.now()
        since = known.since if known else now
        group = RetryGroup(since=since, look_at=now + next_try_seconds(name, now - since), shut=shut)
        self._redis.hset(keys.retry_groups(organisation), name, jsontext.dumps(_as_stored(group)))

    def _retry_some(self, organisation: str, found: Mapping[str, Sequence[str]]) -> int:
        """Make as many due as a call takes, from the queue with the longest wait since its last try."""
        # A single queue for each try: a second call would cost more and tell nothing new about the same cause.
        queue, refs = next(iter(found.items()))
        self._outbox.look_again(organisation, queue, refs[:MOST])
        self._wakes.wake(organisation, queue)
        return len(refs[:MOST])

    def _free_parked(self, organisation: str, name: str) -> None:
        for queue, refs in self._find_parked(organisation, name).items():
            for ref in refs:
                self._outbox.free(organisation, queue, ref)
            self._wakes.wake(organisation, queue)

    def _find_parked(self, organisation: str, name: str) -> dict[str, list[str]]:
        """Return the parked records of the group by queue, in the order of their last try."""
        found: dict[str, list[tuple[float, str]]] = {}
        for queue in QUEUES:
            refs = self._redis.zrange(keys.parked(organisation, queue), 0, -1)
            pipe = self._redis.pipeline(transaction=False)
            for ref in refs:
                pipe.hmget(keys.record(organisation, ref), RETRY_GROUP, SETTLED_AT)
            for ref, (group, settled_at) in zip(refs, pipe.execute(), strict=True):
                if group == name:
                    found.setdefault(queue, []).append((float(settled_at or 0), ref))
        in_order = sorted(found.items(), key=lambda waiting: min(waiting[1]))
        return {queue: [ref for _, ref in sorted(refs)] for queue, refs in in_order}

    def _load(self, organisation: str) -> dict[str, RetryGroup]:
        found = self._redis.hgetall(keys.retry_groups(organisation))
        return {name: _from_stored(text) for name, text in found.items()}


def next_try_seconds(name: str, lasted: float) -> float:
    """Return the seconds until the next try of the group *name*, which Xero has refused for *lasted* seconds."""
    # Only a new month or a bigger plan ends it: more tries in a day would only use up calls.
    if _policy(name) == "plan_limit":
        return DAY
    return min(max(HOUR, lasted / SHARE), DAY)


def _policy(name: str) -> str:
    return name.partition(" ")[0]


def _as_stored(group: RetryGroup) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(group).items()}


def _from_stored(text: str) -> RetryGroup:
    values = jsontext.loads(text)
    return RetryGroup(since=float(values["since"]), look_at=float(values["look_at"]), shut=values["shut"])
