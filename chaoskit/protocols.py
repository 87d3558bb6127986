"""What the rooms of one line ask of each other. Implementations are chosen in ``wiring``."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from chaoskit.model.event import Event
from chaoskit.model.fault import ALL_PROCESSES, Mode
from chaoskit.model.plan import Dial, Plan
from chaoskit.model.scenario import Failback
from chaoskit.model.topology import Party


class Clock(Protocol):
    """The one clock of a run."""

    epoch_monotonic_ns: int

    def now_ns(self) -> int:
        """CLOCK_MONOTONIC since the run's epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait that long."""

    def epoch_wall_ns(self) -> int:
        """Wall time of the run's epoch, by the clocks' offset now: for metadata and server timestamps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to connect: always 127.0.0.1 and a port of the WAN, unless the docstring of its source says otherwise."""

    host: str
    port: int
    user: str
    password: str
    dbname: str = "postgres"

    def conninfo(self, **extra: str | int) -> str:
        """A libpq connection string; ``extra`` adds or overrides keywords."""
        words: dict[str, str | int] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": self.dbname,
            "sslmode": "disable",
            "gssencmode": "disable",
        }
        words |= extra
        return " ".join(f"{key}={_quoted(str(value))}" for key, value in words.items())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The two addresses a region's clients know. They never change; the router re-points what is behind them."""

    write: Target
    read: Target


@dataclass(frozen=True, slots=True)
class Stream:
    """The bytes of one dial in one direction: ``source`` and ``target`` are the parties they leave and reach."""

    dial: Dial
    upstream: bool

    @property
    def source(self) -> Party:
        """Who sends these bytes."""
        return self.dial.source if self.upstream else self.dial.target

    @property
    def target(self) -> Party:
        """Who receives them."""
        return self.dial.target if self.upstream else self.dial.source


Span = tuple[int, int]  # first and last instant of a burst, in ns since the run's epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Impairment:
    """What becomes of the packets of a stream, below the bytes that a proxy sees.

    Attributes:
        lost: The share that never arrives; 1 is a cut.
        bytes_per_s: What passes at most; None: no limit.
    """

    lost: float = 0.0
    bytes_per_s: float | None = None

    @property
    def cut(self) -> bool:
        """Whether nothing passes."""
        return self.lost >= 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketCount:
    """What a packet filter saw of a stream since the impairment that is in force now."""

    passed: int
    lost: int
    passed_bytes: int


class PacketFilter(Protocol):
    """What can be done to the packets of a WAN's streams."""

    def impair(self, wanted: Mapping[Stream, Impairment]) -> None:
        """Put exactly this into force; streams that are not named pass unharmed. Idempotent.

        Raises:
            StackError: The kernel cannot do it, or did not in time.
        """

    def counts(self) -> Mapping[Stream, PacketCount]:
        """By every stream that the kernel impairs, also one that nobody wants impaired any more."""


class Wan(Protocol):
    """The one network of a run (docs/adr/0002-one-wan-one-chain.md). Every control call has a deadline.

    What is asked for under a ``key`` holds until ``heal(key)``. Asks overlap: delays add, the hardest cut holds, and a
    stream heals when the last key that cut it is healed.
    """

    def streams(self) -> Sequence[Stream]:
        """Every stream of every dial, in plan order."""

    def cut(self, key: str, streams: Sequence[Stream], mode: Mode) -> Span:
        """Cut ``streams`` in one burst."""

    def slow(self, key: str, added_ns: Mapping[Stream, int], swing_ns: Mapping[Stream, int] | None = None) -> Span:
        """Delay each stream by that much more, one way; replaces what ``key`` asked for before.

        ``swing_ns`` is added to it, and is the part that may change often: a change lets what it delays pass early.
        """

    def impair(self, key: str, wanted: Mapping[Stream, Impairment]) -> Span:
        """Do this to the packets of each stream; replaces what ``key`` asked for before.

        Of what one ask lets through the next loses its share; the tightest limit holds. Needs a packet filter.
        """

    def counts(self) -> Mapping[Stream, PacketCount]:
        """What became of the packets of every impaired stream, as the kernel counts them."""

    def impairment(self, stream: Stream) -> Impairment:
        """What all standing asks together do to the packets of ``stream``."""

    def carry(self, stream: Stream, size_bytes: int, timeout_s: float) -> float | None:
        """Send so many bytes over a connection of their own; seconds from the request to the whole answer.

        None: they did not arrive in time. StackError: ``stream`` does not lead to a node, so nobody takes them.
        """

    def base_delay_ns(self, stream: Stream) -> int:
        """The planned one-way delay of ``stream``."""

    def heal(self, key: str) -> Span:
        """Undo what was asked for under ``key``; idempotent."""

    def passage(self, dial: Dial) -> int | None:
        """What all standing asks together add to the round trip of ``dial``, in ns; None: nothing comes back."""

    def ping(self, dials: Sequence[Dial], timeout_s: float) -> Mapping[Dial, float | None]:
        """Round trip in seconds of one request to PostgreSQL through each dial, None where no answer came."""

    def target(self, dial: Dial) -> Target:
        """Where the dial's source finds its proxy."""

    def point(self, endpoint: str, dial: Dial) -> None:
        """Lead the endpoint called ``endpoint`` to another dial; closes its connections."""


