"""The shape of ``lanes.json``: what the report draws. Instants are seconds since t0."""

from typing_extensions import TypedDict


class LaneRow(TypedDict):
    """One probe stream, as three columns of equal length; a null latency is a failure, never a latency."""

    region: str
    operation: str
    connection: str
    interval_s: float
    t: list[float]
    latency_ms: list[float | None]
    ok: list[int]


class LagRow(TypedDict):
    """Replication lag: one column of instants, and by node a column of the same length; null: nobody could tell."""

    t: list[float]
    bytes: dict[str, list[int | None]]


class DistributionRow(TypedDict):
    """Latencies of one stream before, in or after one step, as a histogram.

    Bin ``i`` of ``counts`` holds latencies from ``10 ** ((first + i) / per_decade)`` ms. Failed probes are counted
    beside it: they have no latency.
    """

    step: str
    phase: str
    region: str
    operation: str
    connection: str
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    count: int
    failed: int
    per_decade: int
    first: int
    counts: list[int]


class NeighbourRow(TypedDict):
    """An operation of a witness, or one of the same session or key near it; ``returned_s`` null: never answered."""

    op: int
    witness: bool
    session: str
    region: str
    kind: str
    key: str
    value: str | None
    version: int | None
    node: str | None
    invoked_s: float
    returned_s: float | None
    outcome: str


class LanesRow(TypedDict):
    """``lanes.json``."""

    t0_ns: int
    end_s: float
    regions: list[str]
    lanes: list[LaneRow]
    lag: LagRow
    distributions: list[DistributionRow]
    evidence: dict[str, list[NeighbourRow]]
