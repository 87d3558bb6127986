"""Downtime and availability of each probe stream (DESIGN §6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.analysis.outages import Outage, of_stream
from chaoskit.analysis.probes import ProbeStream
from chaoskit.model.interval import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """What one stream lost in the whole run.

    Attributes:
        total_s: Sum of its outages in seconds; no outage: 0 to one probe interval. ``hi`` None: one had not ended.
        observed_s: The sum as far as the run saw it: outages that had not ended count up to the end of the load.
        scheduled: Probes on the grid.
        ok: Of these, successes that survived.
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
    streams: Sequence[ProbeStream], found: Sequence[Outage], *, end_ns: int, lost: Sequence[str]
) -> tuple[Downtime, ...]:
    """One row per stream. ``end_ns`` is the end of the load, ``lost`` are regions whose clients were lost."""
    return tuple(_downtime(stream, of_stream(stream, found), end_ns, stream.region in lost) for stream in streams)


def _downtime(stream: ProbeStream, mine: Sequence[Outage], end_ns: int, excluded: bool) -> Downtime:
    observed_ns = sum(max(0, (end_ns if o.end_hi_ns is None else o.end_hi_ns) - o.begin_ns) for o in mine)
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


def summed(mine: Sequence[Outage], interval_ns: int) -> Interval:
    """Sum of outages of one stream in seconds."""
    if not mine:
        return Interval(lo=0.0, hi=interval_ns / 1e9)
    lo_ns = sum(outage.lasted_lo_ns for outage in mine)
    highs_ns = [outage.end_hi_ns - outage.begin_ns for outage in mine if outage.end_hi_ns is not None]
    return Interval(lo=lo_ns / 1e9, hi=sum(highs_ns) / 1e9 if len(highs_ns) == len(mine) else None)


def longest(mine: Sequence[Outage], interval_ns: int) -> Interval:
    """The longest of outages in seconds; ``hi`` None: one had not ended, so it may be the longest."""
    if not mine:
        return Interval(lo=0.0, hi=interval_ns / 1e9)
    highs_ns = [outage.end_hi_ns - outage.begin_ns for outage in mine if outage.end_hi_ns is not None]
    lo_s = max(outage.lasted_lo_ns for outage in mine) / 1e9
    return Interval(lo=lo_s, hi=max(highs_ns) / 1e9 if len(highs_ns) == len(mine) else None)
