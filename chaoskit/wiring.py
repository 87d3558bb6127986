"""The only place where names become implementations."""

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import assert_never

from chaoskit import __version__
from chaoskit.engine.journal import Journal
from chaoskit.engine.run import Parts, Workload
from chaoskit.failover.none import NoFailoverManager
from chaoskit.failover.runbook import RunbookManager
from chaoskit.faults.ground import Ground
from chaoskit.faults.injector import injector
from chaoskit.load import register
from chaoskit.load.driver import ProcessLoad
from chaoskit.load.streams import read_streams, write_parquet
from chaoskit.model.fault import Fault
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import NoFailover, Runbook
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock, Emit, FailoverManager, Injector, LoadDriver, Router, Stack
from chaoskit.routing.direct import DirectRouter
from chaoskit.runtimes.local.stack import LocalRuntime, Tools
from chaoskit.toolchain.account import unprivileged_user
from chaoskit.toolchain.cache import cache_dir
from chaoskit.toolchain.postgres import find_postgres
from chaoskit.toolchain.template import find_template
from chaoskit.toolchain.toxiproxy import find_toxiproxy


def local_tools(env: Mapping[str, str], say: Callable[[str], None]) -> Tools:
    """Find or build what the local runtime needs; ``say`` hears of what takes long.

    Raises:
        StackError: Something is missing, with the way out.
    """
    cache, user = cache_dir(env), unprivileged_user()
    toxiproxy = find_toxiproxy(env, cache, say=say)
    postgres = find_postgres(env, cache, user=user)
    cluster = find_template(postgres, cache, user=user)
    return Tools(
        postgres=postgres.bin,
        toxiproxy=toxiproxy.path,
        template=cluster.path,
        template_password=cluster.password,
        user=user,
        versions={
            "chaoskit": __version__,
            "postgresql": postgres.version,
            "toxiproxy": toxiproxy.version,
            "locust": version("locust"),
            "python": platform.python_version(),
        },
    )


def local_parts(tools: Tools, journal: Journal, launcher: Launcher, clock: Clock, streams: Path) -> Parts:
    """The parts of a run on this machine; the load's processes write into ``streams``."""

    def failover(plan: Plan, stack: Stack, router: Router, emit: Emit) -> FailoverManager:
        settings = plan.scenario.stack.failover
        match settings:
            case NoFailover():
                return NoFailoverManager(plan.scenario.stack.topology.primary)
            case Runbook():
                return RunbookManager(plan, settings, stack.wan, router, clock=clock, emit=emit)
            case _:
                assert_never(settings)

    def strike(step: str, fault: Fault, plan: Plan, stack: Stack, load: LoadDriver) -> Injector:
        ground = Ground(plan=plan, wan=stack.wan, database=stack.database, load=load, clock=clock, intend=journal.fault)
        return injector(step, fault, ground)

    return Parts(
        runtime=LocalRuntime(tools, launcher=launcher, clock=clock, intend=journal.directory),
        workload=Workload(schema=register.SCHEMA_SQL, audit_query=register.AUDIT_SQL),
        router=lambda plan, stack: DirectRouter(plan, stack.wan),
        failover=failover,
        load=lambda plan: ProcessLoad(plan, launcher, clock, streams),
        injector=strike,
        history=history,
    )


def history(load: LoadDriver, path: Path) -> list[str]:
    """Merge the load's streams into one file; return the clients whose stream lacks its end."""
    table, incomplete = read_streams(load.streams())
    write_parquet(table, path)
    return incomplete
