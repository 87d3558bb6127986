"""Everything a finished run left behind, as pure data: what ``analyze`` judges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from chaoskit.model.event import Event
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAudit:
    """What one node said in one audit.

    Attributes:
        audit: ``before_failback`` or ``final``.
        rows: Committed writes that it holds; None where it did not answer.
        why: Why it did not answer, or what is worth knowing.
    """

    audit: str
    node: str
    answered: bool
    in_recovery: bool | None = None
    timeline: int | None = None
    lsn: str | None = None
    rows: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The state after the run (docs/definitions.md, The order that survived).

    Attributes:
        quiescent: No client backend, no held bytes, every attached replica has replayed.
        reason: Why not, where it is not.
        authoritative: The node whose state is the surviving one; None: no authority.
        claimants: Every writable node to which a surviving region's write endpoint points.
        endpoints: By region, the node to which its write endpoint points.
        streams_complete: Every recording process ended its stream with its end marker.
        streams_incomplete: The clients that did not.
    """

    quiescent: bool
    reason: str = ""
    authoritative: str | None = None
    claimants: tuple[str, ...] = ()
    endpoints: Mapping[str, str] = field(default_factory=dict)
    streams_complete: bool = True
    streams_incomplete: tuple[str, ...] = ()
    nodes: tuple[NodeAudit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one look at a running stack saw.

    Attributes:
        lag_bytes: WAL that each replica had not replayed; empty where the primary did not answer.
        cpu_s: CPU seconds of every running node since its server was started.
    """

    t_ns: int
    lag_bytes: Mapping[str, int] = field(default_factory=dict)
    cpu_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """One request to the WAN itself, across no link.

    Attributes:
        t_ns: When it was made.
        took_s: How long the answer took, or was waited for.
    """

    t_ns: int
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunRecord:
    """A finished run.

    Attributes:
        scenario: None for a bare history from another tool.
        plan: None for a bare history.
        run_dir: As text, only to be repeated in the result.
        history: Columns of HISTORY_COLUMNS, one row per operation.
        final: Columns of FINAL_COLUMNS; None: no audit.
        audit: None: no audit.
        environment: Repeated in the result as it is.
        samples: Ascending.
        pulses: Ascending; None: nobody was to ask.
        wan_bytes: What was handed to the WAN, by (from, to) region; None: not measured.
    """

    history: pd.DataFrame
    scenario: Scenario | None = None
    plan: Plan | None = None
    run_dir: str = ""
    runtime: str = ""
    seed: int | None = None
    started_at: str = ""
    trial: int = 1
    final: pd.DataFrame | None = None
    audit: Audit | None = None
    events: tuple[Event, ...] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()
    pulses: tuple[Pulse, ...] | None = None
    wan_bytes: Mapping[tuple[str, str], int] | None = None


def audit_from_json(row: Mapping[str, Any]) -> Audit:
    """Read ``audit.json``. Absent keys mean what is safe to assume: not quiescent, streams incomplete."""
    return Audit(
        quiescent=bool(row.get("quiescent", False)),
        reason=str(row.get("reason") or ""),
        authoritative=row.get("authoritative"),
        claimants=tuple(row.get("claimants", ())),
        endpoints=dict(row.get("endpoints", {})),
        streams_complete=bool(row.get("streams_complete", False)),
        streams_incomplete=tuple(row.get("streams_incomplete", ())),
        nodes=tuple(_node_from_json(node) for node in row.get("nodes", ())),
    )


def sample_from_json(row: Mapping[str, Any]) -> Sample:
    """Read a line of ``samples.ndjson``."""
    return Sample(t_ns=int(row["t_ns"]), lag_bytes=row.get("lag_bytes", {}), cpu_s=row.get("cpu_s", {}))


def pulse_from_json(row: Mapping[str, Any]) -> Pulse:
    """Read a line of ``pulse.ndjson``."""
    return Pulse(t_ns=int(row["t_ns"]), took_s=float(row["took_s"]))


def wan_bytes_from_json(price: Mapping[str, Any]) -> dict[tuple[str, str], int] | None:
    """Read ``price.json``; None where the WAN was not measured."""
    rows = price.get("wan")
    return None if rows is None else {(str(row["from"]), str(row["to"])): int(row["bytes"]) for row in rows}


def _node_from_json(row: Mapping[str, Any]) -> NodeAudit:
    return NodeAudit(
        audit=str(row["audit"]),
        node=str(row["node"]),
        answered=bool(row["answered"]),
        in_recovery=row.get("in_recovery"),
        timeline=row.get("timeline"),
        lsn=row.get("lsn"),
        rows=row.get("rows"),
        why=str(row.get("why") or ""),
    )
