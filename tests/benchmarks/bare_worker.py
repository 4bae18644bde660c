"""The yardstick of the events queue: a Celery app with our settings and a task that does nothing."""

from segxero.settings import Settings
from workers import app as ours

app = ours.make(Settings.from_env())
app.conf.include = ()


@app.task(name="workers.events.nothing")
def nothing(arrival_id: str) -> None:
    """Do nothing with the arrival."""
