"""Replication lag over time, as the primary of each moment told it. Shown; no objective is judged by it."""

from collections.abc import Sequence

from chaoskit.analysis.record import Sample
from chaoskit.analysis.series import LagRow
from chaoskit.analysis.span import Span


def lag(samples: Sequence[Sample], span: Span) -> LagRow:
    """Lay out the samples by node; a node of which the primary said nothing has no lag then, not none."""
    nodes = sorted({node for sample in samples for node in sample.lag_bytes})
    return {
        "t": [round(span.since_s(sample.t_ns), 3) for sample in samples],
        "bytes": {node: [sample.lag_bytes.get(node) for sample in samples] for node in nodes},
    }
