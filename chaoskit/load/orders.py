"""What the driver and its processes say to each other: one JSON object a line over stdin and stdout.

The first line into a process is its orders. After it: ``begin`` (at_ns), ``join`` (host and port of the master, to a
worker), ``lose``, ``stop``. A process says ``waiting`` (why), ``listening`` (a master; host, port), ``ready``, ``tick``
(finished probes by lane: [scheduled_ns, took_ns or FAILED]), ``ops`` (count), ``drained``, ``stopped``.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chaoskit.model.scenario import Locustfile, Register, Retry, Workload
from chaoskit.protocols import Target

LOOPBACK = "127.0.0.1"
FAILED = -1
"""Instead of how long a probe took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One probe stream of a region: ``operation`` "write" or "read", ``connection`` "established" or "fresh"."""

    operation: str
    connection: str
    interval_ns: int
    phase_ns: int

    @property
    def name(self) -> str:
        """``write/established``."""
        return f"{self.operation}/{self.connection}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOrders:
    """How many users, and what they do.

    Attributes:
        count: Of the whole region, however many processes share them.
        spawn_rate_hz: None: all are there before the load begins; else they are spawned from its beginning on.
        workers: Above 1 a Locust master spreads the users over that many processes at least.
        bind: Where a master listens for its workers.
    """

    count: int
    pace_hz: float
    seed: int
    workload: Workload
    retry: Retry = Retry.NONE
    spawn_rate_hz: float | None = None
    workers: int = 1
    bind: str = LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOrders:
    """The lanes, the slots of each established one, and the keys over which each lane's writes rotate.

    ``warm``: the slots are opened before the load begins. Clients that return to a load that goes on have no time for
    that: each slot is opened by the first probe that needs it.
    """

    lanes: tuple[Lane, ...]
    pool: int
    keys: int
    warm: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """All that a process needs to know. Exactly one of ``users`` and ``probes`` is set.

    Attributes:
        client: The process's name in the history: ``us-east.users``, ``us-east.users-1`` of several workers,
            ``us-east.probes``; with ``#2`` at its end after the region was lost and came back.
        stream: Path of the Arrow stream to write; a master writes none.
        timeout_ns: Deadline of every operation.
    """

    client: str
    region: str
    epoch_monotonic_ns: int
    stream: str
    timeout_ns: int
    write: Target
    read: Target
    users: UserOrders | None = None
    probes: ProbeOrders | None = None

    def as_json(self) -> Mapping[str, Any]:
        """The orders as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Orders":
        """The inverse of ``as_json``."""
        plain = {k: v for k, v in row.items() if k not in ("write", "read", "users", "probes")}
        return cls(
            **plain,
            write=Target(**row["write"]),
            read=Target(**row["read"]),
            users=_users(row["users"]) if row["users"] else None,
            probes=_probes(row["probes"]) if row["probes"] else None,
        )


def _users(row: Mapping[str, Any]) -> UserOrders:
    return UserOrders(**{**row, "workload": _workload(row["workload"]), "retry": Retry(row["retry"])})


def _workload(row: Mapping[str, Any]) -> Workload:
    if "path" in row:
        return Locustfile(path=row["path"], classes=tuple(row["classes"]), tags=tuple(row["tags"]))
    return Register(**row)


def _probes(row: Mapping[str, Any]) -> ProbeOrders:
    return ProbeOrders(**{**row, "lanes": tuple(Lane(**lane) for lane in row["lanes"])})


def encode(word: str, **content: Any) -> bytes:
    """One line."""
    return json.dumps({"word": word, **content}, separators=(",", ":")).encode() + b"\n"


class Lines:
    """Cuts what arrives into whole lines."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, received: bytes) -> list[dict[str, Any]]:
        """The messages that ``received`` completes."""
        *whole, self._rest = (self._rest + received).split(b"\n")
        return [json.loads(line) for line in whole if line.strip()]
