"""What a fault stands on."""

from collections.abc import Callable
from dataclasses import dataclass

from chaoskit.faults.baseline import Baseline
from chaoskit.faults.claims import Claims
from chaoskit.model.plan import Plan
from chaoskit.protocols import Clock, Database, Emit, LoadDriver, Machines, Wan


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The run that faults strike; one for all of them.

    Attributes:
        machines: What nodes have of their own; None: they share one machine.
        intend: Writes the journal before something is done.
        baseline: What the WAN answered while everything was healthy.
        claims: Who has which node.
        primary: The node that is primary now.
        holds: Whether a dead node must stay down, because its failover manager is going to rebuild it.
        load_running: Whether clients that come back would find a load to join.
    """

    plan: Plan
    wan: Wan
    database: Database
    machines: Machines | None
    load: LoadDriver
    clock: Clock
    intend: Callable[[str], None]
    emit: Emit
    baseline: Baseline
    claims: Claims
    primary: Callable[[], str]
    holds: Callable[[str], bool]
    load_running: Callable[[], bool]
