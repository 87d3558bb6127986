"""What the pattern cost: bytes on the WAN by region pair, CPU by node."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.latency import PHASES
from chaoskit.analysis.record import RunRecord, Sample
from chaoskit.analysis.shapes import CpuRow, CrossedRow, PriceRow
from chaoskit.analysis.span import Span
from chaoskit.analysis.window import Window, phase_window

Pair = tuple[str, str]


def price(record: RunRecord, faults: Sequence[FaultRecord], span: Span) -> PriceRow:
    """Both, as far as they were measured."""
    windows = {phase.value: phase_window(phase, faults, since_ns=span.t0_ns) for phase in PHASES}
    nodes = list(dict.fromkeys(node for sample in record.samples for node in sample.cpu_s))
    rows = [_cpu(node, phase, record.samples, window) for node in nodes for phase, window in windows.items()]
    return {"wan": _wan(record.wan_bytes), "cpu": [row for row in rows if row["observed_s"] > 0]}


def crossed_bytes(wan_bytes: Mapping[Pair, int] | None) -> int | None:
    """What crossed region boundaries; None: not measured."""
    return None if wan_bytes is None else sum(count for (a, b), count in wan_bytes.items() if a != b)


def _wan(wan_bytes: Mapping[Pair, int] | None) -> list[CrossedRow] | None:
    if wan_bytes is None:
        return None
    return [{"from_region": a, "to_region": b, "bytes": n} for (a, b), n in wan_bytes.items() if a != b]


def _cpu(node: str, phase: str, samples: Sequence[Sample], window: Window) -> CpuRow:
    """Add up what each pair of looks saw; a counter that went back is that of a server started since."""
    used_s = observed_s = 0.0
    for before, after in pairwise(samples):
        here = window.holds(np.array([before.t_ns, after.t_ns], dtype=np.int64)).all()
        if here and node in before.cpu_s and node in after.cpu_s:
            grown_s = after.cpu_s[node] - before.cpu_s[node]
            used_s += grown_s if grown_s >= 0 else after.cpu_s[node]
            observed_s += (after.t_ns - before.t_ns) / 1e9
    return {"node": node, "phase": phase, "used_s": used_s, "observed_s": observed_s}  # type: ignore[typeddict-item]
