"""How long until a region's clients could read and write again after a fault (DESIGN §6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.analysis.absence import NOBODY, Absences
from chaoskit.analysis.cause import ONSET, Cause
from chaoskit.analysis.outages import Outage, of_stream
from chaoskit.analysis.probes import ProbeStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """The recovery time of one stream after one cause.

    Attributes:
        lo_ns: It took at least this long; None where excluded or overtaken. Where censored, what was lost when the run
            ended.
        hi_ns: It took at most this long; None where excluded, overtaken or censored, and where the clients were lost
            before they had recovered.
        censored: Not recovered at the end of the run: misses every target, and is never a number.
        excluded: The region's own clients were lost with it; nobody was left there to recover.
        overtaken: The step that had caused the outage which was underway at this onset: one outage cannot tell two
            recoveries apart. Empty: none was.
        interval_ns: Probe interval of the stream: what it cannot see is shorter than this.
        hit: The cause made an outage here at all.
    """

    step: str
    cause: str
    region: str
    operation: str
    connection: str
    lo_ns: int | None
    hi_ns: int | None
    interval_ns: int
    hit: bool = True
    censored: bool = False
    excluded: bool = False
    overtaken: str = ""


def recoveries(
    streams: Sequence[ProbeStream], found: Sequence[Outage], known: Sequence[Cause], absent: Absences = NOBODY
) -> tuple[Recovery, ...]:
    """One row per onset and stream; per heal or failback and stream only where it caused an outage.

    Args:
        streams: Every probe stream.
        found: Every outage with its cause.
        known: Every cause by ``first_ns``.
        absent: When the clients of a region were lost.
    """
    rows = []
    for cause in known:
        for stream in streams:
            mine = of_stream(stream, found)
            caused = [outage for outage in mine if outage.cause == cause]
            if caused:
                rows.append(_recovery(cause, stream, caused[-1]))
            elif cause.event == ONSET:
                excluded = absent.at(stream.region, cause.first_ns)
                rows.append(_unhurt(cause, stream, excluded, _underway(cause, mine)))
    return tuple(rows)


def _underway(cause: Cause, mine: Sequence[Outage]) -> Outage | None:
    """The outage that the onset met, which it did not cause."""
    for outage in mine:
        if outage.begin_ns < cause.first_ns and (outage.over_ns is None or outage.over_ns >= cause.first_ns):
            return outage
    return None


def _recovery(cause: Cause, stream: ProbeStream, last: Outage) -> Recovery:
    excluded = last.lost_ns == cause.first_ns
    lo_ns = max(0, last.end_lo_ns - cause.last_ns)
    hi_ns = None if last.end_hi_ns is None else max(lo_ns, last.end_hi_ns - cause.first_ns)
    return Recovery(
        step=cause.step,
        cause=cause.event,
        region=stream.region,
        operation=stream.operation,
        connection=stream.connection,
        lo_ns=None if excluded else lo_ns,
        hi_ns=hi_ns,
        interval_ns=stream.interval_ns,
        censored=last.over_ns is None,
        excluded=excluded,
    )


def _unhurt(cause: Cause, stream: ProbeStream, excluded: bool, underway: Outage | None) -> Recovery:
    """The row of a stream that an onset left as it was: nothing to recover from, unless it was out or absent."""
    told = not excluded and underway is None
    return Recovery(
        step=cause.step,
        cause=cause.event,
        region=stream.region,
        operation=stream.operation,
        connection=stream.connection,
        lo_ns=0 if told else None,
        hi_ns=stream.interval_ns if told else None,
        interval_ns=stream.interval_ns,
        hit=False,
        excluded=excluded,
        overtaken="" if excluded or underway is None else underway.cause.step,
    )
