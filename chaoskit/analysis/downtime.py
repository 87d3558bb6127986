"""Downtime and availability of each probe stream (docs/definitions.md, Availability)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.analysis.absence import NOBODY, Absences
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.outages import Outage, of_stream
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.window import WHOLE_RUN, Window
from chaoskit.model.interval import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """What one stream lost in the whole run.

    Attributes:
        total_s: Sum of its outages in seconds; no outage: 0 to one probe interval. ``hi`` None: one had not ended.
        observed_s: The sum as far as the run saw it: outages that had not ended count up to the end of the load.
        scheduled: Probes on the grid.
        ok: Of these, successes that survived.
        excluded: Its clients were lost for good: it speaks of the time before.
    """

    region: str
    operation: str
    connection: str
    total_s: Interval
    observed_s: float
    scheduled: int
    ok: int
    excluded: bool = False

    @property
    def availability(self) -> float:
        """Ok probes / scheduled probes."""
        return self.ok / self.scheduled


def downtimes(
    streams: Sequence[ProbeStream], found: Sequence[Outage], *, end_ns: int, absent: Absences = NOBODY
) -> tuple[Downtime, ...]:
    """One row per stream. ``end_ns`` is the end of the load."""
    gone = absent.for_good
    return tuple(_downtime(stream, of_stream(stream, found), end_ns, stream.region in gone) for stream in streams)


def _downtime(stream: ProbeStream, mine: Sequence[Outage], end_ns: int, excluded: bool) -> Downtime:
    observed_ns = sum(max(0, (end_ns if o.over_ns is None else o.over_ns) - o.begin_ns) for o in mine)
    return Downtime(
        region=stream.region,
        operation=stream.operation,
        connection=stream.connection,
        total_s=summed(mine, stream.interval_ns),
        observed_s=observed_ns / 1e9,
        scheduled=len(stream),
        ok=int(stream.ok.sum()),
        excluded=excluded,
    )


def summed(mine: Sequence[Outage], interval_ns: int, window: Window = WHOLE_RUN) -> Interval:
    """Sum of outages of one stream in seconds, as far as they lie in the window."""
    lasted = _lasted_ns(mine, window)
    if not lasted:
        return Interval(lo=0.0, hi=interval_ns / 1e9)
    highs_ns = [hi_ns for _, hi_ns in lasted if hi_ns is not None]
    lo_ns = sum(lo_ns for lo_ns, _ in lasted)
    return Interval(lo=lo_ns / 1e9, hi=sum(highs_ns) / 1e9 if len(highs_ns) == len(lasted) else None)


def longest(mine: Sequence[Outage], interval_ns: int, window: Window = WHOLE_RUN) -> Interval:
    """The longest of outages in seconds; ``hi`` None: one had not ended, so it may be the longest."""
    lasted = _lasted_ns(mine, window)
    if not lasted:
        return Interval(lo=0.0, hi=interval_ns / 1e9)
    highs_ns = [hi_ns for _, hi_ns in lasted if hi_ns is not None]
    lo_s = max(lo_ns for lo_ns, _ in lasted) / 1e9
    return Interval(lo=lo_s, hi=max(highs_ns) / 1e9 if len(highs_ns) == len(lasted) else None)


def within(window: Window, mine: Sequence[Outage]) -> tuple[Outage, ...]:
    """The outages of which something lies in the window."""
    return tuple(o for o in mine if window.touches(o.begin_ns, max(_over_ns(o), o.begin_ns + 1)))


def _over_ns(outage: Outage) -> int:
    return NEVER_NS if outage.over_ns is None else outage.over_ns


def _lasted_ns(mine: Sequence[Outage], window: Window) -> list[tuple[int, int | None]]:
    """How long each outage lasted in the window, at least and at most; None: it may go on after the run."""
    lasted: list[tuple[int, int | None]] = []
    for outage in within(window, mine):
        over_ns = _over_ns(outage)
        open_ended = over_ns == NEVER_NS and window.last_ns == NEVER_NS
        least_ns = min(max(outage.end_lo_ns, outage.begin_ns), over_ns)
        lo_ns = window.overlap_ns(outage.begin_ns, least_ns)
        lasted.append((lo_ns, None if open_ended else window.overlap_ns(outage.begin_ns, over_ns)))
    return lasted
