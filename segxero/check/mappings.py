"""Mappings: reports faults in the files, and unreachable mappings. An area of the set-up check."""

from collections.abc import Iterator

from segxero.check.finding import Finding, fault, good, note
from segxero.check.set_up import SetUp
from segxero.errors import ConfigError
from segxero.mapping.files.live import LiveMappings
from segxero.mapping.model import MappingSet
from segxero.mapping.policies import POLICIES
from segxero.xero.access.connections import check_custom_connection
from segxero.xero.objects.table import FIELDS

NAME = "mappings"


def look(set_up: SetUp) -> Iterator[Finding]:
    """Load the mappings and report all their faults."""
    try:
        set_up.mappings.found = LiveMappings(set_up.settings.segxero_mappings, FIELDS)
    except ConfigError as error:
        set_up.missing[NAME] = "the mappings have faults"
        for wrong in error.faults:
            yield fault(_place(wrong.file, wrong.line), wrong.message, f"correct {wrong.path or 'the file'}")
        return
    mappings = set_up.mappings.current()
    found = [*_find_unreachable(mappings), *_check_organisations(set_up, mappings), *find_idle_policies(mappings)]
    if not found:
        enabled, version = len(mappings.enabled), mappings.version
        yield good(NAME, f"{enabled} in {set_up.settings.segxero_mappings}, version {version}")
    yield from found
    for warning in mappings.warnings:
        yield note(_place(warning.file, warning.line), f"{warning.path} {warning.message}".strip())


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if line else file


def _find_unreachable(mappings: MappingSet) -> Iterator[Finding]:
    if not mappings.enabled:
        yield fault(
            NAME,
            "no mapping is switched on",
            "write `enabled: true` for at least one mapping, such as in contacts.yaml",
        )
    for mapping in mappings.enabled:
        # Events of an unknown source are ignored, so such a mapping would fail silently.
        for source in sorted(mapping.sources or ()):
            if not any(one.takes(source) for one in mappings.organisations.values()):
                yield fault(
                    _place(mapping.file, mapping.line),
                    f"{mapping.name} is for the source {source}, which no organisation takes",
                    f"add {source} to an organisation's sources in organisations.yaml",
                )


def _check_organisations(set_up: SetUp, mappings: MappingSet) -> Iterator[Finding]:
    if not set_up.settings.by_consent:
        for wrong in check_custom_connection(mappings.organisations):
            found = "has several organisations, but a custom connection serves only one"
            yield fault(wrong.file, found, wrong.message)
    for name in mappings.organisations:
        if not any(one.organisations is None or name in one.organisations for one in mappings.enabled):
            yield fault(
                "organisations.yaml", f"no mapping is for {name}", f"add {name} to the `organisations` of a mapping"
            )


def find_idle_policies(mappings: MappingSet) -> Iterator[Finding]:
    """Name each chosen policy that decides nothing, with the rule that decides instead."""
    for name, organisation in mappings.organisations.items():
        objects = {
            mapping.object
            for mapping in mappings.enabled
            if mapping.organisations is None or name in mapping.organisations
        }
        for chosen in organisation.policies:
            policy = POLICIES[chosen]
            if policy.objects and objects.isdisjoint(policy.objects):
                found = f"the policy {chosen} of {name} decides nothing: {policy.successor}"
                yield note("organisations.yaml", found, "delete the line")
