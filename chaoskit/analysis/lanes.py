"""The series that the report draws: every probe as it was, no bins (``lanes.json``)."""

from collections.abc import Sequence

from chaoskit.analysis.latency import latencies_ms
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.series import DistributionRow, LagRow, LaneRow, LanesRow, NeighbourRow
from chaoskit.analysis.span import Span


def lanes(
    streams: Sequence[ProbeStream],
    span: Span,
    regions: Sequence[str],
    *,
    lag: LagRow,
    distributions: list[DistributionRow],
    evidence: dict[str, list[NeighbourRow]],
) -> LanesRow:
    """Lay out the streams; instants in seconds since t0 to 0.1 ms, latencies in ms to 1 µs."""
    return {
        "t0_ns": span.t0_ns,
        "end_s": span.duration_s,
        "regions": list(regions),
        "lanes": [_lane(stream, span) for stream in streams],
        "lag": lag,
        "distributions": distributions,
        "evidence": evidence,
    }


def _lane(stream: ProbeStream, span: Span) -> LaneRow:
    took_ms = latencies_ms(stream).tolist()
    return {
        "region": stream.region,
        "operation": stream.operation,
        "connection": stream.connection,
        "interval_s": stream.interval_ns / 1e9,
        "t": [round(span.since_s(t_ns), 4) for t_ns in stream.scheduled_ns.tolist()],
        "latency_ms": [round(ms, 3) if ok else None for ms, ok in zip(took_ms, stream.ok.tolist(), strict=True)],
        "ok": [int(ok) for ok in stream.ok.tolist()],
    }
