"""Loads the Lua files: Redis work that must be atomic. Each file's header names its keys and arguments."""

from functools import cache
from importlib import resources
from typing import Any

from segxero.store.client import Store


@cache
def _source(package: str, name: str) -> str:
    return resources.files(package).joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")


def script(client: Store, package: str, name: str) -> Any:
    """Register *package*/lua/*name*.lua with *client*: call the result with keys= and args=."""
    return client.register_script(_source(package, name))
