"""Orders to running Celery workers, as an operator gives them with `celery control`."""

from kombu import Connection

from segxero.demo.readiness import CONTROL

BRPOP = 1.5  # seconds for which a worker still takes one message of a queue that it was told to leave


def tell_worker(stack, order_, queue):
    """Let the worker stop or start taking from *queue*, as an operator does with `celery control`."""
    with Connection(stack.redis_url) as connection:
        (reply,) = CONTROL(connection).multi_call(order_, {"queue": queue}, timeout=10, limit=1)
    assert "ok" in next(iter(reply.values()))
