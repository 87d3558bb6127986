"""What the rooms of one line ask of each other. Implementations are chosen in ``wiring``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from chaoskit.model.event import Event
from chaoskit.model.fault import Link, Mode
from chaoskit.model.plan import Dial
from chaoskit.model.topology import Party


class Clock(Protocol):
    """The one clock of a run."""

    epoch_monotonic_ns: int

    def now_ns(self) -> int:
        """CLOCK_MONOTONIC since the run's epoch."""

    def sleep(self, seconds: float) -> None:
        """Wait; may end early when the run is interrupted."""


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


class Wan(Protocol):
    """The one network of a run (DESIGN §3). Every control call has a deadline."""

    def dials(self, link: Link) -> Sequence[Dial]:
        """The dials that carry bytes of ``link`` in one direction or both, in plan order."""

    def cut(self, key: str, links: Sequence[Link], mode: Mode) -> tuple[int, int]:
        """Cut every stream of ``links`` in one burst on behalf of ``key``; return (first, last) onset in run ns."""

    def slow(self, key: str, link: Link, add_ns: int | None, factor: float | None) -> tuple[int, int]:
        """Add delay to every stream of ``link`` on behalf of ``key``; return (first, last) onset in run ns."""

    def heal(self, key: str) -> tuple[int, int]:
        """Undo what was done for ``key``, where no other key still asks for it; idempotent; (first, last) in run ns."""

    def ping(self, dials: Sequence[Dial], timeout_s: float) -> Mapping[Dial, float | None]:
        """Round trip in seconds of one request to PostgreSQL through each dial, None where no answer came."""

    def target(self, source: Party, node: str) -> Target:
        """Where ``source`` dials ``node``."""


class Database(Protocol):
    """The nodes of a run, seen past the WAN. For starting, faults and the audit; never for failover or load."""

    def freeze(self, node: str) -> None:
        """SIGSTOP (or pause) every process of the node."""

    def kill(self, node: str) -> None:
        """End every process of the node at once, frozen or not; idempotent."""

    def restart_isolated(self, node: str) -> None:
        """Start the node from its disk, with replication off and writes refused, for the audit to read."""

    def direct(self, node: str) -> Target:
        """The node's own port, past the WAN."""

    def log_path(self, node: str) -> Path:
        """Its server log."""


class Stack(Protocol):
    """What a runtime brings up: a WAN and the nodes behind it."""

    wan: Wan
    database: Database

    def endpoints(self) -> Mapping[str, Endpoints]:
        """The clients' endpoints by region, already proxied."""

    def environment(self) -> Mapping[str, Any]:
        """Versions, filesystem and limits, for the report."""


class Router(Protocol):
    """Re-points endpoints. Whether the one who asks can reach the region is the asker's affair."""

    def point(self, region: str, endpoint: str, node: str) -> None:
        """Send ``endpoint`` ("write" or "read") of ``region`` to ``node``; closes its connections."""


class FailoverManager(Protocol):
    """Who promotes whom."""

    def start(self) -> None:
        """Begin watching; returns at once."""

    def stop(self) -> None:
        """Stop watching and join; idempotent."""

    def primary(self) -> str:
        """The node it holds for the primary now."""


class LoadDriver(Protocol):
    """Users and probers of every region, in processes of their own."""

    def start(self) -> None:
        """Start the processes; returns at once."""

    def ready(self, deadline_ns: int) -> None:
        """Wait until every process has imported, connected and opened its pools; StackError past the deadline."""

    def begin(self, at_ns: int) -> None:
        """Let every process issue from the common instant ``at_ns`` on."""

    def availability(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[int, int]]:
        """(ok, scheduled) per probe stream ``region/operation/connection`` of probes scheduled in the window."""

    def lose(self, region: str, deadline_ns: int) -> None:
        """Drain the region's rows and pending operations into its streams, end them, and freeze its processes."""

    def stop(self, deadline_ns: int) -> None:
        """Stop issuing, await operations in flight, end the streams, end the processes; idempotent, never hangs."""

    def streams(self) -> Sequence[Path]:
        """Every Arrow stream file written so far."""


Emit = Callable[[Event], None]
