"""Tells whoever watches a run how it goes."""

from collections.abc import Sequence

from chaoskit.clock import NS
from chaoskit.engine.agenda import Due
from chaoskit.engine.events import EventLog
from chaoskit.engine.lag import LagWatch
from chaoskit.engine.progress import WINDOW_NS, Progress, Watch, shares, told
from chaoskit.model.plan import Plan, PlannedStep
from chaoskit.protocols import Clock, FailoverManager, LoadDriver

TOLD_EVENTS = 50


class Dashboard:
    """Everything worth watching, in one place.

    Args:
        watches: Told everything, each in its turn.

    Attributes:
        t0_ns: When the steady state was confirmed, in run ns; None until it is.
    """

    def __init__(self, plan: Plan, watches: Sequence[Watch], events: EventLog, clock: Clock) -> None:
        self._plan, self._watches, self._events, self._clock = plan, watches, events, clock
        self.t0_ns: int | None = None

    def phase(self, phase: str) -> None:
        """Say what is being done, where nothing else is known."""
        self._tell(Progress(phase=phase))

    def steadying(self, load: LoadDriver, manager: FailoverManager) -> None:
        """Say how the warm-up goes."""
        self._tell(self._progress("waiting for a steady state", load, manager))

    def playing(
        self,
        load: LoadDriver,
        manager: FailoverManager,
        lag: LagWatch,
        *,
        standing: Sequence[PlannedStep],
        due: Due | None,
        left_s: float,
    ) -> None:
        """Say how the timeline goes; ``due`` comes next in ``left_s``, None: the end."""
        names = tuple(step.name for step in standing)
        upcoming = (due.words if due is not None else "the audit", left_s)
        self._tell(self._progress(", ".join(names) or "healthy", load, manager, lag, names, upcoming))

    def _tell(self, progress: Progress) -> None:
        for watch in self._watches:
            watch(progress)

    def _progress(
        self,
        phase: str,
        load: LoadDriver,
        manager: FailoverManager,
        lag: LagWatch | None = None,
        standing: tuple[str, ...] = (),
        upcoming: tuple[str, float | None] | None = None,
    ) -> Progress:
        now_ns = self._clock.now_ns()
        probed = load.availability(now_ns - WINDOW_NS, now_ns)
        return Progress(
            phase=phase,
            t_s=None if self.t0_ns is None else (now_ns - self.t0_ns) / NS,
            end_s=self._plan.duration_ns / NS,
            upcoming=upcoming,
            availability=shares(probed),
            probed=probed,
            tallies=load.tallies(),
            operations=load.operations(),
            latency_ms=load.latency_ms(now_ns - WINDOW_NS, now_ns),
            primary=manager.primary(),
            standing=standing,
            lag_bytes={} if lag is None else lag.bytes_behind(),
            events=self._told(),
        )

    def _told(self) -> tuple[str, ...]:
        if self.t0_ns is None:
            return ()
        lines = (told(event, self.t0_ns) for event in self._events.seen if event.t_ns >= self.t0_ns)
        return tuple(line for line in lines if line is not None)[-TOLD_EVENTS:]
