"""The kit of the local runtime: real servers as processes of this machine."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from chaoskit import __version__, planning
from chaoskit.engine.journal import Journal
from chaoskit.model.runtime import RuntimeName
from chaoskit.model.scenario import Scenario
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock
from chaoskit.runtimes.local.stack import LocalRuntime, Tools
from chaoskit.toolchain.account import unprivileged_user
from chaoskit.toolchain.cache import cache_dir
from chaoskit.toolchain.postgres import find_postgres
from chaoskit.toolchain.template import find_template
from chaoskit.toolchain.toxiproxy import find_toxiproxy


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalKit:
    """The programs of local stacks (implements ``Kit``)."""

    tools: Tools
    name: RuntimeName = RuntimeName.LOCAL

    def refuses(self, scenario: Scenario) -> str | None:
        """Why it cannot run the scenario; None: it can."""
        if (why := planning.lacks(scenario, self.name)) is not None:
            return why
        if scenario.stack.postgres_version == self.tools.postgres_major:
            return None
        found = self.tools.versions["postgresql"]
        return f"it needs PostgreSQL {scenario.stack.postgres_version}, and the one found is {found}"

    def runtime(self, journal: Journal, launcher: Launcher, clock: Clock, logs: Path) -> LocalRuntime:  # noqa: ARG002 - its servers log through the launcher
        """The runtime of one run."""
        return LocalRuntime(self.tools, launcher=launcher, clock=clock, intend=journal.directory)


def kit(env: Mapping[str, str], say: Callable[[str], None]) -> LocalKit:
    """Find or build what the local runtime needs; ``say`` hears of what takes long.

    Raises:
        StackError: Something is missing, with the way out.
    """
    cache, user = cache_dir(env), unprivileged_user()
    toxiproxy = find_toxiproxy(env, cache, say=say)
    postgres = find_postgres(env, cache, user=user)
    cluster = find_template(postgres, cache, user=user)
    versions = {
        "chaoskit": __version__,
        "postgresql": postgres.version,
        "toxiproxy": toxiproxy.version,
        "locust": version("locust"),
        "python": platform.python_version(),
    }
    tools = Tools(
        postgres=postgres.bin,
        toxiproxy=toxiproxy.path,
        template=cluster.path,
        template_password=cluster.password,
        user=user,
        versions=versions,
    )
    return LocalKit(tools=tools)
