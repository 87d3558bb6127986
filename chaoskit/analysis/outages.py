"""Outages: when a region's clients could not read or write (docs/definitions.md, Availability)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from chaoskit.analysis.absence import NOBODY, Absences, present, segments
from chaoskit.analysis.cause import NO_CAUSE, Cause, cause_of
from chaoskit.analysis.failover import Failover
from chaoskit.analysis.probes import ProbeStream

RECOVERED_AFTER = 5
"""Successes in a row that end an outage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One outage of one probe stream. Instants in run ns.

    Attributes:
        begin_ns: Scheduled instant of the first failed probe.
        end_lo_ns: Invocation of the last failed probe: it had not ended yet.
        end_hi_ns: Return of the first of five successes in a row: it had ended; None: not by the end of the run.
        failed_probes: Failed probes in it, hollow ones included.
        hollow: Of these, writes that were acknowledged and did not survive.
        lost_ns: When its clients were lost before it had ended, so nobody knows its end; None: they were not.
    """

    region: str
    operation: str
    connection: str
    begin_ns: int
    end_lo_ns: int
    end_hi_ns: int | None
    failed_probes: int
    hollow: int = 0
    cause: Cause = NO_CAUSE
    lost_ns: int | None = None

    @property
    def over_ns(self) -> int | None:
        """When it was over, or when its clients were; None: neither, by the end of the run."""
        return self.lost_ns if self.end_hi_ns is None else self.end_hi_ns

    @property
    def ended(self) -> bool:
        """Whether the stream recovered."""
        return self.end_hi_ns is not None

    @property
    def lasted_lo_ns(self) -> int:
        """How long it lasted at least."""
        return max(0, self.end_lo_ns - self.begin_ns)


def outages(
    stream: ProbeStream, known: Sequence[Cause] = (), absent: Absences = NOBODY, failed_over: Sequence[Failover] = ()
) -> tuple[Outage, ...]:
    """Find the outages of a stream, in order, each with its cause; the absence of its clients is none."""
    return tuple(
        outage
        for part, lost_ns in segments(present(stream, absent), absent)
        for outage in _outages(part, known, lost_ns, failed_over)
    )


def _outages(
    stream: ProbeStream, known: Sequence[Cause], lost_ns: int | None, failed_over: Sequence[Failover]
) -> list[Outage]:
    failed = np.flatnonzero(~stream.ok)
    if not len(failed):
        return []
    # Fewer than five successes between two failures: still the same outage.
    breaks = np.flatnonzero(np.diff(failed) > RECOVERED_AFTER) + 1
    return [_outage(stream, group, known, lost_ns, failed_over) for group in np.split(failed, breaks)]


def _outage(
    stream: ProbeStream,
    failed: "np.ndarray[tuple[int], np.dtype[np.intp]]",
    known: Sequence[Cause],
    lost_ns: int | None,
    failed_over: Sequence[Failover],
) -> Outage:
    first, last = int(failed[0]), int(failed[-1])
    end_lo_ns = int(stream.invoked_ns[last])
    end_hi_ns = None
    if last + RECOVERED_AFTER < len(stream):
        end_hi_ns = int(stream.returned_ns[last + 1])
        end_lo_ns = min(end_lo_ns, end_hi_ns)  # a probe that was sent late does not empty the interval
    return Outage(
        region=stream.region,
        operation=stream.operation,
        connection=stream.connection,
        begin_ns=int(stream.scheduled_ns[first]),
        end_lo_ns=end_lo_ns,
        end_hi_ns=end_hi_ns,
        failed_probes=len(failed),
        hollow=int(stream.hollow[failed].sum()),
        lost_ns=lost_ns if end_hi_ns is None else None,
        cause=cause_of(
            int(stream.invoked_ns[first]),
            int(stream.ends_ns[first]),
            known,
            sound_ns=int(stream.invoked_ns[first - 1]) if first else None,
            region=stream.region,
            found=failed_over,
        ),
    )


def of_stream(stream: ProbeStream, found: Iterable[Outage]) -> tuple[Outage, ...]:
    """Pick the outages of one stream."""
    lane = (stream.region, stream.operation, stream.connection)
    return tuple(o for o in found if (o.region, o.operation, o.connection) == lane)
