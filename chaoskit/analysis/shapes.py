"""The shape of ``result.json``: the JSON Schema in ``docs/`` is generated from these types.

``*_s`` are seconds: instants since t0 unless the word says a duration; ``*_ns`` are run ns since the epoch. Additions
are free; a rename bumps ``SCHEMA``.
"""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic, which makes the schema, refuses typing's own before Python 3.12

SCHEMA = 1

RoleWord = Literal["primary", "replica", "deposed", "fenced"]
VerdictWord = Literal["pass", "fail", "inconclusive"]


class ObservedRow(TypedDict):
    """What an objective saw; ``hi`` null: at least ``lo``. Both null: nothing was observed."""

    lo: float | None
    hi: float | None
    unit: Literal["s", "fraction", "count", "bytes"]
    text: str
    where: str


class ObjectiveRow(TypedDict):
    """One objective and its verdict.

    ``expect`` are the bounds that decided, in ``unit``; ``expectation`` whether keeping them was wanted, else
    ``because`` says why not. ``phase`` is before, during, after, always, or ``between … and …``.
    """

    name: str
    measure: str
    scope: dict[str, str]
    observed: ObservedRow
    expect: dict[str, float | None]
    expected: str
    expectation: Literal["met", "missed"]
    because: str
    phase: str
    verdict: VerdictWord
    reason: str
    position: str


class RtoRow(TypedDict):
    """Durations; ``lo_s`` and ``hi_s`` null where excluded, overtaken, or where no probe was sent after the cause.

    ``hi_s`` alone is null where censored, and where its clients were lost before they had recovered.

    ``overtaken`` names the step whose outage was there before anything had worked after the onset, so that no recovery
    of its own can be told; else empty.
    """

    step: str
    cause: str
    region: str
    operation: str
    connection: str
    lo_s: float | None
    hi_s: float | None
    censored: bool
    excluded: bool
    overtaken: str


class OutageRow(TypedDict):
    """Instants since t0; ``clients_lost_s``: its clients were lost before it had ended."""

    region: str
    operation: str
    connection: str
    cause: str
    cause_event: str
    begin_s: float
    end_lo_s: float
    end_hi_s: float | None
    ended: bool
    clients_lost_s: float | None
    failed_probes: int
    hollow: int


class DowntimeRow(TypedDict):
    """Durations. ``downtime_s`` counts an outage that had not ended up to the end of the load."""

    region: str
    operation: str
    connection: str
    downtime_s: float
    downtime_lo_s: float
    recovered: bool
    availability: float
    scheduled: int
    ok: int
    excluded: bool


class LatencyRow(TypedDict):
    """Of ok probes from their scheduled instant."""

    region: str
    operation: str
    connection: str
    phase: Literal["before", "during", "after"]
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    count: int


class WaterfallPart(TypedDict):
    """Start and end since t0; the prediction is a duration."""

    part: str
    start_s: float
    end_s: float
    predicted_lo_s: float | None
    predicted_hi_s: float | None


class WaterfallRow(TypedDict):
    """What the outage of one failover was made of; ``node`` was held for dead."""

    step: str
    node: str
    region: str
    parts: list[WaterfallPart]


class FailbackRow(TypedDict):
    """What became of a deposed primary.

    ``from_s`` is when its successor was promoted, since t0; ``redundancy_s`` from then until it was a replica again,
    null: not while the load ran; ``took_s`` its rebuild alone. ``bytes``: WAL that had diverged, null: not known.
    """

    step: str
    node: str
    how: str
    from_s: float
    took_s: float | None
    redundancy_s: float | None
    bytes: int | None
    ok: bool
    why: str


class RpoRow(TypedDict):
    """Null where it cannot be told; then ``reason`` says why.

    ``unplaced``: lost writes whose position is not known; where there are any, ``wal_bytes`` is a low end.
    """

    lost_writes: int | None
    lost_warned: int | None
    acknowledged: int
    window_s: float | None
    wal_bytes: int | None
    unplaced: int
    reason: NotRequired[str]


class WitnessRow(TypedDict):
    """The smallest set of operations that shows the first case."""

    sentence: str
    operations: list[dict[str, Any]]


class FindingRow(TypedDict):
    """What one checker says; ``reason`` where it is unknown."""

    result: Literal["none", "some", "unknown"]
    count: int
    checked: int
    witness: WitnessRow | None
    reason: NotRequired[str]


