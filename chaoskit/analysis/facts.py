"""All that was measured in a run, and the figures that an objective finds in it."""

from dataclasses import dataclass, field

import pandas as pd

from chaoskit.analysis.absence import NOBODY, Absences
from chaoskit.analysis.cause import Cause
from chaoskit.analysis.columns import NEVER_NS, Bools
from chaoskit.analysis.downtime import Downtime
from chaoskit.analysis.evidence import Evidence
from chaoskit.analysis.failback import Failback
from chaoskit.analysis.outages import Outage
from chaoskit.analysis.probes import OPERATIONS, ProbeStream
from chaoskit.analysis.promotion import Promotion
from chaoskit.analysis.rpo import Rpo
from chaoskit.analysis.rto import Recovery
from chaoskit.analysis.waterfall import Waterfall
from chaoskit.analysis.window import WHOLE_RUN, Course, Window
from chaoskit.model.history import HISTORY_COLUMNS
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One figure, in the objective's unit.

    Attributes:
        where: Of what: ``eu-west write established``; empty: of the whole run.
        single: It is the one figure of the run, wherever it was observed.
        censored: It had not ended when the run did: misses every maximum.
        resolution_s: The probe interval, where a target must be at least five of it.
        untold: Why it cannot be told, though others of the same measure can; empty: it can.
    """

    where: str
    interval: Interval
    single: bool = False
    censored: bool = False
    resolution_s: float | None = None
    untold: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The figures of one objective; each must hold.

    Attributes:
        values: None of them: nothing was checked, ``unknown`` says why.
        witnessed: Counted from witnesses: a maximum that they miss is missed, whatever the doubt.
        unknown: Why it cannot be told.
    """

    values: tuple[Value, ...] = ()
    witnessed: bool = False
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """All that was measured in a run.

    Attributes:
        streams: Probes of clients that were there; those of lost ones are left out.
        history: Every operation.
        hollow: Shape (rows of history,): writes that were acknowledged in vain.
        wan_bytes: What crossed region boundaries; None: not measured.
    """

    streams: tuple[ProbeStream, ...]
    outages: tuple[Outage, ...]
    recoveries: tuple[Recovery, ...]
    downtimes: tuple[Downtime, ...]
    waterfalls: tuple[Waterfall, ...]
    evidence: Evidence
    rpo: Rpo
    hollow: Bools
    absent: Absences = NOBODY
    course: Course = field(default_factory=Course)
    causes: tuple[Cause, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    failbacks: tuple[Failback, ...] = ()
    history: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(HISTORY_COLUMNS)))
    wan_bytes: int | None = None

    def left_out(self, region: str, window: Window) -> bool:
        """Whether the region's clients were lost for good in that part of the run."""
        lost_ns = self.absent.lost_ns(region)
        return lost_ns is not None and window.last_ns > lost_ns

    def peopled(self, region: str, window: Window) -> bool:
        """Whether the region had clients at any time of that part of the run."""
        return any(self.absent.absent_ns(region, *span) < span[1] - span[0] for span in window.spans)

    def warm(self, window: Window) -> Window:
        """The same without the warm-up, whose operations are in the history, too."""
        return Window(spans=((self.course.t0_ns, NEVER_NS),)) if window is WHOLE_RUN else window


def exactly(value: float) -> Interval:
    """A figure that is known."""
    return Interval(lo=value, hi=value)


def single(value: float, where: str = "") -> tuple[Value, ...]:
    """The one figure of the run."""
    return (Value(where=where, interval=exactly(value), single=True),)


def matches(objective: Objective, lane: ProbeStream | Outage | Recovery | Downtime) -> bool:
    """Whether a stream's figures are in the objective's scope (a probe's kind names its operation)."""
    operation = OPERATIONS.get(objective.operation or "", objective.operation)
    wanted = ((objective.region, lane.region), (operation, lane.operation), (objective.connection, lane.connection))
    return all(scope is None or scope == actual for scope, actual in wanted)


def lane_name(lane: ProbeStream | Outage | Recovery | Downtime) -> str:
    """``eu-west write established``."""
    return f"{lane.region} {lane.operation} {lane.connection}"
