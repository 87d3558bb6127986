"""What a run is put together from; ``wiring`` chooses the implementations."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chaoskit.engine.timeline import Arm
from chaoskit.model.plan import Plan
from chaoskit.protocols import Emit, FailoverManager, LoadDriver, Router, Runtime, Stack, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What the load needs in the database, and how the audit reads it back."""

    schema: tuple[str, ...]
    audit_query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A stack with everything that acts on it: what faults strike.

    Attributes:
        holds: Whether a dead node must stay down when a fault is healed.
        load_running: Whether clients that return would still have something to do.
    """

    plan: Plan
    stack: Stack
    load: LoadDriver
    manager: FailoverManager
    emit: Emit
    holds: Callable[[str], bool]
    load_running: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The implementations of one run.

    Attributes:
        workload: What the plan's load needs; UsageError where its locustfile cannot be used.
        arms: Looks at the healthy stack, which takes a moment, and returns what makes injectors.
        history: Writes history.parquet; returns the clients whose stream lacks its end.
    """

    runtime: Runtime
    workload: Callable[[Plan], Workload]
    router: Callable[[Plan, Stack], Router]
    failover: Callable[[Plan, Stack, Router, Witness, Emit], FailoverManager]
    load: Callable[[Plan], LoadDriver]
    arms: Callable[[Scene], Arm]
    history: Callable[[LoadDriver, Path], list[str]]
