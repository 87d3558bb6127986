"""When a region's clients owed operations, and the longest time in which none came."""

from collections.abc import Sequence

import numpy as np

from chaoskit.analysis.columns import NEVER_NS, Ints, Spans


def owed(away: Spans, sent_ns: Ints, since_ns: int, last_ns: int, *, return_ns: int) -> list[tuple[int, int]]:
    """Find the spans in which clients owe operations: while their region has them, and they have begun.

    Args:
        away: When the region had no clients.
        sent_ns: When they sent something, ascending.
        since_ns: From when they are looked at.
        last_ns: Until when.
        return_ns: Clients that are back may take that long to begin: their processes start anew.
    """
    spans = []
    for lost_ns, back_ns in away:
        spans.append((since_ns, max(since_ns, min(last_ns, lost_ns))))
        since_ns = back_ns if back_ns == NEVER_NS else _begun_ns(sent_ns, back_ns, return_ns)
    return [*spans, (since_ns, last_ns)] if since_ns < last_ns else spans


def _begun_ns(sent_ns: Ints, back_ns: int, return_ns: int) -> int:
    """When clients that were back at ``back_ns`` sent something; ``back_ns`` if they did not, or too late."""
    later_ns = sent_ns[sent_ns >= back_ns].tolist()
    return int(later_ns[0]) if later_ns and later_ns[0] - back_ns <= return_ns else back_ns


def hole_ns(sent_ns: Ints, span: tuple[int, int]) -> int:
    """The longest time in a span in which nothing was sent; ``sent_ns`` ascending."""
    from_ns, until_ns = span
    seen_ns: Sequence[int] = sent_ns[(sent_ns >= from_ns) & (sent_ns <= until_ns)].tolist()
    return int(np.diff([from_ns, *seen_ns, until_ns]).max())
