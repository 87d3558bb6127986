"""What the driver and its processes say to each other: one JSON object a line over stdin and stdout.

The first line into a process is its orders. After it: ``begin`` (at_ns), ``lose``, ``stop``. A process says ``waiting``
(why), ``ready``, ``tick`` (finished probes by lane: [scheduled_ns, ok]), ``ops`` (count), ``drained``, ``stopped``.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chaoskit.model.scenario import Register
from chaoskit.protocols import Target


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
    """How many users, and what they do."""

    count: int
    pace_hz: float
    seed: int
    workload: Register


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOrders:
    """The lanes, the slots of each established one, and the keys over which each lane's writes rotate."""

    lanes: tuple[Lane, ...]
    pool: int
    keys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """All that a process needs to know. Exactly one of ``users`` and ``probes`` is set.

    Attributes:
        client: The process's name in the history, ``us-east.users`` or ``us-east.probes``.
        stream: Path of the Arrow stream to write.
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
    return UserOrders(**{**row, "workload": Register(**row["workload"])})


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
