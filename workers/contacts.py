"""The contacts queue: brings people and companies into Xero, turn by turn for each organisation."""

from workers.app import app
from workers.base import SafeTask
from workers.delivering import deliver_turn

QUEUE = "contacts"


@app.task(base=SafeTask, bind=True, name="workers.contacts.deliver")
def deliver(self: SafeTask, organisation: str) -> dict[str, int]:
    """Deliver up to 50 records of *organisation*; return their number by disposition."""
    return deliver_turn(self, organisation, QUEUE)
