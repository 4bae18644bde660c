"""The schedule wakes lost events and queues, buries records that wait in vain, and calls a person if need be."""

from datetime import UTC, datetime

from celery import Task

from segxero.check.books import alerts as book_alerts
from segxero.errors import AuthenticationError, DeadLetterError, RetryableError
from segxero.oversight.blocked_sights import find_letter_cause
from segxero.oversight.personal_words import list_letter_words
from segxero.store import formats, keys
from segxero.sync.queues import DELIVERED
from segxero.xero.objects.table import RECORD_QUEUES
from workers.app import app
from workers.base import SafeTask, services
from workers.delivering import report_refusal

LOST_SECONDS = 20.0  # an event that waits longer without a message in the queue has lost it


@app.task(base=SafeTask, bind=True, name="workers.schedule.wake")
def wake(self: SafeTask) -> dict[str, int]:
    """Wake lost events and queues with due records, then look whether a person must act; return how many."""
    wired = services()
    formats.keep(wired.redis)
    wired.redis.set(keys.SCHEDULE_WOKE, int(wired.outbox.now()))
    wired.workspace.refresh()
    events = wired.inbox.wake_lost(wired.outbox.now(), LOST_SECONDS)
    # Parked records are freed first, so that their queues count as due below.
    places = [(organisation, queue) for organisation in wired.mappings.organisations for queue in DELIVERED]
    freed = sum(wired.outbox.free_parked(*place, wired.mappings.version) for place in places)
    freed += sum(wired.retry_groups.retry(organisation) for organisation in wired.mappings.organisations)
    woken = sum(wired.wakes.wake(*place) for place in places if wired.deliverer.is_due(*place))
    events += wired.replay.replay_shared_keys()
    for letter in wired.dead_letters.unreported():
        cause = find_letter_cause(letter, list_letter_words(wired.redis, letter), wired.mappings)
        dead_letter.apply_async((letter.id, letter.queue, letter.error, cause.sentence))
    return {"events": events, "queues": woken, "freed": freed, **wired.watch.look()}


@app.task(base=SafeTask, bind=True, name="workers.schedule.expire")
def expire(self: SafeTask) -> dict[str, int]:
    """Bury the records whose missing part did not come; return how many."""
    wired = services()
    places = [(organisation, queue) for organisation in wired.mappings.organisations for queue in RECORD_QUEUES]
    return {"dead": sum(wired.expiry.bury_missed(*place) for place in places)}


@app.task(base=SafeTask, bind=True, name="workers.schedule.stay_connected")
def stay_connected(self: SafeTask) -> dict[str, int]:
    """Refresh the tokens of organisations that had nothing to send for long; return how many organisations had."""
    wired = services()
    idle = [organisation for organisation in wired.mappings.organisations if wired.tokens.is_idle(organisation)]
    for organisation in idle:
        try:
            wired.tokens.access(organisation)
        except AuthenticationError as error:
            wired.gate.note_refusal(organisation, error)
            report_refusal(organisation, error)
        except RetryableError:
            # The next look is in an hour, long before the token runs out.
            continue
    return {"idle": len(idle)}


@app.task(base=SafeTask, bind=True, name="workers.schedule.compare_books")
def compare_books(self: SafeTask) -> dict[str, int]:
    """Compare the organisations' books with the mappings; return how many causes came and went."""
    return book_alerts.alert_on_differences(services(), datetime.now(UTC).date())


@app.task(base=Task, throws=(DeadLetterError,), name="workers.schedule.dead_letter")
def dead_letter(identifier: str, queue: str, error: str, cause: str) -> None:
    """Fail, so that Flower shows the dead letter as a failed task with its reason. Nothing else hangs on it."""
    raise DeadLetterError(f"{error} in {queue}: {cause} (segxero dead-letters show {identifier})")
