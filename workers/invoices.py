"""The invoices queue: brings orders into Xero, turn by turn for each organisation."""

from workers.app import app
from workers.base import SafeTask
from workers.delivering import deliver_turn

QUEUE = "invoices"


@app.task(base=SafeTask, bind=True, name="workers.invoices.deliver")
def deliver(self: SafeTask, organisation: str) -> dict[str, int]:
    """Deliver up to 50 records of *organisation*; return their number by disposition."""
    return deliver_turn(self, organisation, QUEUE)
