"""The Celery workers: thin tasks, one module and one queue each."""
