"""The Celery workers: thin tasks, each with a module and a queue of its own."""