class Database(Protocol):
    """The nodes of a run, seen past the WAN. For starting, faults, failback and the audit; never for load.

    Every call has a deadline. StackError: it could not be done, or not in time.
    """

    def freeze(self, node: str, process: str = ALL_PROCESSES) -> None:
        """SIGSTOP (or pause) every process of the node, or those of one kind (``walreceiver``).

        Raises:
            StackError: It runs no such process.
        """

    def resume(self, node: str) -> None:
        """Let what ``freeze`` stopped run on; idempotent."""

    def kill(self, node: str) -> None:
        """End every process of the node at once, frozen or not; idempotent."""

    def stop(self, node: str) -> None:
        """Shut a node down cleanly: its WAL is sent, its clients are disconnected. Idempotent."""

    def running(self, node: str) -> bool:
        """Whether its processes exist, frozen or not."""

    def restart(self, node: str, *, isolated: bool) -> None:
        """Start a dead node from its disk; ``isolated``: alone and read-only, to be read and stopped again."""

    def destroy(self, node: str) -> None:
        """Remove the data of a dead node."""

    def rebuild(self, node: str, source: str, how: Failback, upstream: Target) -> int | None:
        """Make a dead node a replica of ``source`` and start it.

        Args:
            node: The dead node.
            source: The primary.
            how: ``rewind`` undoes what it has beyond ``source``; ``reclone`` copies everything; ``none`` changes
                nothing on its disk, for a node that was stopped cleanly and has nothing beyond ``source``.
            upstream: Where it finds ``source`` through the WAN; everything it copies comes that way, too.

        Returns:
            The bytes that it had beyond ``source`` (rewind), where they are known.
        """

    def direct(self, node: str) -> Target:
        """The node's own port, past the WAN."""


class Machines(Protocol):
    """What only nodes with a machine of their own can suffer; every call has a deadline, every undo is idempotent.

    StackError: it could not be done, or not in time.
    """

    def unplug(self, node: str) -> None:
        """Take its network interface away."""

    def plug(self, node: str) -> None:
        """Give it one again; the WAN finds it there."""

    def fill(self, node: str, leave_bytes: int) -> None:
        """Fill its data volume but for ``leave_bytes``."""

    def empty(self, node: str) -> None:
        """Remove what filled it."""

    def free_bytes(self, node: str) -> int:
        """The room on its data volume, as its server sees it, or would if it ran."""

    def throttle(self, node: str, leave: float | None) -> None:
        """Give it ``leave`` of one core; None: as much as there is."""

    def share(self, node: str) -> float | None:
        """The share of one core that it gets, read back; None: as much as there is."""

    def throttled(self, node: str) -> int:
        """How often the kernel held it back for that, since it was started."""

    def skew(self, node: str, by_ns: int) -> None:
        """Make its server's wall clock wrong by that much; 0 undoes it. Time spans stay right."""


@runtime_checkable
class Metered(Protocol):
    """What a stack may be able to tell beside what every stack can: the price of its pattern."""

    def cpu_s(self) -> Mapping[str, float]:
        """CPU seconds of every running node since its server was started; cheap, and safe from any thread."""

    def crossed(self) -> Mapping[tuple[str, str], int]:
        """Bytes that were handed to the WAN by (from, to) region; may end every connection, so it is asked last.

        Raises:
            StackError: They cannot be told.
        """


class Stack(Protocol):
    """What a runtime brings up: a WAN and the nodes behind it."""

    @property
    def wan(self) -> Wan:
        """The only way from region to region."""

    @property
    def database(self) -> Database:
        """The nodes."""

    @property
    def machines(self) -> Machines | None:
        """The nodes' machines, where each has one of its own."""

    def endpoints(self) -> Mapping[str, Endpoints]:
        """The clients' endpoints by region, already proxied."""

    def environment(self) -> Mapping[str, Any]:
        """Versions, filesystem and limits, for the report."""

    def keep_logs(self) -> None:
        """Bring what its programs have written so far into the run's logs; what cannot be had is said there."""

    def broken(self) -> Sequence[str]:
        """What ended by itself, though nobody had stopped it."""


class Runtime(Protocol):
    """Brings up the stack of a plan."""

    def up(self, plan: Plan) -> AbstractContextManager[Stack]:
        """Everything started, replicas streaming, delays in force; taken down on exit, whatever happened.

        Raises:
            StackError: It cannot be brought up; what had been started is gone again.
        """


