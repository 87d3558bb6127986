"""A scenario as data: the question, the stack, the load, what breaks when, and what must hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chaoskit.model.fault import Deed, Fault
from chaoskit.model.instant import Instant
from chaoskit.model.runtime import RuntimeName
from chaoskit.model.topology import Node, Topology


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
    """Commits wait for ``any`` of the nodes that ``of`` names, by node or by region; never for the primary itself."""

    any: int
    of: tuple[str, ...]
    commit: Commit = Commit.FLUSH


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Commits wait for all other nodes."""

    commit: Commit = Commit.FLUSH


Replication = Async | Quorum | Sync


def voters(replication: Replication, topology: Topology, primary: str) -> tuple[Node, ...]:
    """The nodes whose confirmation can count for a commit on ``primary``."""
    others = tuple(node for node in topology.nodes if node.name != primary)
    match replication:
        case Async():
            return ()
        case Sync():
            return others
        case Quorum():
            return tuple(node for node in others if node.region in replication.of or node.name in replication.of)


def needed(replication: Replication, topology: Topology, primary: str) -> int:
    """How many of its voters a commit on ``primary`` waits for; one with fewer voters than asked for waits for all."""
    waiting = len(voters(replication, topology, primary))
    return min(replication.any, waiting) if isinstance(replication, Quorum) else waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFailover:
    """Nobody promotes anything."""


class Fence(StrEnum):
    """Whether the old primary must be, may be, or cannot be stopped before a promotion."""

    ATTEMPT = "attempt"
    REQUIRED = "required"
    DENIED = "denied"


class Failback(StrEnum):
    """What becomes of a deposed primary: rebuilt as a replica, or left to come back as it was."""

    REWIND = "rewind"
    RECLONE = "reclone"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """An operator in region ``origin`` who detects, decides, fences, promotes and re-routes through the WAN.

    ``candidates``: regions or nodes in order of preference; none: the most advanced replica.
    """

    every_ns: int
    failures: int
    timeout_ns: int
    decide_ns: int
    origin: str
    fence: Fence = Fence.ATTEMPT
    candidates: tuple[str, ...] = ()
    failback: Failback = Failback.REWIND


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
class Locustfile:
    """User-written Locust classes. ``path`` is absolute; ``classes`` and ``tags`` empty: all of them."""

    path: str
    classes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


Workload = Register | Locustfile


class Retry(StrEnum):
    """What a user does after an operation that was not acknowledged; each attempt is an operation of its own."""

    NONE = "none"
    EAGER = "eager"
    BACKOFF = "backoff"

    @property
    def longest_pause_ns(self) -> int:
        """How long a user waits at most between two attempts."""
        return 5_000_000_000 if self is Retry.BACKOFF else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """The open-loop prober. ``timeout_ns`` None: derived from the round trips."""

    rate_hz: float = 20.0
    timeout_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Users per region, each issuing ``pace_hz`` operations a second at most.

    ``spawn_rate_hz`` None: all at once. ``workers``: processes that share a region's users; absent: one.
    """

    users: Mapping[str, int]
    pace_hz: float = 20.0
    workload: Workload = field(default_factory=Register)
    probes: Probes = field(default_factory=Probes)
    spawn_rate_hz: float | None = None
    retry: Retry = Retry.NONE
    workers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A deed at an instant. A fault lasts ``for_ns``, or until ``until``, or to the end of the run where both are None.

    An action has neither.
    """

    name: str
    at: Instant
    deed: Deed
    for_ns: int | None = None
    until: Instant | None = None
    line: int = 0
    column: int = 0

    @property
    def fault(self) -> Fault | None:
        """The deed, if it is a fault."""
        return self.deed if isinstance(self.deed, Fault) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyState:
    """Every probe stream must reach ``availability`` for ``for_ns``, within ``within_ns`` of the load's start."""

    for_ns: int = 5_000_000_000
    availability: float = 0.99
    within_ns: int = 60_000_000_000


class Phase(StrEnum):
    """A part of a run: before the first onset, inside a step's interval, after its end, or all of it."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A bound as a multiple of the same measure in another phase: ``1.5x before``."""

    factor: float
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One bound on one measure.

    ``minimum`` and ``maximum`` are in ``unit``: seconds for DUR, a fraction for PCT, a number for count, bytes for
    SIZE; a Relative where they are multiples of another phase's figure. ``expected_text`` repeats the file's own words
    (``max 15s``), ``position`` is ``file:line:col``. ``missed``: it is expected to be missed, ``because`` of that;
    meeting it fails the run. ``between`` excludes ``phase``.
    """

    name: str
    measure: str
    unit: str
    minimum: float | Relative | None = None
    maximum: float | Relative | None = None
    expected_text: str = ""
    region: str | None = None
    operation: str | None = None
    connection: str | None = None
    step: str | None = None
    phase: Phase = Phase.ALWAYS
    between: tuple[Instant, Instant] | None = None
    missed: bool = False
    because: str = ""
    position: str = ""

    def __post_init__(self) -> None:
        if self.minimum is None and self.maximum is None:
            raise ValueError("an objective needs a bound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A validated scenario file. ``source`` is the path as given, for messages only.

    ``requires`` None: any runtime will do; where its faults need one, it is that one. ``variant`` None: it is the only
    scenario of its file.
    """

    name: str
    question: str
    stack: Stack
    load: Load
    hypothesis: str = ""
    tags: tuple[str, ...] = ()
    seed: int | None = None
    trials: int = 1
    requires: RuntimeName | None = None
    timeline: tuple[Step, ...] = ()
    objectives: tuple[Objective, ...] = ()
    steady_state: SteadyState = field(default_factory=SteadyState)
    duration_ns: int | None = None
    source: str = ""
    variant: str | None = None

    @property
    def title(self) -> str:
        """What tells it from every other scenario."""
        return titled(self.name, self.variant)


def titled(name: str, variant: str | None) -> str:
    """``region-loss[any1]``; ``region-loss`` where there is no variant."""
    return f"{name}[{variant}]" if variant else name
