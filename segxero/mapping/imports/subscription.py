"""Imports a Segment destination subscription (its trigger and mapping) as the text of a mapping file.

The command `segxero mappings import` calls this module.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from segxero import jsontext
from segxero.errors import ConfigError
from segxero.mapping.engine import compile_value
from segxero.mapping.files.descriptions import Description, Objects, check_value, find_field
from segxero.mapping.imports.translation import find_field_name, translate_value
from segxero.mapping.triggers.meaning import can_match, event_types
from segxero.mapping.triggers.trigger import TriggerError, parse_trigger

WRAPPERS = ("data", "subscriptions", "subscription")
INTERNAL = "__segment_internal"
KEYS = {
    ("Contact", "group"): "$.groupId",
    ("Contact", ""): "$.userId",
    ("Invoice", ""): "$.properties.order_id",
    ("CreditNote", ""): "$.properties.order_id",
    ("Item", ""): "$.properties.product_id",
}
PHONE = "phone"
HEADER = """\
# Imported from Segment. Read it before you use it: fields that Xero does not know stand in comments, and the key
# (which record an event is about) is a guess.
"""


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The text of a mapping file, and warnings about changes of its meaning."""

    yaml_text: str
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Draft:
    """A mapping in progress: its certain parts, the parts in comments, and the warnings."""

    entry: dict[str, Any]
    left_out: dict[str, tuple[Any, str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    is_off: str = ""

    def warn(self, message: str) -> None:
        self.warnings.append(f"{self.entry['name']}: {message}")


def import_subscription(data: Any, objects: Objects, *, object_name: str = "") -> ImportedFile:
    """Import *data*: a subscription as Segment's Public API gives it, a list of them, or the whole answer.

    *objects* are those of the loader. *object_name* names the object that the events become; otherwise it is
    guessed. Raise ConfigError when *data* holds no subscription.
    """
    if object_name and object_name not in objects:
        raise ConfigError(f"{object_name} is not an object we keep in Xero: write {', '.join(objects)}")
    drafts: list[_Draft] = []
    for subscription in _subscriptions(data):
        name = _name(subscription, {draft.entry["name"] for draft in drafts})
        drafts.append(_draft(name, subscription, objects, object_name))
    warnings = [warning for draft in drafts for warning in dict.fromkeys(draft.warnings)]
    return ImportedFile(HEADER + "".join(f"\n{_text(draft)}" for draft in drafts), tuple(warnings))


def _subscriptions(data: Any) -> Iterator[dict[str, Any]]:
    while isinstance(data, dict) and (wrapper := next((name for name in WRAPPERS if name in data), "")):
        data = data[wrapper]
    found = data if isinstance(data, list) else [data]
    if not found:
        raise ConfigError("there is no subscription in it")
    for one in found:
        settings = one.get("settings", one.get("mapping")) if isinstance(one, dict) else None
        trigger = one.get("trigger", one.get("subscribe")) if isinstance(one, dict) else None
        if not isinstance(settings, dict) or not isinstance(trigger, str):
            raise ConfigError(
                "it should be a subscription of Segment's Public API: an object with trigger and settings"
            )
        yield {**one, "settings": settings, "trigger": trigger}


def _name(subscription: Mapping[str, Any], taken: set[str]) -> str:
    written = str(subscription.get("name") or subscription.get("actionSlug") or "imported")
    slug = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-") or "imported"
    number = 1
    while (name := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return name


def _draft(name: str, subscription: dict[str, Any], objects: Objects, object_name: str) -> _Draft:
    trigger = subscription["trigger"]
    draft = _Draft({"name": name, "object": "", "trigger": trigger})
    if subscription.get("enabled") is False:
        draft.entry["enabled"] = False
        draft.warn("it is switched off in Segment, and here as well: enabled: false")
    types = _read_trigger(draft, trigger)
    made = object_name or _object(subscription, objects)
    draft.entry["object"] = made
    kind = "group" if types == {"group"} else ""
    draft.entry["key"] = KEYS.get((made, kind), KEYS.get((made, ""), "$.userId"))
    draft.warn(f"its key {draft.entry['key']} is a guess: it says which {made} an event is about")
    _add_fields(draft, subscription["settings"], objects[made])
    if made == "Invoice" and "Contact" in objects:
        draft.entry["depends_on"] = {"Contact": {"object": "Contact", "key": {"@first": ["$.userId", "$.anonymousId"]}}}
    if draft.is_off:
        draft.warn(f"it is written as a comment, because {draft.is_off}")
    return draft


def _read_trigger(draft: _Draft, trigger: str) -> frozenset[str]:
    """Note warnings about the trigger; return the types of event that it can match."""
    try:
        parsed = parse_trigger(trigger)
    except TriggerError as error:
        draft.is_off = f"Segment does not read its trigger as it is written, {error.message}"
        return frozenset()
    for trap in parsed.traps:
        draft.warn(trap)
    if not can_match(parsed.tree):
        draft.is_off = "no event can match its trigger"
    return event_types(parsed.tree)


def _object(subscription: Mapping[str, Any], objects: Objects) -> str:
    """Guess the object that the events become: the object that knows most of the fields."""
    described = f"{subscription.get('name')} {subscription.get('actionSlug')} {subscription['trigger']}".lower()

    def likeness(name: str) -> int:
        known = sum(bool(find_field_name(setting, objects[name])) for setting in subscription["settings"])
        return known + (name == "Contact") + 2 * (name == "Invoice" and "order" in described)

    return max(objects, key=likeness)


def _add_fields(draft: _Draft, settings: Mapping[str, Any], description: Description) -> None:
    fields: dict[str, Any] = {}
    for name, value in settings.items():
        if name.startswith(INTERNAL):
            draft.warn(f"{name} is left out: it steers Segment's own delivery")
            continue
        target = find_field_name(name, description)
        if not target and find_field_name(name, [PHONE]) and "Phones" in description:
            target, value = "Phones", [{"PhoneType": "DEFAULT", "PhoneNumber": value}]  # noqa: PLW2901
        known = find_field(description, target)
        converted = translate_value(value, known, draft.warn)
        reason = f"{draft.entry['object']} has no such field" if not target else _fault(converted, target, description)
        if target in fields:
            reason = f"{target} is taken already"
        if reason:
            draft.left_out[name] = (converted, reason)
            draft.warn(f"{name} is written as a comment: {reason}")
        else:
            fields[target] = converted
    if fields:
        draft.entry["fields"] = fields
        return
    # A mapping needs at least one field, and every mapping has a key.
    least = next((name for name in ("Name", "Reference") if name in description), min(description))
    draft.entry["fallbacks"] = {least: draft.entry["key"]}
    draft.warn("Xero knows none of its fields, so only the key is written")


def _fault(value: Any, name: str, description: Description) -> str:
    """Say why a mapping file refuses *value*; empty if it accepts it."""
    try:
        compile_value(value, in_file=True)
    except ConfigError as error:
        return "; ".join(f"{fault.path} {fault.message}" for fault in error.faults)
    return "; ".join(
        f"{path} {message}" for path, message in check_value(value, find_field(description, name), "", name)
    )


class _Dumper(yaml.SafeDumper):
    """Writes YAML as the strict reader reads it: no anchors, decimals as they are."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_decimal(dumper: yaml.SafeDumper, number: Decimal) -> yaml.Node:
    text = format(number, "f")
    return dumper.represent_scalar("tag:yaml.org,2002:float" if "." in text else "tag:yaml.org,2002:int", text)


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(Decimal, _write_decimal)
_Dumper.add_representer(str, _write_text)


def write_yaml(value: Any) -> str:
    """Write *value* so that the strict reader gives it back."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000))


def _text(draft: _Draft) -> str:
    lines = write_yaml([draft.entry]).splitlines()
    for name, (value, reason) in draft.left_out.items():
        lines += [f"  # {_one_line(f'{name}: {reason}')}", f"  #   {_one_line(jsontext.dumps(value))}"]
    return "".join(f"# {line}\n" if draft.is_off else f"{line}\n" for line in lines)


def _one_line(text: str) -> str:
    """Keep *text* from leaving its comment."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()
