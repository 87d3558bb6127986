"""How long until a region's clients could read and write again after a fault (docs/definitions.md, Availability)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.analysis.absence import NOBODY, Absences
from chaoskit.analysis.cause import ONSET, Cause
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.outages import Outage, of_stream
from chaoskit.analysis.probes import ProbeStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """The recovery time of one stream after one cause.

    Attributes:
        lo_ns: It took at least this long; None where excluded, overtaken or unseen. Where censored, what was lost when
            the run ended.
        hi_ns: It took at most this long; None where excluded, overtaken, unseen or censored, and where the clients were
            lost before they had recovered.
        censored: Not recovered at the end of the run: misses every target, and is never a number.
        excluded: The region's own clients were lost with it; nobody was left there to recover.
        overtaken: The step that caused an outage which was underway at this onset, or which began before anything that
            was sent afterwards had succeeded: one outage cannot tell two recoveries apart. Empty: there was none.
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

    @property
    def unseen(self) -> bool:
        """Whether nothing at all was sent after the cause, so that nobody saw whether the stream was out."""
        return self.lo_ns is None and not self.excluded and not self.overtaken


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
                rows.append(_unhurt(cause, stream, mine, absent))
    return tuple(rows)


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


def _unhurt(cause: Cause, stream: ProbeStream, mine: Sequence[Outage], absent: Absences) -> Recovery:
    """The row of a stream in which an onset caused no outage: nothing to recover from, if it was seen to work."""
    sound_ns = _sound_ns(cause, stream)
    there = not absent.at(stream.region, cause.first_ns)
    overtaking = _overtaking(cause, mine, sound_ns) if there else None
    excluded = overtaking is None and absent.absent_ns(stream.region, cause.first_ns, sound_ns) > 0
    told = overtaking is None and not excluded and sound_ns != NEVER_NS
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
        overtaken=overtaking.cause.step if overtaking else "",
    )


def _sound_ns(cause: Cause, stream: ProbeStream) -> int:
    """When the first success was sent after an onset; NEVER_NS: none was."""
    sent_ns = stream.invoked_ns[stream.ok & (stream.invoked_ns > cause.last_ns)]
    return int(sent_ns[0]) if len(sent_ns) else NEVER_NS


def _overtaking(cause: Cause, mine: Sequence[Outage], sound_ns: int) -> Outage | None:
    """The outage of another cause that was under way at an onset, or began before anything had worked after it."""
    for outage in mine:
        if outage.begin_ns < sound_ns and (outage.over_ns is None or outage.over_ns >= cause.first_ns):
            return outage
    return None
