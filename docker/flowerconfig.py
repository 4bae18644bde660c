"""Flower's configuration: `celery flower --conf` executes this file, and globals named like its options set them."""

import secrets

from segxero.operators import flower
from segxero.settings import Settings

flower.install(Settings.from_env())

# The option makes Flower ask for a password at all; nobody knows this one, because our door compares with its own.
basic_auth = [secrets.token_urlsafe(32)]
cookie_secret = secrets.token_urlsafe(32)
max_tasks = 10_000
