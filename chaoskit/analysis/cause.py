"""Which fault, heal or failback an outage belongs to (docs/definitions.md, Availability)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.analysis.failback import FOLLOWS, Failback
from chaoskit.analysis.failover import Failover
from chaoskit.analysis.faults import FaultRecord

ONSET, HEAL, FAILBACK = "onset", "heal", "failback"
NO_STEP = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Something that the run did to itself.

    Attributes:
        step: The step's name; "none" for an outage that nothing caused.
        event: ``onset``, ``heal``, ``failback`` or ``none``.
        first_ns: When it began.
        last_ns: When it was complete on every link.
    """

    step: str
    event: str
    first_ns: int
    last_ns: int


NO_CAUSE = Cause(step=NO_STEP, event="none", first_ns=0, last_ns=0)


def causes(faults: Sequence[FaultRecord], rebuilt: Sequence[Failback] = ()) -> tuple[Cause, ...]:
    """Every onset, heal and failback, by the instant at which it began.

    Heals after the load (the audit's) cause nothing. A failback strikes when the deposed primary is stopped, when its
    rebuild begins, and when it is back; one that is part of an action belongs to the action.
    """
    found = []
    for fault in faults:
        found.append(Cause(step=fault.step, event=ONSET, first_ns=fault.onset_first_ns, last_ns=fault.onset_last_ns))
        if fault.heal_first_ns is not None and fault.healed_ns is not None and fault.healed_on_time:
            found.append(Cause(step=fault.step, event=HEAL, first_ns=fault.heal_first_ns, last_ns=fault.healed_ns))
    for one in rebuilt:
        if one.how != FOLLOWS:
            found += [
                Cause(step=one.step or NO_STEP, event=FAILBACK, first_ns=t_ns, last_ns=t_ns)
                for t_ns in _strikes_ns(one)
            ]
    return tuple(sorted(found, key=lambda cause: cause.first_ns))


def _strikes_ns(one: Failback) -> list[int]:
    begun_ns = None if one.done_ns is None or one.took_ns is None else max(one.deposed_ns, one.done_ns - one.took_ns)
    return [t_ns for t_ns in (one.stopped_ns, begun_ns, one.done_ns) if t_ns is not None]


def cause_of(
    invoked_ns: int,
    end_ns: int,
    known: Sequence[Cause],
    *,
    sound_ns: int | None = None,
    region: str = "",
    found: Sequence[Failover] = (),
) -> Cause:
    """Find the cause of an outage whose first failed probe was in flight in ``[invoked_ns, end_ns]``.

    The earliest cause within that span; else the onset that provoked the failover which was under way then; else the
    latest cause before it; else NO_CAUSE. Where that is a heal, but no probe was sent and succeeded under the fault it
    ended, the stream was broken by the onset already (a fault shorter than the probes' timeout): then it is the onset.

    Args:
        invoked_ns: Invocation of the first failed probe.
        end_ns: Its answer or deadline.
        known: Every cause, ascending by ``first_ns``.
        sound_ns: Invocation of the successful probe before it; None: there is none.
        region: Whose outage it is.
        found: Every failover.
    """
    struck = [cause for cause in known if invoked_ns <= cause.first_ns <= end_ns]
    before = [cause for cause in known if cause.first_ns < invoked_ns]
    if struck and struck[0].event == HEAL:
        onsets = [c for c in before if c.event == ONSET and c.step == struck[0].step]
        if onsets and (sound_ns is None or sound_ns <= onsets[-1].first_ns):
            return onsets[-1]
    under_way = [f.fault.step for f in found if f.fault and f.detected_ns <= end_ns and invoked_ns <= f.over_ns(region)]
    provoking = [c for c in known if c.event == ONSET and c.step in under_way[-1:]]
    return [*struck, *provoking, *before[-1:], NO_CAUSE][0]
