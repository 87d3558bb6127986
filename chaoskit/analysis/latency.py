"""Latency of probes from their scheduled instant; a timeout is an error, never a latency (DESIGN §6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints, nearest_rank
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.probes import ProbeStream

Phase = Literal["before", "during", "after"]
PHASES: tuple[Phase, ...] = ("before", "during", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySummary:
    """Percentiles by nearest rank, in ms, of ``count`` ok probes of a stream in one phase."""

    region: str
    operation: str
    connection: str
    phase: Phase
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    count: int


def latencies_ms(stream: ProbeStream) -> npt.NDArray[np.float64]:
    """Shape (probes,): return - scheduled in ms; NaN where the probe failed."""
    took_ms = np.full(len(stream), np.nan)
    took_ms[stream.ok] = (stream.returned_ns[stream.ok] - stream.scheduled_ns[stream.ok]) / 1e6
    return took_ms


def phase_mask(scheduled_ns: Ints, phase: Phase, faults: Sequence[FaultRecord]) -> Bools:
    """Mark the probes scheduled before the first onset, inside any fault's interval, or after one and in none."""
    during = np.zeros(len(scheduled_ns), dtype=bool)
    for fault in faults:
        healed_ns = NEVER_NS if fault.healed_ns is None or not fault.healed_on_time else fault.healed_ns
        during |= (scheduled_ns >= fault.onset_first_ns) & (scheduled_ns < healed_ns)
    first_ns = min((fault.onset_first_ns for fault in faults), default=NEVER_NS)
    if phase == "during":
        return during
    return scheduled_ns < first_ns if phase == "before" else (scheduled_ns >= first_ns) & ~during


def latency_summaries(streams: Sequence[ProbeStream], faults: Sequence[FaultRecord]) -> tuple[LatencySummary, ...]:
    """One row per stream and phase in which any probe succeeded."""
    rows = []
    for stream in streams:
        took_ms = latencies_ms(stream)
        for phase in PHASES:
            here = took_ms[phase_mask(stream.scheduled_ns, phase, faults) & stream.ok]
            if len(here):
                rows.append(_summary(stream, phase, here))
    return tuple(rows)


def _summary(stream: ProbeStream, phase: Phase, took_ms: npt.NDArray[np.float64]) -> LatencySummary:
    return LatencySummary(
        region=stream.region,
        operation=stream.operation,
        connection=stream.connection,
        phase=phase,
        p50_ms=nearest_rank(took_ms, 50),
        p95_ms=nearest_rank(took_ms, 95),
        p99_ms=nearest_rank(took_ms, 99),
        max_ms=float(took_ms.max()),
        count=len(took_ms),
    )
