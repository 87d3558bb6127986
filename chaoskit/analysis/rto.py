"""How long until a region's clients could read and write again after a fault (DESIGN §6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaoskit.analysis.cause import ONSET, Cause
from chaoskit.analysis.outages import Outage, of_stream
from chaoskit.analysis.probes import ProbeStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """The recovery time of one stream after one cause.

    Attributes:
        lo_ns: It took at least this long; None where excluded. Where censored, what was lost when the run ended.
        hi_ns: It took at most this long; None where excluded or censored.
        censored: Not recovered at the end of the run: misses every target, and is never a number.
        excluded: The region's own clients were lost; nobody was left there to recover.
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


def recoveries(
    streams: Sequence[ProbeStream], found: Sequence[Outage], known: Sequence[Cause], lost_at_ns: Mapping[str, int]
) -> tuple[Recovery, ...]:
    """One row per onset and stream; per heal and stream only where it caused an outage.

    Args:
        streams: Every probe stream.
        found: Every outage with its cause.
        known: Every cause by ``first_ns``.
        lost_at_ns: When the clients of a region were lost.
    """
    rows = []
    for cause in known:
        for stream in streams:
            caused = [outage for outage in of_stream(stream, found) if outage.cause == cause]
            if caused or cause.event == ONSET:
                rows.append(_recovery(cause, stream, caused[-1] if caused else None, lost_at_ns.get(stream.region)))
    return tuple(rows)


def overtaken(found: Sequence[Outage], known: Sequence[Cause]) -> tuple[str, ...]:
    """Doubts about onsets that struck a stream which was out already: one outage cannot tell two recoveries apart."""
    return tuple(
        f"{o.region} {o.operation} {o.connection} was out already when {cause.step} struck, so the recovery from"
        f" {cause.step} cannot be told."
        for cause in known
        for o in found
        if cause.event == ONSET
        and o.cause != cause
        and o.begin_ns < cause.first_ns
        and (o.end_hi_ns is None or o.end_hi_ns >= cause.first_ns)
    )


def _recovery(cause: Cause, stream: ProbeStream, last: Outage | None, lost_ns: int | None) -> Recovery:
    lo_ns: int | None = 0
    hi_ns: int | None = stream.interval_ns
    if last is not None:
        lo_ns = max(0, last.end_lo_ns - cause.last_ns)
        hi_ns = None if last.end_hi_ns is None else max(lo_ns, last.end_hi_ns - cause.first_ns)
    excluded = lost_ns is not None and (lost_ns <= cause.first_ns or hi_ns is None)
    return Recovery(
        step=cause.step,
        cause=cause.event,
        region=stream.region,
        operation=stream.operation,
        connection=stream.connection,
        lo_ns=None if excluded else lo_ns,
        hi_ns=None if excluded else hi_ns,
        interval_ns=stream.interval_ns,
        hit=last is not None,
        censored=hi_ns is None and not excluded,
        excluded=excluded,
    )
