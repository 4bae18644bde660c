"""The orders queue: computes the wanted books of orders, and writes them as records of the other queues."""

from segxero.sync.orders.turn import QUEUE
from workers.app import app
from workers.base import SafeTask, services


@app.task(base=SafeTask, bind=True, name="workers.orders.deliver")
def deliver(self: SafeTask, organisation: str) -> dict[str, int]:
    """Compute the due orders of *organisation*; return their number by disposition."""
    wired = services()
    counts = wired.order_turns.turn(organisation)
    # A turn that took nothing is held, or another has the queue and wakes it.
    if counts and wired.outbox.due(organisation, QUEUE, 1):
        wired.wakes.wake(organisation, QUEUE)
    return counts
