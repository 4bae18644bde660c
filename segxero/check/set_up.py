"""What is checked: the settings as far as they can be read, and what the earlier parts of the check have found out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from segxero.errors import Fault
from segxero.mapping.files.live import MappingSource
from segxero.mapping.model import MappingSet
from segxero.services import Services
from segxero.settings import Settings


@dataclass(slots=True)
class CheckedMappings:
    """The mappings for the services of a check, which are wired before the mappings are read; *found* is set then."""

    found: MappingSource | None = None

    def current(self) -> MappingSet:
        """Return the mappings. A part of the check that needs them looks first that `mappings` is not missing."""
        assert self.found
        return self.found.current()


@dataclass(kw_only=True)
class SetUp:
    """One set-up: its *environ*, its *procfile*, and the *queues* that its workers must serve together.

    *before_start* says that its processes do not run yet, so that none of them is asked. *missing* says what cannot be
    looked at, and why; *let_in* are the organisations that Xero lets us into, with the scopes that it granted.
    """

    environ: Mapping[str, str]
    queues: tuple[str, ...]
    procfile: Path
    before_start: bool = False
    missing: dict[str, str] = field(default_factory=dict)
    let_in: dict[str, frozenset[str]] = field(default_factory=dict)
    mappings: CheckedMappings = field(default_factory=CheckedMappings)
    settings: Settings = field(init=False)
    setting_faults: tuple[Fault, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.settings, self.setting_faults = Settings.read(self.environ)
        self.missing |= {fault.path: f"{fault.path} is wrong" for fault in self.setting_faults}

    @cached_property
    def services(self) -> Services:
        """The wiring; its mappings are there once they were read without a fault."""
        return Services.for_check(self.settings, self.mappings)
