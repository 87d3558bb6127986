"""Latency of probes from their scheduled instant; a timeout is an error, never a latency (docs/definitions.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chaoskit.analysis.columns import nearest_rank
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.window import phase_window
from chaoskit.model.scenario import Phase

PHASES = (Phase.BEFORE, Phase.DURING, Phase.AFTER)


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


def latency_summaries(streams: Sequence[ProbeStream], faults: Sequence[FaultRecord]) -> tuple[LatencySummary, ...]:
    """One row per stream and phase in which any probe succeeded."""
    rows = []
    for stream in streams:
        took_ms = latencies_ms(stream)
        for phase in PHASES:
            here = took_ms[phase_window(phase, faults).holds(stream.scheduled_ns) & stream.ok]
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
