"""Which probes are drawn where there are too many: all near what happened, the extremes elsewhere."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

MOST_PROBES = 45_000  # drawn, of all streams together: they take less than half a megabyte
NEAR_S = 5.0  # around an edge of a fault or outage, or a step of a failover
KEPT = 3  # of a group: the fastest, the slowest, the first failed
Probe = tuple[int, float | None, bool]  # tick, latency in ms or None, ok
Close = Callable[[int], bool]  # whether a tick is near what happened


def near(edges_s: Iterable[float], ticks_per_s: int) -> Close:
    """Whether a tick lies within ``NEAR_S`` of any edge (seconds since t0)."""
    spans: list[list[float]] = []
    for edge_s in sorted(edges_s):
        if spans and edge_s - NEAR_S <= spans[-1][1] / ticks_per_s:
            spans[-1][1] = (edge_s + NEAR_S) * ticks_per_s
        else:
            spans.append([(edge_s - NEAR_S) * ticks_per_s, (edge_s + NEAR_S) * ticks_per_s])
    begins = [begin for begin, _ in spans]

    def close(tick: int) -> bool:
        index = bisect_right(begins, tick) - 1
        return index >= 0 and tick <= spans[index][1]

    return close


def thinning(streams: Sequence[Sequence[Probe]], close: Close) -> int:
    """Of how many probes in a row, far from what happened, few are drawn; 1: all are.

    Where there is so much near what happened that it alone would be too much, the rest is as thin as it may get.
    """
    total = sum(map(len, streams))
    if total <= MOST_PROBES:
        return 1
    full = sum(close(tick) for probes in streams for tick, _, _ in probes)
    room = max(MOST_PROBES - full, MOST_PROBES // 10)
    return max(2, math.ceil(KEPT * (total - full) / room))


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
