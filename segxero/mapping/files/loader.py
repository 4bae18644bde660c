"""Loads a directory of mappings: checks every file and reports all faults at once.

Every process calls it at its start.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from segxero.errors import ConfigError, Fault
from segxero.mapping.files import strict_yaml
from segxero.mapping.files.checks import check_mapping
from segxero.mapping.files.descriptions import Objects
from segxero.mapping.files.mappings import Surroundings, WrittenMapping, read_mappings
from segxero.mapping.files.organisations import ORGANISATIONS_FILE, check_policy_rows, read_organisations
from segxero.mapping.files.overlaps import note_overlaps
from segxero.mapping.files.strict_yaml import YamlFile
from segxero.mapping.files.tables import read_table
from segxero.mapping.model import MappingSet
from segxero.mapping.organisations import Organisation
from segxero.mapping.policies import Tables

TABLES = "tables"
VERSION_LENGTH = 12


def load(directory: Path, objects: Objects) -> MappingSet:
    """Load *directory*; *objects* are Xero's objects with their fields. Raise ConfigError with every fault."""
    if not directory.is_dir():
        raise ConfigError("The mappings have faults:", [Fault("is not a directory", file=str(directory))])
    paths = sorted([*directory.glob("*.y*ml"), *(directory / TABLES).glob("*.y*ml")])
    documents = {path: _document(path, directory) for path in paths}
    tables = {path.stem: read_table(documents[path]) for path in paths if path.parent.name == TABLES}
    organisations = _organisations(documents, directory, tables)
    written = _mappings(documents, directory, Surroundings(objects, tables, organisations))
    faults = [fault for document in documents.values() for fault in document.faults]
    faults += [*_directory_faults(directory, documents, written), *_repeated_names(written)]
    if faults:
        raise ConfigError("The mappings have faults:", _in_order(faults))
    return MappingSet(
        mappings=tuple(one.mapping for one in written),
        tables=tables,
        organisations=organisations,
        version=_version(paths, directory),
        warnings=_in_order(warning for document in documents.values() for warning in document.warnings),
    )


def _in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.path, fault.message)))


def _mappings(documents: dict[Path, YamlFile], directory: Path, surroundings: Surroundings) -> list[WrittenMapping]:
    written = [
        one
        for path, document in documents.items()
        if path.parent == directory and path.name != ORGANISATIONS_FILE
        for one in read_mappings(document, surroundings)
    ]
    for one in written:
        check_mapping(one, surroundings.objects.get(one.mapping.object))
    note_overlaps(written)
    return written


def _document(path: Path, directory: Path) -> YamlFile:
    name = str(path.relative_to(directory))
    try:
        document = strict_yaml.read(path.read_text(encoding="utf-8-sig"), name)
    except (UnicodeDecodeError, OSError) as error:
        document = YamlFile(name, faults=[Fault(f"cannot be read: save it as UTF-8 text ({error})", name, 1)])
    if path.suffix != ".yaml":
        document.faults.append(Fault(f"is not used: name it {path.stem}.yaml", name))
    return document


def _organisations(documents: dict[Path, YamlFile], directory: Path, tables: Tables) -> dict[str, Organisation]:
    document = documents.get(directory / ORGANISATIONS_FILE)
    if document is None:
        return {}
    organisations = read_organisations(document)
    check_policy_rows(organisations, tables, document)
    return organisations


def _directory_faults(
    directory: Path, documents: dict[Path, YamlFile], mappings: list[WrittenMapping]
) -> Iterator[Fault]:
    if directory / ORGANISATIONS_FILE not in documents:
        yield Fault("is missing: write which sources go to which organisation", file=ORGANISATIONS_FILE)
    if not mappings and not any(document.faults for document in documents.values()):
        yield Fault("has no mapping: write at least one, such as contacts.yaml", file=str(directory))


def _repeated_names(mappings: list[WrittenMapping]) -> Iterator[Fault]:
    places: dict[str, str] = {}
    for mapping in [one.mapping for one in mappings]:
        if not mapping.name:
            continue
        if mapping.name in places:
            message = (
                f"{mapping.name} is already the name of the mapping at {places[mapping.name]}: give it another name"
            )
            yield Fault(message, mapping.file, mapping.line)
        places.setdefault(mapping.name, f"{mapping.file}:{mapping.line}")


def _version(paths: list[Path], directory: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(directory).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:VERSION_LENGTH]