class Router(Protocol):
    """Re-points endpoints. Whether the one who asks can reach the region is the asker's affair."""

    def point(self, region: str, kind: str, node: str) -> None:
        """Send the region's "write" or "read" endpoint to ``node``; closes its connections."""

    def node(self, region: str, kind: str) -> str:
        """The node that the endpoint leads to now."""


class FailoverManager(Protocol):
    """Who promotes whom, and what becomes of a deposed primary."""

    def start(self) -> None:
        """Begin watching; returns at once."""

    def stop(self) -> None:
        """Stop watching and join; idempotent."""

    def primary(self) -> str:
        """The node it holds for the primary now."""

    def deposed(self) -> Sequence[str]:
        """Nodes that were primary, are not any more, and have not been made replicas."""

    def holds(self, node: str) -> bool:
        """Whether a dead node must stay down, because it is to be rebuilt; asked by whoever would restart it."""

    def switchover(self, target: str) -> None:
        """Make the replica ``target`` primary without losing anything, and the primary a replica of it.

        Raises:
            StackError: It cannot be done; says where it stopped.
        """

    def complete(self, deadline_ns: int) -> None:
        """Everything is healed: finish re-routing, fencing and failback; returns when done or at the deadline."""


class Witness(Protocol):
    """Who looks at nodes for the failover manager, and keeps what was seen."""

    def evidence(self, node: str) -> None:
        """Start a dead node alone, keep all that it holds, and stop it again: a rebuild erases the evidence.

        Raises:
            StackError: It cannot be read.
        """

    def differs(self, node: str, primary: str) -> str | None:
        """Why the content of a rebuilt replica is not that of the primary; None: it is. Takes a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The finished probes of one stream so far; it only ever grows.

    Attributes:
        failed: Those that were not answered as they should have been by their deadline.
        answered: The others, by how long they took since they were scheduled: as many as took at most the bound of the
            same place in ``TALLY_BOUNDS_S`` and more than the one before; at the end those beyond all bounds.
        took_ns: What the answered ones took together.
    """

    failed: int
    answered: tuple[int, ...]
    took_ns: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            failed=self.failed + other.failed,
            answered=tuple(map(add, self.answered, other.answered)),
            took_ns=self.took_ns + other.took_ns,
        )


TALLY_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class LoadDriver(Protocol):
    """Users and probers of every region, in processes of their own."""

    def start(self) -> None:
        """Start the processes; returns at once."""

    def connect(self, endpoints: Mapping[str, Endpoints]) -> None:
        """Tell every process where its region's endpoints are; returns at once."""

    def ready(self, deadline_ns: int) -> None:
        """Wait until every process has imported, connected and opened its pools; StackError past the deadline."""

    def begin(self, at_ns: int) -> None:
        """Let every process issue from the common instant ``at_ns`` on."""

    def availability(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[int, int]]:
        """(ok, finished) per probe stream ``region/operation/connection`` of probes scheduled in the window."""

    def latency_ms(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[float, float]]:
        """(p50, p99) by region of answered probes scheduled in the window; for whoever watches."""

    def tallies(self) -> Mapping[str, Tally]:
        """All finished probes so far, per probe stream; for whoever watches."""

    def operations(self) -> Mapping[str, int]:
        """Operations of users so far, by region."""

    def lose(self, region: str, deadline_ns: int) -> None:
        """Drain the region's rows and pending operations into its streams, end them, and freeze its processes."""

    def restore(self, region: str) -> None:
        """Bring a lost region's clients back as new sessions, which issue as soon as they can; returns at once.

        Their streams are further files; the frozen processes are ended.
        """

    def stop(self, deadline_ns: int) -> None:
        """Stop issuing, await operations in flight, end the streams, end the processes; idempotent, never hangs."""

    def broken(self) -> Sequence[str]:
        """What went wrong with its processes: ended unplanned, or did not do as told in time."""

    def streams(self) -> Sequence[Path]:
        """Every Arrow stream file written so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether a fault or its heal took effect, and how we know. ``ok`` None: it could not be told."""

    ok: bool | None
    text: str


class Injector(Protocol):
    """One fault of one step, its roles resolved. The undo is safe at any time, before the do included."""

    @property
    def nodes(self) -> Sequence[str]:
        """The nodes that nobody can look at meanwhile: it stops or ends their processes, or pulls their cables."""

    @property
    def excluded_regions(self) -> Sequence[str]:
        """Regions whose clients are lost with it."""

    @property
    def resolved(self) -> str:
        """What it strikes, roles resolved: ``us-east/1``, ``us-east <-> eu-west + ap-south``."""

    @property
    def text(self) -> str:
        """One sentence of what was done, for someone who was not there."""

    def strike(self) -> Span:
        """Let it happen, as one burst; (first, last) onset."""

    def settle(self) -> Proof:
        """Prove the onset, then do what has to follow it. Takes a moment; runs beside the timeline."""

    def heal(self) -> Span:
        """Undo it; idempotent."""

    def settled(self) -> Proof:
        """Prove the heal."""


Emit = Callable[[Event], None]
