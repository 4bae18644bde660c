"""The schedule: every few seconds it wakes what a lost Celery message should have woken."""

from celery import Task

from segxero.causes import cause_of
from segxero.errors import DeadLetterError
from workers.app import DELIVERED, app
from workers.base import SafeTask, services

LOST_SECONDS = 20.0  # an event that waits longer without a message in the queue has lost it


@app.task(base=SafeTask, bind=True, name="workers.schedule.wake")
def wake(self: SafeTask) -> dict[str, int]:
    """Wake lost events and queues with due records; return how many."""
    wired = services()
    wired.workspace.refresh()
    events = wired.inbox.wake_lost(wired.outbox.now(), LOST_SECONDS)
    places = [(organisation, queue) for organisation in wired.mappings.organisations for queue in DELIVERED]
    freed = sum(wired.outbox.free_parked(*place, wired.mappings.version) for place in places)
    woken = sum(wired.wakes.wake(*place) for place in places if wired.deliverer.is_due(*place))
    for letter in wired.dead_letters.unreported():
        dead_letter.apply_async((letter.id, letter.queue, letter.error, cause_of(letter.message)))
    return {"events": events, "queues": woken, "freed": freed}


@app.task(base=Task, throws=(DeadLetterError,), name="workers.schedule.dead_letter")
def dead_letter(identifier: str, queue: str, error: str, cause: str) -> None:
    """Fail, so that Flower shows the dead letter as a failed task with its reason. Nothing else hangs on it."""
    raise DeadLetterError(f"{error} in {queue}: {cause} (segxero dead-letters show {identifier})")
