"""What a run is put together from, but for its runtime."""

from pathlib import Path
from typing import assert_never

from chaoskit.engine.journal import Journal
from chaoskit.engine.parts import Parts, Scene, Workload
from chaoskit.engine.timeline import Arm
from chaoskit.failover.none import NoFailoverManager
from chaoskit.failover.runbook import RunbookManager
from chaoskit.faults.baseline import Baseline
from chaoskit.faults.claims import Claims
from chaoskit.faults.ground import Ground
from chaoskit.faults.injector import injector
from chaoskit.load import register
from chaoskit.load.driver import ProcessLoad
from chaoskit.load.schema import workload_schema
from chaoskit.load.streams import read_streams, write_parquet
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import NoFailover, Runbook
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock, Emit, FailoverManager, LoadDriver, Router, Runtime, Stack, Witness
from chaoskit.routing.direct import DirectRouter

RUNTIMES = ("local",)


def parts(
    runtime: Runtime, journal: Journal, launcher: Launcher, clock: Clock, streams: Path, *, master_bind: str
) -> Parts:
    """The parts of a run on any runtime.

    Args:
        runtime: Brings up the stack.
        journal: Told of every fault before it strikes.
        launcher: Starts every process.
        clock: The run's.
        streams: Where the load's processes write what they did.
        master_bind: The address on which a region's Locust master listens for workers.
    """
    claims = Claims()

    def failover(plan: Plan, stack: Stack, router: Router, witness: Witness, emit: Emit) -> FailoverManager:
        settings = plan.scenario.stack.failover
        match settings:
            case NoFailover():
                return NoFailoverManager(plan.scenario.stack.topology.primary)
            case Runbook():
                return RunbookManager(
                    plan,
                    settings,
                    stack.wan,
                    router,
                    database=stack.database,
                    witness=witness,
                    clock=clock,
                    emit=emit,
                    stopped=claims.stopped,
                )
            case _:
                assert_never(settings)

    def arms(scene: Scene) -> Arm:
        ground = Ground(
            plan=scene.plan,
            wan=scene.stack.wan,
            database=scene.stack.database,
            machines=scene.stack.machines,
            load=scene.load,
            clock=clock,
            intend=journal.fault,
            emit=scene.emit,
            baseline=Baseline.measured(scene.stack.wan, clock),
            claims=claims,
            primary=scene.manager.primary,
            holds=scene.holds,
            load_running=scene.load_running,
        )
        return lambda step, fault, now: injector(step, fault, now, ground)

    return Parts(
        runtime=runtime,
        workload=workload,
        router=lambda plan, stack: DirectRouter(plan, stack.wan),
        failover=failover,
        load=lambda plan: ProcessLoad(plan, launcher, clock, streams, bind=master_bind),
        arms=arms,
        history=history,
    )


def workload(plan: Plan) -> Workload:
    """What the plan's load needs in the database, and how it is read back."""
    return Workload(schema=workload_schema(plan.scenario.load.workload), audit_query=register.AUDIT_SQL)


def history(load: LoadDriver, path: Path) -> list[str]:
    """Merge the load's streams into one file; return the clients whose stream lacks its end."""
    table, incomplete = read_streams(load.streams())
    write_parquet(table, path)
    return incomplete
