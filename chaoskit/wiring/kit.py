"""What a runtime needs of the machine, found once and used for every run."""

from pathlib import Path
from typing import Protocol

from chaoskit.engine.journal import Journal
from chaoskit.model.runtime import RuntimeName
from chaoskit.model.scenario import Scenario
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock, Runtime


class Kit(Protocol):
    """The tools of one runtime."""

    @property
    def name(self) -> RuntimeName:
        """The runtime's name."""

    def refuses(self, scenario: Scenario) -> str | None:
        """Why it cannot run the scenario; None: it can."""

    def runtime(self, journal: Journal, launcher: Launcher, clock: Clock, logs: Path) -> Runtime:
        """The runtime of one run.

        Args:
            journal: Told of everything that has to be undone, before it is done.
            launcher: Starts every process.
            clock: The run's.
            logs: Where what the run's programs say is kept.
        """
