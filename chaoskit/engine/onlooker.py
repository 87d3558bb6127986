"""Who follows a run from outside and changes nothing of it."""

from contextlib import AbstractContextManager
from typing import Protocol

from chaoskit.engine.events import Ear
from chaoskit.engine.progress import Progress
from chaoskit.model.plan import Plan
from chaoskit.protocols import Clock, Emit


class Onlooker(Protocol):
    """Follows one run. Nothing of it may take time: faults are waiting to strike."""

    def watch(self, progress: Progress) -> None:
        """Hear four times a second how the run goes."""

    def hearing(self, emit: Emit) -> AbstractContextManager[Ear]:
        """What hears every event of the run, until everything is taken down.

        Args:
            emit: For what the run shall remember about the onlooker.
        """


class Monitor(Protocol):
    """Follows every run of a command."""

    def follow(self, plan: Plan, *, trial: int, clock: Clock) -> Onlooker:
        """A run is about to start: who follows it."""
