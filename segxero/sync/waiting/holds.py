"""Holds: parked records that one repair frees together, looked at again by themselves at the cost of a call.

A group is a policy, or a policy and a currency. An hour after Xero's refusal, and then after an eighth of the time for
which it lasts, up to a day, one call's worth of the group is sent once more; what the plan does not take waits a day
each time. When Xero takes a record of a group that one repair frees, all of the group go out. While a group is shut,
new records of its kind wait without a call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from segxero import jsontext
from segxero.mapping.policies import POLICIES
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.records.results import Disposition, Result
from segxero.sync.waiting.outbox import Outbox
from segxero.sync.waiting.wakes import Wakes
from segxero.xero.objects.table import QUEUES

HOUR, DAY = 3600.0, 86_400.0
SHARE = 8  # of the time for which it lasts, until the next look
SHUTS = ("plan_limit", "currency_off")  # policies of which it is known beforehand whom they concern
MOST = 40  # records in one look: as many as one call takes, or one look-up


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One group: the seconds *since* it is held and of its next look, and why new ones wait, if they do ('' = not)."""

    since: float
    look_at: float
    shut: str = ""


class Holds:
    """The holds of all organisations."""

    def __init__(self, client: Store, outbox: Outbox, wakes: Wakes) -> None:
        self._redis = client
        self._outbox = outbox
        self._wakes = wakes

    def shut(self, organisation: str) -> dict[str, str]:
        """Return which groups are shut, with the reason."""
        return {group: hold.shut for group, hold in self._all(organisation).items() if hold.shut}

    def keep(self, organisation: str, results: Sequence[Result]) -> None:
        """Note the groups of *results* before they are parked, so that a crash leaves none that nobody looks at."""
        held = {result.group: result.reason for result in results if result.group}
        known = self._all(organisation) if held else {}
        for group, reason in held.items():
            shut = reason if _policy(group) in SHUTS else ""
            if group not in known or known[group].shut != shut:
                self._look_later(organisation, group, known.get(group), shut)

    def release(self, organisation: str, results: Sequence[Result]) -> None:
        """Let all of a group go out when Xero has taken one of *results* that was in it, and refused none."""
        held = {result.group for result in results}
        taken = {result.record.held for result in results if result.disposition == Disposition.DELIVERED} - {""}
        for group in taken - held:
            if POLICIES[_policy(group)].shared:
                self._look_later(organisation, group, None)
                self._free(organisation, group)

    def look(self, organisation: str) -> int:
        """Let some of each group whose time has come be sent once more; return how many."""
        now = self._outbox.now()
        looked = 0
        for group, hold in self._all(organisation).items():
            if hold.look_at <= now:
                found = self._held(organisation, group)
                self._look_later(organisation, group, hold if found else None)
                looked += self._look_again(organisation, found) if found else 0
        return looked

    def _look_later(self, organisation: str, group: str, known: Hold | None, shut: str = "") -> None:
        """Set the next look at a *group*; one that is not *known*, or of which nothing is left, begins anew."""
        now = self._outbox.now()
        since = known.since if known else now
        hold = Hold(since=since, look_at=now + pause(group, now - since), shut=shut)
        self._redis.hset(keys.holds(organisation), group, jsontext.dumps(_written(hold)))

    def _look_again(self, organisation: str, found: Mapping[str, Sequence[str]]) -> int:
        """Make as many due as one call takes, of the queue whose records wait longest since their last look."""
        queue, refs = next(iter(found.items()))
        self._outbox.look_again(organisation, queue, refs[:MOST])
        self._wakes.wake(organisation, queue)
        return len(refs[:MOST])

    def _free(self, organisation: str, group: str) -> None:
        for queue, refs in self._held(organisation, group).items():
            for ref in refs:
                self._outbox.free(organisation, queue, ref)
            self._wakes.wake(organisation, queue)

    def _held(self, organisation: str, group: str) -> dict[str, list[str]]:
        """Return the parked records of *group* by queue, in the order of their last look."""
        found: dict[str, list[tuple[float, str]]] = {}
        for queue in QUEUES:
            refs = self._redis.zrange(keys.parked(organisation, queue), 0, -1)
            pipe = self._redis.pipeline(transaction=False)
            for ref in refs:
                pipe.hmget(keys.record(organisation, ref), "held", "settled_at")
            for ref, (held, settled_at) in zip(refs, pipe.execute(), strict=True):
                if held == group:
                    found.setdefault(queue, []).append((float(settled_at or 0), ref))
        in_order = sorted(found.items(), key=lambda one: min(one[1]))
        return {queue: [ref for _, ref in sorted(refs)] for queue, refs in in_order}

    def _all(self, organisation: str) -> dict[str, Hold]:
        found = self._redis.hgetall(keys.holds(organisation))
        return {group: _read(text) for group, text in found.items()}


def pause(group: str, lasted: float) -> float:
    """Return the seconds until the next look at a *group* that is held for *lasted* seconds."""
    if _policy(group) == "plan_limit":
        return DAY
    return min(max(HOUR, lasted / SHARE), DAY)


def _policy(group: str) -> str:
    return group.partition(" ")[0]


def _written(hold: Hold) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(hold).items()}


def _read(text: str) -> Hold:
    values = jsontext.loads(text)
    return Hold(since=float(values["since"]), look_at=float(values["look_at"]), shut=values["shut"])
