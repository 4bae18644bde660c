"""A Redis as text: what is in a dump of tests/formats is put into an empty Redis, key by key."""

import json
from pathlib import Path

FORMATS = Path(__file__).parents[2] / "formats"


def load(store, name):
    """Put the dump *name* into *store*, which is empty."""
    assert store.dbsize() == 0
    for key, dumped in json.loads((FORMATS / name).read_text(encoding="utf-8")).items():
        ((kind, value),) = dumped.items()
        if kind == "hash":
            store.hset(key, mapping=value)
        elif kind == "list":
            store.rpush(key, *value)
        elif kind == "set":
            store.sadd(key, *value)
        elif kind == "zset":
            store.zadd(key, dict(value))
        else:
            store.set(key, value)
