"""Custom fields: Xero has none, so the block `custom:` of a mapping names a place for each.

The block is short for hand-written mappings: it becomes fields of the mapping itself, and further mappings for the same
events. The reader of mapping files calls this module; later modules know only ordinary mappings.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from segxero.mapping.values.paths import extend_pointer

SHARED = ("trigger", "sources", "organisations", "enabled")
PARTS = ("value", "kept_in")
Value = Any


@dataclass(slots=True)
class Expanded:
    """A mapping without its block, the further mappings with the paths for their faults, and the faults."""

    mapping: dict[str, Any]
    further: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Custom:
    """A custom field: its name, its value as the file has it, and its path in the file."""

    name: str
    value: Any
    path: str

    @property
    def text(self) -> Value:
        """The value as text, so that 0 and false are values like others."""
        return {"@transform": {"apply": {"value": self.value}, "mapping": {"@template": "{{value}}"}}}

    @property
    def named(self) -> Value:
        """The value with the field's name before it; nothing if the event has no value."""
        return self.filled({"@template": f"{self.name}: {{{{value}}}}"})

    def filled(self, made: Value, **others: Value) -> Value:
        """Make *made* of {value, *others*} if there is a value."""
        put = {"@transform": {"apply": {"value": self.value, **others}, "mapping": made}}
        return {"@if": {"blank": self.text, "then": put}}  # Segment's blank asks whether there is a value


def expand(mapping: Mapping[str, Any], taken: Container[str] = ()) -> Expanded:
    """Take the `custom:` block out of *mapping* and write it out; *taken* names fields that hold an order's number."""
    plain = {name: value for name, value in mapping.items() if name != "custom"}
    expanded = Expanded(plain)
    block = mapping.get("custom", {})
    if not isinstance(block, dict) or not block:
        if "custom" in mapping:
            expanded.faults.append(("/custom", "should name custom fields: Plan: {value: $.traits.plan, kept_in: …}"))
        return expanded
    for name, settings in block.items():
        path = extend_pointer("/custom", name)
        fault = _fault(settings, str(mapping.get("object")), taken)
        if fault:
            expanded.faults.append((path, fault))
        else:
            PLACES[settings["kept_in"]].keep(Custom(name, settings["value"], path), expanded)
    return expanded


def _fault(settings: Any, object_name: str, taken: Container[str]) -> str:
    if not isinstance(settings, dict) or settings.keys() != set(PARTS):
        return "should have value and kept_in, and nothing else"
    place = PLACES.get(settings["kept_in"]) if isinstance(settings["kept_in"], str) else None
    if place is None:
        return f"cannot be kept in {settings['kept_in']}: write {', '.join(PLACES)}"
    if object_name not in place.objects:
        return f"is not possible for {object_name}: {settings['kept_in']} is for {' and '.join(place.objects)}"
    if place.field in taken:
        return f"cannot be kept in the {settings['kept_in']}: order_id_in puts the order's number there"
    return ""


def _set(expanded: Expanded, custom: Custom, name: str, value: Value) -> None:
    fields = expanded.mapping.get("fields", {})
    if name in fields:
        expanded.faults.append(
            (custom.path, f"is kept in {name}, which the mapping already writes: remove one of them")
        )
        return
    expanded.mapping["fields"] = {**fields, name: value}


def _depend(expanded: Expanded, name: str, entry: dict[str, Any]) -> None:
    dependencies = expanded.mapping.get("depends_on", {})
    there = dependencies.get(name, [])
    expanded.mapping["depends_on"] = {**dependencies, name: [*(there if isinstance(there, list) else [there]), entry]}


def _further(expanded: Expanded, custom: Custom, object_name: str, key: Value, **parts: Any) -> None:
    origin = expanded.mapping
    shared = {name: origin[name] for name in SHARED if name in origin}
    name = f"{origin.get('name')}-{'-'.join(custom.name.lower().split())}"
    made = {"name": name, "object": object_name, **shared, "key": key, "without_key": "skip", **parts}
    expanded.further.append((custom.path, made))


def _record(expanded: Expanded, name: str) -> dict[str, Any]:
    return {name: {"object": expanded.mapping.get("object"), "key": expanded.mapping.get("key")}}


def _keyed(expanded: Expanded, custom: Custom, template: str) -> Value:
    """Return a key made of the record's key and the field; nothing if the record has no key."""
    record = expanded.mapping.get("key")
    made = {"@template": template}
    put = {"@transform": {"apply": {"record": record, "value": custom.value}, "mapping": made}}
    return {"@if": {"blank": record, "then": put}}


