"""The data of the console's home page: organisations, waiting queues, and everything that needs a person."""

from dataclasses import dataclass
from typing import Any

from segxero.oversight.blocked import BlockedCause, Filter
from segxero.oversight.blocked_rows import cause_row, short_blocked_row
from segxero.oversight.display import organisation_row, print_sums, queue_row, unbooked_row
from segxero.oversight.standing import Standing
from segxero.services import Services
from segxero.store import keys
from segxero.sync.queues import ALL_QUEUES
from segxero.sync.waiting.outbox import WRITE_BACK
from segxero.xero.objects.table import RECORD_QUEUES

SHOWN_RECORDS = 5  # of each cause; its own page has more


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The rows of the home page, as in the commands. *messages* are the lengths of Celery's queues."""

    organisations: list[dict[str, Any]]
    queues: list[dict[str, Any]]
    causes: list[dict[str, Any]]
    unbooked: list[dict[str, Any]]
    inbox: int
    messages: list[tuple[str, int]]
    by_consent: bool


def read_overview(services: Services) -> Overview:
    """Read the current state of all organisations from Redis."""
    queues = (*RECORD_QUEUES, WRITE_BACK)
    standings = [services.standings.read(name, queues) for name in services.mappings.organisations]
    return Overview(
        organisations=_organisations(services, standings),
        queues=[
            {"organisation": one.organisation, **queue_row(queue)}
            for one in standings
            for queue in one.queues
            if queue.waiting or queue.parked
        ],
        causes=[make_cause_view(services, cause, SHOWN_RECORDS) for cause in services.blockage.causes(Filter())],
        unbooked=[
            print_sums(unbooked_row(one, services.mappings))
            for name in (*services.mappings.organisations, "")
            for one in services.unbooked.sums(name)
        ],
        inbox=services.redis.hlen(keys.INBOX),
        messages=_messages(services),
        by_consent=services.settings.by_consent,
    )


def make_cause_view(services: Services, cause: BlockedCause, most: int) -> dict[str, Any]:
    """Return *cause* with its first records; nothing is masked, for the console is behind a password."""
    named = services.blockage.name_customers(cause.records[:most])
    rows = [{**short_blocked_row(one), "letter": one.letter.id if one.letter else "", "key": one.key} for one in named]
    return {**cause_row(cause, []), "said": cause.said, "records": rows, "letters": cause.letters[:most]}


def _organisations(services: Services, standings: list[Standing]) -> list[dict[str, Any]]:
    connections = services.connections.all() if services.settings.by_consent else {}
    return [
        {
            **organisation_row(one),
            "in_xero": connections[one.organisation].name if one.organisation in connections else "",
        }
        for one in standings
    ]


def _messages(services: Services) -> list[tuple[str, int]]:
    pipe = services.redis.pipeline(transaction=False)
    for queue in ALL_QUEUES:
        pipe.llen(queue)
    return list(zip(ALL_QUEUES, pipe.execute(), strict=True))
