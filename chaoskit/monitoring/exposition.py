"""One run as Prometheus sees it: what was last told of it, put into words when somebody asks."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chaoskit.engine.events import Ear
from chaoskit.engine.progress import Progress
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Plan
from chaoskit.monitoring import families
from chaoskit.protocols import Emit, Tally

WORD = re.compile(r"[a-z][a-z0-9-]*")


class Exposition(Collector):
    """Follows a run; collected by other threads at any time.

    What is not known any more disappears, so that nobody takes it for the present. Counters stay: they never run back.
    """

    def __init__(self, plan: Plan, *, trial: int) -> None:
        self._plan, self._trial = plan, trial
        self._now = Progress(phase="starting")
        self._tallies: Mapping[str, Tally] = {}
        self._operations: Mapping[str, int] = {}
        self._standing: Mapping[str, Collection[str]] = {}

    def watch(self, progress: Progress) -> None:
        """Remember how the run goes."""
        self._now = progress
        self._tallies = progress.tallies or self._tallies
        self._operations = progress.operations or self._operations

    @contextmanager
    def hearing(self, _emit: Emit) -> Iterator[Ear]:
        """Hear of onsets and heals as they happen; when the block ends nothing stands, and nothing is known."""
        try:
            yield self._hear
        finally:
            self._now, self._standing = Progress(phase="over"), {}

    def collect(self) -> Iterator[Metric]:
        """Everything that is known now."""
        now = self._now
        yield families.about(self._plan, self._trial)
        yield families.success(now.probed)
        yield from families.probes(self._tallies)
        yield families.operations(self._operations)
        yield families.lag(self._plan, now.lag_bytes)
        yield families.primary(self._plan, now.primary)
        yield families.faults(self._plan, self._standing)

    def _hear(self, event: Event) -> None:
        if event.step is not None and event.event is Name.START:
            self._standing = {**self._standing, event.step: self._named(str(event.detail.get("resolved", "")))}
        elif event.step is not None and event.event is Name.END:
            self._standing = {step: regions for step, regions in self._standing.items() if step != event.step}

    def _named(self, resolved: str) -> Collection[str]:
        """The regions in ``us-east/1 -> eu-west.clients + ap-south``."""
        return set(WORD.findall(resolved)) & set(self._plan.scenario.stack.topology.regions)