def _in_tracking_option(custom: Custom, expanded: Expanded) -> None:
    key = custom.named
    fields = {"Category": custom.name, "Option": custom.filled({"@template": "{{value}}"})}
    _further(expanded, custom, "TrackingOption", key, fields=fields)
    name = "SalesTracking" if expanded.mapping.get("object") == "Contact" else "Tracking"
    # The name behind the slash lets several mappings give tracking options to the same record.
    _depend(expanded, f"{name}/{custom.name}", {"object": "TrackingOption", "key": key, "optional": True})


def _in_contact_group(custom: Custom, expanded: Expanded) -> None:
    # With null the contact leaves its group; with a missing value it stays.
    said = {"@json": {"mode": "encode", "value": custom.value}}
    key = {"@if": {"exists": said, "then": _keyed(expanded, custom, f"{{{{record}}}} | {custom.name}")}}
    group = {"@if": {"blank": custom.text, "then": custom.named["@if"]["then"], "else": custom.value}}
    _further(
        expanded, custom, "ContactGroupMember", key, fields={"Group": group}, depends_on=_record(expanded, "Contact")
    )


def _in_history_note(custom: Custom, expanded: Expanded) -> None:
    key = {
        "@if": {
            "blank": custom.text,
            "then": _keyed(expanded, custom, f"{{{{record}}}} | {custom.name}: {{{{value}}}}"),
        }
    }
    _further(
        expanded,
        custom,
        "HistoryNote",
        key,
        fields={"Details": custom.named},
        depends_on=_record(expanded, "Record"),
    )


def _in_attachment(custom: Custom, expanded: Expanded) -> None:
    """Add the field to the attachment that all such fields share."""
    for _, made in expanded.further:
        if made["object"] == "Attachment":
            made["fields"]["Content"][custom.name] = custom.value
            return
    key = _keyed(expanded, custom, "{{record}} | custom fields")
    fields = {"FileName": "segment-custom-fields", "Content": {custom.name: custom.value}}
    _further(expanded, custom, "Attachment", key, fields=fields, depends_on=_record(expanded, "Record"))


def _in_line_description(custom: Custom, expanded: Expanded) -> None:
    """Put the value, whose path starts at the product, behind each line's description."""
    lines = expanded.mapping.get("fields", {}).get("LineItems")
    shape = lines.get("@arrayPath") if isinstance(lines, dict) else None
    shape = shape if isinstance(shape, list) else []
    line = shape[1] if len(shape) > 1 else None
    if not isinstance(line, dict) or "Description" not in line:
        expanded.faults.append((custom.path, "needs LineItems with @arrayPath and a Description in fields"))
        return
    behind = custom.filled({"@template": f"{{{{text}}}} ({custom.name}: {{{{value}}}})"}, text=line["Description"])
    behind["@if"]["else"] = line["Description"]
    new = {"@arrayPath": [shape[0], {**line, "Description": behind}, *shape[2:]]}
    expanded.mapping["fields"] = {**expanded.mapping["fields"], "LineItems": new}


def _in_field(name: str) -> Callable[[Custom, Expanded], None]:
    return lambda custom, expanded: _set(expanded, custom, name, custom.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place that can keep a custom field: its objects, and the step that writes the field out."""

    objects: tuple[str, ...]
    keep: Callable[[Custom, Expanded], None]
    field: str = ""  # the one field of Xero that it fills


PLACES: dict[str, Place] = {
    "tracking option": Place(objects=("Contact", "Invoice"), keep=_in_tracking_option),
    "contact group": Place(objects=("Contact",), keep=_in_contact_group),
    "account number": Place(objects=("Contact",), keep=_in_field("AccountNumber"), field="AccountNumber"),
    "reference": Place(objects=("Invoice",), keep=_in_field("Reference"), field="Reference"),
    "line description": Place(objects=("Invoice",), keep=_in_line_description),
    "history note": Place(objects=("Contact", "Invoice"), keep=_in_history_note),
    "attachment": Place(objects=("Contact", "Invoice"), keep=_in_attachment),
}


def is_empty(expanded: Expanded) -> bool:
    """Say whether the mapping had only custom fields, so that nothing of itself remains."""
    has_block = bool(expanded.further or expanded.faults)
    return has_block and not expanded.mapping.keys() & {"fields", "fallbacks", "depends_on"}
