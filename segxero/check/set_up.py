"""The set-up under check: its settings as far as they are readable, and the results of earlier areas."""

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
    """The mappings for the services of a check, which are wired before the mappings are read into *found*."""

    found: MappingSource | None = None

    def current(self) -> MappingSet:
        """Return the mappings. Only call when "mappings" is not in `SetUp.missing`."""
        assert self.found
        return self.found.current()


@dataclass(kw_only=True)
class SetUp:
    """One set-up: its *environ*, its *procfile*, and the *queues* its workers must serve.

    *before_start*: its processes do not run yet, so none is asked. *missing* maps each setting or area that cannot be
    used to the reason. *let_in* holds the connected organisations with the scopes granted to us.
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
        """The wiring. Its mappings are available after the area `mappings` found no fault."""
        return Services.for_check(self.settings, self.mappings)
