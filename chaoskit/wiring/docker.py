"""The kit of the docker runtime: the same stack in containers."""

import platform
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from chaoskit import __version__, planning
from chaoskit.engine.clean import Swept
from chaoskit.engine.journal import Journal
from chaoskit.model.runtime import RuntimeName
from chaoskit.model.scenario import Scenario
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock
from chaoskit.runtimes.docker.blocks import building_blocks
from chaoskit.runtimes.docker.client import connect
from chaoskit.runtimes.docker.estate import estate
from chaoskit.runtimes.docker.ownership import remove
from chaoskit.runtimes.docker.stack import DockerRuntime, DockerTools
from chaoskit.toolchain.cache import cache_dir
from chaoskit.toolchain.compose import find_compose
from chaoskit.toolchain.engine_address import engine_address

SETTLED_S = 1.0  # what an engine still does for a client that was killed a moment ago


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerKit:
    """An engine that answers, and what stacks are made with there (implements ``Kit``)."""

    tools: DockerTools
    address: str
    name: RuntimeName = RuntimeName.DOCKER

    def refuses(self, scenario: Scenario) -> str | None:
        """Why it cannot run the scenario; None: it can, or only its containers know."""
        return planning.lacks(scenario, self.name)

    def runtime(self, journal: Journal, launcher: Launcher, clock: Clock, logs: Path) -> DockerRuntime:
        """The runtime of one run."""
        holding = partial(estate, self.address, launcher=launcher, intend=journal.engine, removed=journal.removed)
        return DockerRuntime(self.tools, launcher=launcher, clock=clock, logs=logs, estate=lambda run: holding(run=run))


def kit(env: Mapping[str, str], say: Callable[[str], None]) -> DockerKit:
    """Find the engine, and find or build Compose; ``say`` hears of what takes long.

    Raises:
        StackError: Something is missing, with the way out.
    """
    address = engine_address(env)
    api = connect(address)
    compose = find_compose(env, cache_dir(env), say=say)
    versions = {
        "chaoskit": __version__,
        "docker": str(api.version()["Version"]),
        "compose": compose.version,
        "locust": version("locust"),
        "python": platform.python_version(),
    }
    api.close()
    there = {**env, "DOCKER_HOST": address}
    tools = DockerTools(compose=compose.argv, blocks=building_blocks(), env=there, versions=versions)
    return DockerKit(tools=tools, address=address)


def sweep_engine(address: str, run: str) -> Swept:
    """Remove from the Docker engine at ``address`` whatever carries the run's label.

    Raises:
        StackError: The engine does not answer.
    """
    with closing(connect(address)) as api:
        done = remove(api, run, quiet_s=SETTLED_S)
    return Swept(removed=done.words, left=done.left)
