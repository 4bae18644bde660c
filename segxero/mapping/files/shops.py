"""Reads the block `shops` of an organisation: the sources, the prefix and the settings of each shop."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from segxero.mapping.files.strict_yaml import YamlFile
from segxero.mapping.files.tables import read_rows
from segxero.mapping.shops import CONTACTS, Shop
from segxero.mapping.values import moments
from segxero.mapping.values.paths import extend_pointer
from segxero.mapping.values.plain_text import plain_text

PREFIX = re.compile(r"[A-Za-z0-9._-]{0,12}")
CURRENCY = re.compile(r"[A-Z]{3}|")


def read_shops(document: YamlFile, path: str, value: Any) -> tuple[Shop, ...]:
    """Read every shop of one organisation; faults are noted in *document*."""
    if not isinstance(value, dict):
        document.fault(path, "should name shops: {web: {sources: [abc]}, outlet: {sources: [def], prefix: OUT-}}")
        return ()
    shops = [_shop(document, extend_pointer(path, name), str(name), settings) for name, settings in value.items()]
    found = tuple(shop for shop in shops if shop is not None)
    for message in _find_clashes(found):
        document.fault(path, message)
    return found


def _shop(document: YamlFile, path: str, name: str, settings: Any) -> Shop | None:
    if not isinstance(settings, dict) or "sources" not in settings:
        document.fault(path, "should have sources: a list of Segment's source ids")
        return None
    for unknown in settings.keys() - {*SETTINGS, "tables"}:
        document.fault(f"{path}/{unknown}", f"is not a setting of a shop: write {', '.join((*SETTINGS, 'tables'))}")
    values: dict[str, Any] = {}
    for setting, (is_right, wanted) in SETTINGS.items():
        if setting not in settings:
            continue
        if is_right(settings[setting]):
            values[setting] = settings[setting]
        else:
            document.fault(f"{path}/{setting}", f"should be {wanted}")
    tables = settings.get("tables", {})
    if not isinstance(tables, dict):
        document.fault(f"{path}/tables", "should name tables with rows of this shop: accounts: {default: 200}")
        tables = {}
    values["sources"] = tuple(map(plain_text, values.get("sources", ())))
    rows = {table: read_rows(document, extend_pointer(f"{path}/tables", table), own) for table, own in tables.items()}
    return Shop(name=name, **values, tables=rows)


def _find_clashes(shops: tuple[Shop, ...]) -> Iterator[str]:
    takers: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for shop in shops:
        for source in shop.sources:
            if takers.setdefault(source, shop.name) != shop.name:
                yield f"{source} is in {takers[source]} and in {shop.name}: a source belongs to a single shop"
        if prefixes.setdefault(shop.prefix, shop.name) != shop.name:
            yield (
                f"{prefixes[shop.prefix]} and {shop.name} have the same prefix, so their orders could not be told "
                "apart: give one of them a prefix of its own"
            )


def _is_zone(value: Any) -> bool:
    try:
        moments.find_zone(value)
    except (ValueError, TypeError):
        return False
    return True


def _are_sources(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str | int) for one in value)


SETTINGS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "sources": (_are_sources, "a list of Segment's source ids (projectId)"),
    "prefix": (
        lambda value: isinstance(value, str) and PREFIX.fullmatch(value) is not None,
        "at most 12 letters, digits, dots, underscores and hyphens, such as OUT-",
    ),
    "contacts": (lambda value: value in CONTACTS, " or ".join(CONTACTS)),
    "currency": (
        lambda value: isinstance(value, str) and CURRENCY.fullmatch(value) is not None,
        "three capital letters such as EUR",
    ),
    "time_zone": (
        lambda value: isinstance(value, str) and _is_zone(value),
        "the name of a time zone such as Europe/London",
    ),
}
