"""Builders of small histories whose answer is known by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from chaoskit.analysis.absence import NOBODY, Absences, present
from chaoskit.analysis.cause import causes
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.downtime import downtimes
from chaoskit.analysis.evidence import Evidence, Finding
from chaoskit.analysis.examine import Examiner
from chaoskit.analysis.facts import Facts
from chaoskit.analysis.failback import Failback
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.outages import outages
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.promotion import Promotion
from chaoskit.analysis.record import RunRecord
from chaoskit.analysis.rpo import Rpo
from chaoskit.analysis.rto import recoveries
from chaoskit.analysis.waterfall import Waterfall
from chaoskit.analysis.window import Course
from chaoskit.model.event import Event
from chaoskit.model.history import HISTORY_COLUMNS
from chaoskit.model.plan import Plan, PlannedStep, ProbePlan
from chaoskit.model.scenario import Async, Load, NoFailover, Objective, Quorum, Runbook, Scenario, Stack
from chaoskit.model.topology import Node, Topology
from chaoskit.model.verdict import FindingResult

MS = 1_000_000
S = 1_000_000_000
NO_USERS = Load(users={})


def build_stream(
    pattern: str,
    *,
    region: str = "eu-west",
    operation: str = "write",
    connection: str = "established",
    interval_ns: int = 50 * MS,
    latency_ns: int = 10 * MS,
    timeout_ns: int = 500 * MS,
    start_ns: int = 0,
) -> ProbeStream:
    """One probe per character: ``.`` ok, ``x`` never answered, ``e`` answered with an error, ``h`` hollow."""
    marks = np.array(list(pattern), dtype="<U1")
    scheduled_ns = start_ns + interval_ns * np.arange(len(pattern), dtype=np.int64)
    return ProbeStream(
        region=region,
        operation=operation,
        connection=connection,
        interval_ns=interval_ns,
        timeout_ns=timeout_ns,
        scheduled_ns=scheduled_ns,
        invoked_ns=scheduled_ns + 1 * MS,
        returned_ns=np.where(marks == "x", NEVER_NS, scheduled_ns + latency_ns),
        ok=marks == ".",
        hollow=marks == "h",
    )


def build_history(rows: list[dict[str, object]]) -> pd.DataFrame:
    """A history with the columns of the contract; what a row leaves out is filled in."""
    defaults: dict[str, object] = {
        "client": "c", "session": "s", "region": "eu-west", "host": "h", "node": None, "pg_timeline": None,
        "kind": "probe_write", "connection": "established", "key": "k", "value": None, "version": None, "lsn": None,
        "outcome": "ok", "error": None,
    }  # fmt: skip
    full = []
    for op, row in enumerate(rows):
        made = defaults | {"op": op} | row
        made.setdefault("invoked_ns", made["scheduled_ns"])
        made.setdefault("returned_ns", None)
        full.append(made)
    return pd.DataFrame(full, columns=list(HISTORY_COLUMNS))


@pytest.fixture
def stream() -> Callable[..., ProbeStream]:
    return build_stream


@pytest.fixture
def history() -> Callable[[list[dict[str, object]]], pd.DataFrame]:
    return build_history


def build_plan(
    *steps: PlannedStep, objectives: tuple[Objective, ...] = (), quorum: bool = False, load: Load = NO_USERS
) -> Plan:
    """Three regions at 80, 200 and 130 ms, the primary in us-east, a runbook in eu-west; probes at 20 Hz."""
    names = ("us-east", "eu-west", "ap-south")
    rtt_ms = {("us-east", "eu-west"): 80, ("us-east", "ap-south"): 200, ("eu-west", "ap-south"): 130}
    topology = Topology(
        nodes=tuple(Node(region=name) for name in names),
        primary="us-east/1",
        rtt_ns={pair: ms * MS for (a, b), ms in rtt_ms.items() for pair in ((a, b), (b, a))},
    )
    runbook = Runbook(every_ns=S // 2, failures=6, timeout_ns=S, decide_ns=S, origin="eu-west")
    scenario = Scenario(
        name="region-loss",
        question="What if us-east is lost?",
        hypothesis="eu-west takes over.",
        tags=("loss",),
        stack=Stack(
            topology=topology,
            replication=Quorum(any=1, of=("eu-west", "ap-south")) if quorum else Async(),
            failover=NoFailover() if quorum else runbook,
        ),
        load=load,
        objectives=objectives,
    )
    return Plan(
        scenario=scenario,
        run="r1",
        seed=1,
        dials=(),
        steps=steps,
        duration_ns=4 * S,
        probes=ProbePlan(rate_hz=20, fresh_rate_hz=5, timeout_ns=500 * MS, pool=10, keys=10),
        max_connections=100,
        predictions={},
    )


@pytest.fixture
def plan() -> Callable[..., Plan]:
    return build_plan


@pytest.fixture
def facts() -> Callable[..., Facts]:
    return build_facts


def build_facts(
    *streams: ProbeStream,
    faults: Sequence[FaultRecord] = (),
    events: Sequence[Event] = (),
    lost: Mapping[str, int] | None = None,
    absent: Absences = NOBODY,
    evidence: Evidence | None = None,
    rpo: Rpo | None = None,
    waterfalls: Sequence[Waterfall] = (),
    failbacks: Sequence[Failback] = (),
    promotions: Sequence[Promotion] = (),
    history: pd.DataFrame | None = None,
    hollow: Sequence[int] = (),
    t0_ns: int = 0,
    wan_bytes: int | None = None,
) -> Facts:
    """What the measurements say of these streams.

    ``lost``: clients that were lost for good; ``hollow``: rows of the history.
    """
    history = pd.DataFrame(columns=list(HISTORY_COLUMNS)) if history is None else history
    known = causes(faults, failbacks)
    if lost:
        absent = Absences(spans={region: ((from_ns, NEVER_NS),) for region, from_ns in lost.items()})
    kept = tuple(part for one in streams if len(part := present(one, absent)))
    found = tuple(outage for one in kept for outage in outages(one, known, absent))
    return Facts(
        streams=kept,
        outages=found,
        recoveries=recoveries(kept, found, known, absent),
        downtimes=downtimes(kept, found, end_ns=10 * S, absent=absent),
        waterfalls=tuple(waterfalls),
        evidence=evidence or Evidence(absent=np.zeros(0, dtype=bool)),
        rpo=rpo or Rpo(acknowledged=100, lost_writes=0, lost_warned=0, window_ns=0, wal_bytes=0),
        absent=absent,
        course=Course(faults=tuple(faults), events=tuple(events), t0_ns=t0_ns, end_ns=10 * S),
        causes=known,
        promotions=tuple(promotions),
        failbacks=tuple(failbacks),
        history=history,
        hollow=np.isin(np.arange(len(history)), hollow),
        wan_bytes=wan_bytes,
    )


def build_finding(result: str, count: int = 0, reason: str = "") -> Finding:
    """What a checker would say."""
    return Said(result=FindingResult(result), count=count, reason=reason)


@dataclass(frozen=True)
class Said:
    result: FindingResult
    count: int = 0
    reason: str = ""

    def as_json(self) -> dict[str, object]:
        row = {"result": self.result.value, "count": self.count, "checked": 1, "witness": None}
        return row | ({"reason": self.reason} if self.reason else {})


def presence(record: RunRecord, faults: tuple[FaultRecord, ...]) -> Evidence:
    """The obvious part of the findings: an acknowledged write is lost if the authority has not its key and value."""
    if record.final is None:
        none = np.zeros(len(record.history), dtype=bool)
        return Evidence(absent=none, findings={"lost_writes": Said(FindingResult.UNKNOWN, reason="no audit")})
    surviving = set(zip(record.final["key"], record.final["value"], strict=True))
    absent = np.array(
        [
            kind == "probe_write" and outcome == "ok" and (key, value) not in surviving
            for kind, outcome, key, value in zip(
                *(record.history[name] for name in ("kind", "outcome", "key", "value")), strict=True
            )
        ],
        dtype=bool,
    )
    count = int(absent.sum())
    said = Said(FindingResult.SOME if count else FindingResult.NONE, count)
    return Evidence(absent=absent, findings={"lost_writes": said})


@pytest.fixture
def examiner() -> Examiner:
    return presence


@pytest.fixture
def finding() -> Callable[..., Finding]:
    return build_finding
