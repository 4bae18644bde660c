"""The mappings: every fault of the files, and what they leave without effect."""

from collections.abc import Iterator

from segxero.check.finding import Finding, fault, good, note
from segxero.check.set_up import SetUp
from segxero.errors import ConfigError
from segxero.mapping.files.live import LiveMappings
from segxero.mapping.model import MappingSet
from segxero.xero.access.connections import check_custom_connection
from segxero.xero.objects.table import FIELDS

NAME = "mappings"


def look(set_up: SetUp) -> Iterator[Finding]:
    """Read the mappings and name all that is wrong with them."""
    try:
        set_up.live = LiveMappings(set_up.settings.segxero_mappings, FIELDS)
    except ConfigError as error:
        set_up.missing[NAME] = "the mappings have faults"
        for one in error.faults:
            yield fault(_place(one.file, one.line), one.message, f"correct {one.path or 'the file'}")
        return
    mappings = set_up.current()
    found = [*_without_effect(mappings), *_organisations(set_up, mappings)]
    if not found:
        enabled, version = len(mappings.enabled), mappings.version
        yield good(NAME, f"{enabled} in {set_up.settings.segxero_mappings}, version {version}")
    yield from found
    for warning in mappings.warnings:
        yield note(_place(warning.file, warning.line), f"{warning.path} {warning.message}".strip())


def _place(file: str, line: int) -> str:
    return f"{file}:{line}" if line else file


def _without_effect(mappings: MappingSet) -> Iterator[Finding]:
    if not mappings.enabled:
        yield fault(NAME, "none is switched on", "write `enabled: true` at one at least, such as in contacts.yaml")
    for mapping in mappings.enabled:
        for source in sorted(mapping.sources or ()):
            if not any(one.takes(source) for one in mappings.organisations.values()):
                yield fault(
                    _place(mapping.file, mapping.line),
                    f"{mapping.name} is for the source {source}, which goes to no organisation",
                    f"add {source} to the sources of an organisation in organisations.yaml",
                )


def _organisations(set_up: SetUp, mappings: MappingSet) -> Iterator[Finding]:
    if not set_up.settings.by_consent:
        for one in check_custom_connection(mappings.organisations):
            yield fault(one.file, "has several organisations, and a custom connection serves one", one.message)
    for name in mappings.organisations:
        if not any(one.organisations is None or name in one.organisations for one in mappings.enabled):
            yield fault("organisations.yaml", f"no mapping is for {name}", f"add {name} to the organisations of one")
