"""A run from its seed to its verdict: plays it, looks at the accounts, keeps the logs of one that failed."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from segxero.demo.stack import StackError
from tests.chaos import accounts
from tests.chaos.play import EVENTS_A_SECOND, play
from tests.chaos.shop import traffic
from tests.chaos.timeline import Step, plan

SHORTEST = 10.0


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What came of a run; *faults* is empty when all is well."""

    seed: int
    events: int
    steps: Sequence[Step]
    faults: list[str]
    logs: str = ""
    seconds: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def again(self) -> str:
        return f"make chaos SEED={self.seed} EVENTS={self.events}"

    def story(self) -> str:
        """Tell a failed run: its faults, the plan, where the logs are and how it is run again."""
        found = "\n".join(f"  - {fault}" for fault in self.faults)
        timeline = "\n".join(map(str, self.steps))
        return f"seed {self.seed}:\n{found}\n{timeline}\nlogs: {self.logs}\nagain: {self.again}"


def run(seed: int, events: int) -> Verdict:
    """Play the run of *seed* with *events* posted."""
    made, began = traffic(seed, events), time.monotonic()
    seconds = max(events / EVENTS_A_SECOND, SHORTEST)
    steps = plan(seed, seconds)
    directory = Path(tempfile.mkdtemp(prefix=f"segxero-chaos-{seed}-"))
    verdict = Verdict(seed=seed, events=events, steps=steps, faults=[])
    try:
        outcome = play(made, steps, seconds, directory)
    except (StackError, TimeoutError) as error:
        verdict.faults.append(f"it did not come to rest: {error}")
    else:
        verdict.faults += accounts.faults_of(made, outcome)
        verdict.ends = accounts.dispositions(made, outcome)
        verdict.figures = {
            "refused": sum(outcome.refusals.values()),
            "calls": len(outcome.calls),
            "sent": outcome.sent_seconds,
            "settled": outcome.settled_seconds,
        }
    verdict.seconds = time.monotonic() - began
    if verdict.faults:
        verdict.logs = str(directory / "logs")
    else:
        shutil.rmtree(directory, ignore_errors=True)
    return verdict