class LedgerCell(TypedDict):
    """Writes by whether the surviving state has them; null: not known."""

    present: int | None
    absent: int | None


class LedgerGroup(TypedDict):
    """Writes by what their client was told."""

    acknowledged: LedgerCell
    unknown: LedgerCell
    failed: LedgerCell


class LedgerRow(LedgerGroup):
    """All writes, and those of each region."""

    by_region: dict[str, LedgerGroup]


class FaultRow(TypedDict):
    """One fault, or action, as it happened.

    ``resolved``: its roles as they were then; ``acted_s``: when an action was over, null for a fault.
    """

    step: str
    fault: str
    action: bool
    target: str
    resolved: str
    text: str
    at_s: float
    onset_first_ns: int
    onset_last_ns: int
    healed_ns: int | None
    healed_s: float | None
    healed_by: str | None
    acted_s: float | None
    took_effect: bool | None
    proof: str
    heal_took_effect: bool | None
    heal_proof: str
    links: list[str]
    excluded_regions: list[str]


class ErrorRow(TypedDict):
    """How often clients of a region met one error."""

    region: str
    error: str
    count: int
    first_s: float
    last_s: float


class OperationsRow(TypedDict):
    """How many operations there were."""

    total: int
    users: int
    probes: int
    by_outcome: dict[str, int]
    errors: list[ErrorRow]


class UsersRow(TypedDict):
    """Closed-loop figures: a user waits for the answer, so a slow server lowers the rate and hides the wait."""

    region: str
    operation: str
    count: int
    per_s: float | None
    p50_ms: float | None
    p99_ms: float | None
    closed_loop: Literal[True]


class InstrumentRow(TypedDict):
    """How far the instrument can be trusted."""

    probe_lateness_p99_ms: float | None
    probe_lateness_p99_ms_by_region: dict[str, float]
    wan_answer_p99_ms: float | None
    wan_answer_slowest_second_ms: float | None
    probe_interval_ms: float | None
    probe_timeout_ms: float | None
    doubts: list[str]


class TopologyRow(TypedDict):
    """The stack in words."""

    regions: list[str]
    primary: str
    nodes: list[str]
    rtt_ms: dict[str, float]
    replication: str
    failover: str
    reads: str


class StageRow(TypedDict):
    """The stack at one instant: who was what, and where writes went.

    ``cut`` are the links that carried nothing or lost bytes, as the scenario writes them; ``gone``: regions without
    clients.
    """

    at_s: float
    words: str
    roles: dict[str, RoleWord]
    states: dict[str, Literal["up", "stopped"]]
    writes: dict[str, str]
    cut: list[str]
    slow: list[str]
    gone: list[str]


class CrossedRow(TypedDict):
    """Bytes handed to the WAN from one region to another in the whole run, set-up and warm-up included."""

    from_region: str
    to_region: str
    bytes: int


class CpuRow(TypedDict):
    """CPU of one node in one phase: ``used_s`` in the ``observed_s`` in which it was seen to run."""

    node: str
    phase: Literal["before", "during", "after"]
    used_s: float
    observed_s: float


class PriceRow(TypedDict):
    """What the pattern cost; ``wan`` null: not measured."""

    wan: list[CrossedRow] | None
    cpu: list[CpuRow]


class ResultRow(TypedDict):
    """``result.json``."""

    schema: int
    scenario: str | None
    variant: str | None
    trial: int
    runtime: str
    seed: int | None
    started_at: str
    duration_s: float
    run_dir: str
    question: str
    hypothesis: str
    tags: list[str]
    verdict: VerdictWord
    reason: str
    summary: str
    t0_ns: int
    end_ns: int
    topology: TopologyRow | None
    objectives: list[ObjectiveRow]
    rto: list[RtoRow]
    outages: list[OutageRow]
    downtime: list[DowntimeRow]
    latency: list[LatencyRow]
    waterfall: list[WaterfallRow]
    failback: list[FailbackRow]
    rpo: RpoRow
    findings: dict[str, FindingRow]
    ledger: LedgerRow | None
    faults: list[FaultRow]
    stages: list[StageRow]
    price: PriceRow
    operations: OperationsRow
    users: list[UsersRow]
    instrument: InstrumentRow
    environment: dict[str, Any]
