"""The write_back queue: tells Segment which Xero record a user, group or order became."""

from segxero.errors import PermanentError, RetryableError
from segxero.sync.waiting.outbox import WRITE_BACK
from segxero.telemetry.alerts import WRITE_BACK as REFUSED
from segxero.telemetry.alerts import sentence
from workers.app import app
from workers.base import SafeTask, services
from workers.delivering import retry_later

REFUSED_SECONDS = 300.0


@app.task(base=SafeTask, bind=True, name="workers.write_back.deliver")
def deliver(self: SafeTask, organisation: str) -> dict[str, int]:
    """Tell Segment up to 10 links of *organisation*; return how many."""
    wired = services()
    wired.wakes.answered(organisation, WRITE_BACK)
    if not wired.settings.segment_write_key or wired.gate.wait_seconds(organisation, WRITE_BACK):
        return {"waiting": 1}
    try:
        told = wired.write_backs.take_turn(organisation)
    except RetryableError as error:
        return retry_later(self, organisation, WRITE_BACK, error)
    except PermanentError as error:
        # Segment refuses the write key, so every further record would be refused as well.
        wired.gate.pause(organisation, WRITE_BACK, REFUSED_SECONDS, str(error))
        cause = sentence(REFUSED, organisation, WRITE_BACK, str(error))
        wired.alerts.call(cause, cause.sentence, "Correct the write key, then restart.")
        return {"waiting": 1}
    if wired.outbox.oldest_seconds(organisation, WRITE_BACK) is not None:
        wired.wakes.wake(organisation, WRITE_BACK)
    return {"told": told}
