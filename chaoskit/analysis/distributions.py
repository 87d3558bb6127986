"""How latencies were distributed before, in and after each step: histograms with bins of equal ratio."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from chaoskit.analysis.columns import Bools, nearest_rank
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.latency import PHASES, latencies_ms
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.series import DistributionRow
from chaoskit.analysis.span import Span
from chaoskit.analysis.window import phase_window
from chaoskit.model.scenario import Phase

PER_DECADE = 10
FASTEST_MS = 0.01


def distributions(streams: Sequence[ProbeStream], faults: Sequence[FaultRecord], span: Span) -> list[DistributionRow]:
    """One row per step, stream and phase in which the stream was probed at all."""
    return [
        _row(fault.step, phase, stream, here)
        for fault in faults
        for stream in streams
        for phase, here in _phases(stream, fault, span)
    ]


def _phases(stream: ProbeStream, fault: FaultRecord, span: Span) -> Iterator[tuple[Phase, Bools]]:
    for phase in PHASES:
        here = phase_window(phase, [fault], since_ns=span.t0_ns).holds(stream.scheduled_ns)
        if here.any():
            yield phase, here


def _row(step: str, phase: Phase, stream: ProbeStream, here: Bools) -> DistributionRow:
    took_ms = latencies_ms(stream)[here & stream.ok]
    first, counts = _histogram(took_ms)
    p50_ms, p95_ms, p99_ms = (nearest_rank(took_ms, p) if len(took_ms) else None for p in (50, 95, 99))
    return {
        "step": step,
        "phase": phase.value,
        "region": stream.region,
        "operation": stream.operation,
        "connection": stream.connection,
        "p50_ms": p50_ms,
        "p95_ms": p95_ms,
        "p99_ms": p99_ms,
        "max_ms": float(took_ms.max()) if len(took_ms) else None,
        "count": len(took_ms),
        "failed": int(here.sum()) - len(took_ms),
        "per_decade": PER_DECADE,
        "first": first,
        "counts": counts,
    }


def _histogram(took_ms: npt.NDArray[np.float64]) -> tuple[int, list[int]]:
    """The first bin with anything in it, and the counts from there to the last."""
    if not len(took_ms):
        return 0, []
    bins = np.floor(np.log10(np.maximum(took_ms, FASTEST_MS)) * PER_DECADE).astype(np.int64)
    first = int(bins.min())
    return first, np.bincount(bins - first).tolist()
