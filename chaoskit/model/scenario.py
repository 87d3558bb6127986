"""A scenario as data: the question, the stack, the load, what breaks when, and what must hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chaoskit.model.fault import Fault
from chaoskit.model.topology import Topology


class Commit(StrEnum):
    """What a synchronous standby must have done before the primary acknowledges."""

    REMOTE_WRITE = "remote_write"
    FLUSH = "flush"
    REMOTE_APPLY = "remote_apply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Async:
    """Commits wait for no standby."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """Commits wait for ``any`` of the regions ``of`` (the primary's own nodes never count for it)."""

    any: int
    of: tuple[str, ...]
    commit: Commit = Commit.FLUSH


Replication = Async | Quorum


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFailover:
    """Nobody promotes anything."""


class Fence(StrEnum):
    """Whether the old primary must be, may be, or cannot be stopped before a promotion."""

    ATTEMPT = "attempt"
    REQUIRED = "required"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """An operator in region ``origin`` who detects, decides, fences, promotes and re-routes through the WAN."""

    every_ns: int
    failures: int
    timeout_ns: int
    decide_ns: int
    origin: str
    fence: Fence = Fence.ATTEMPT


Failover = NoFailover | Runbook


class Reads(StrEnum):
    """Where a region's read endpoint points."""

    LOCAL = "local"
    PRIMARY = "primary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The database and what surrounds it. ``settings`` are plain postgresql.conf values."""

    topology: Topology
    replication: Replication
    failover: Failover
    reads: Reads = Reads.LOCAL
    postgres_version: int = 18
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The ``register`` workload: each write gives a key its next version and leaves an insert-only row.

    ``read_after_ns`` None: reads and writes are drawn independently. Given: each write is followed, that much
    later, by a read of the same key (0 is at once).
    """

    keys: int = 100
    write_share: float = 0.5
    read_after_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """The open-loop prober. ``timeout_ns`` None: derived from the round trips (DESIGN §6)."""

    rate_hz: float = 20.0
    timeout_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Users per region, each issuing ``pace_hz`` operations a second at most."""

    users: Mapping[str, int]
    pace_hz: float = 20.0
    workload: Register = field(default_factory=Register)
    probes: Probes = field(default_factory=Probes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A fault from ``at_ns`` after t0 for ``for_ns``, or until the end of the run where ``for_ns`` is None."""

    name: str
    at_ns: int
    for_ns: int | None
    fault: Fault
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyState:
    """Every probe stream must reach ``availability`` for ``for_ns``, within ``within_ns`` of the load's start."""

    for_ns: int = 5_000_000_000
    availability: float = 0.99
    within_ns: int = 60_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One bound on one measure.

    ``minimum`` and ``maximum`` are in ``unit``: seconds for DUR, a fraction for PCT, a number for count, bytes for
    SIZE. ``expected_text`` repeats the file's own words (``max 15s``), ``position`` is ``file:line:col``.
    """

    name: str
    measure: str
    unit: str
    minimum: float | None = None
    maximum: float | None = None
    expected_text: str = ""
    region: str | None = None
    operation: str | None = None
    connection: str | None = None
    step: str | None = None
    position: str = ""

    def __post_init__(self) -> None:
        if self.minimum is None and self.maximum is None:
            raise ValueError("an objective needs a bound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A validated scenario file. ``source`` is the path as given, for messages only."""

    name: str
    question: str
    stack: Stack
    load: Load
    hypothesis: str = ""
    tags: tuple[str, ...] = ()
    seed: int | None = None
    timeline: tuple[Step, ...] = ()
    objectives: tuple[Objective, ...] = ()
    steady_state: SteadyState = field(default_factory=SteadyState)
    duration_ns: int | None = None
    source: str = ""
