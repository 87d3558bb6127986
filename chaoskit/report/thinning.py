"""Which probes are drawn where there are too many: all near what happened, the extremes elsewhere."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

MOST_PROBES = 45_000  # drawn, of all streams together: they take less than half a megabyte
NEAR_S = (5.0, 1.0, 0.2, 0.0)  # around an edge of a fault or outage, or a step of a failover: the first that fits
KEPT = 3  # of a group: the fastest, the slowest, the first failed
Probe = tuple[int, float | None, bool]  # tick, latency in ms or None, ok
Close = Callable[[int], bool]  # whether a tick is near what happened


def thinning(streams: Sequence[Sequence[Probe]], edges_s: Sequence[float], ticks_per_s: int) -> tuple[int, Close]:
    """Of how many probes in a row, far from what happened, few are drawn (1: all are), and what is near.

    Args:
        streams: All probes.
        edges_s: When something happened, seconds since t0.
        ticks_per_s: Of the probes' instants.
    """
    total, full, close = sum(map(len, streams)), 0, _near(edges_s, 0.0, ticks_per_s)
    if total <= MOST_PROBES:
        return 1, close
    for near_s in NEAR_S:
        close = _near(edges_s, near_s, ticks_per_s)
        full = sum(close(tick) for probes in streams for tick, _, _ in probes)
        if full < 0.9 * MOST_PROBES:
            break
    return max(2, math.ceil(KEPT * (total - full) / max(1, MOST_PROBES - full))), close


def _near(edges_s: Iterable[float], near_s: float, ticks_per_s: int) -> Close:
    """Whether a tick lies within ``near_s`` of any edge."""
    spans: list[list[float]] = []
    for edge_s in sorted(edges_s):
        begin, end = (edge_s - near_s) * ticks_per_s, (edge_s + near_s) * ticks_per_s
        if spans and begin <= spans[-1][1]:
            spans[-1][1] = end
        else:
            spans.append([begin, end])
    begins = [begin for begin, _ in spans]

    def close(tick: int) -> bool:
        index = bisect_right(begins, tick) - 1
        return index >= 0 and tick <= spans[index][1]

    return close


def thin(probes: Sequence[Probe], group: int, close: Close) -> Sequence[Probe]:
    """Those that are drawn, in their order."""
    if group == 1:
        return probes
    kept: list[Probe] = []
    for is_close, run in groupby(probes, key=lambda probe: close(probe[0])):
        together = list(run)
        kept += together if is_close else _extremes(together, group)
    return kept


def _extremes(probes: Sequence[Probe], group: int) -> Iterator[Probe]:
    for start in range(0, len(probes), group):
        few = probes[start : start + group]
        answered = [probe for probe in few if probe[2] and probe[1] is not None]
        bad = next((probe for probe in few if not probe[2]), None)
        ends = (min(answered, key=_latency), max(answered, key=_latency)) if answered else ()
        yield from sorted({*ends, *([bad] if bad else [])}, key=lambda probe: probe[0])


def _latency(probe: Probe) -> float:
    return probe[1] or 0.0
