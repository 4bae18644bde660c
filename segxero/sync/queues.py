"""The Celery queues, each with a module of its name in workers/."""

from segxero.sync.folding.inbox import EVENTS_QUEUE as EVENTS
from segxero.sync.waiting.outbox import WRITE_BACK
from segxero.xero.objects.table import RECORD_QUEUES

SCHEDULE = "schedule"
DELIVERED = (*RECORD_QUEUES, WRITE_BACK)  # those whose tasks are woken for an organisation
ALL_QUEUES = (EVENTS, *DELIVERED, SCHEDULE)
__all__ = ["ALL_QUEUES", "DELIVERED", "EVENTS", "SCHEDULE"]
