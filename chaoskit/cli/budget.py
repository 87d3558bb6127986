"""``--budget``: no trial is begun that would not be over in time, and none is left out silently."""

from chaoskit.errors import Exit, UsageError
from chaoskit.protocols import Clock
from chaoskit.scenario_file.values import duration_ns, duration_text
from chaoskit.session.outcomes import Outcome
from chaoskit.session.trials import Trial

AROUND_NS = 20_000_000_000
"""What a run takes beyond its own duration, until one was seen: start, steady state, audit."""


class Budget:
    """A number of nanoseconds, from the moment this is made."""

    def __init__(self, total_ns: int, clock: Clock) -> None:
        self._total_ns, self._clock, self._began_ns = total_ns, clock, clock.now_ns()
        self._longest_ns: dict[str, int] = {}
        self._since_ns: tuple[str, int] | None = None

    def halt(self, trial: Trial) -> Outcome | None:
        """Why ``trial`` is not begun; None: it is, and the trial before it is over."""
        now_ns, name = self._clock.now_ns(), trial.chosen.scenario.title
        self._learn(now_ns)
        needed_ns = self._longest_ns.get(name, trial.plan.duration_ns + AROUND_NS)
        if now_ns - self._began_ns + needed_ns <= self._total_ns:
            self._since_ns = (name, now_ns)
            return None
        left_ns = max(0, self._total_ns - (now_ns - self._began_ns))
        told = f"not run: it takes {needed_ns / 1e9:.0f} s, and {left_ns / 1e9:.0f} s of the budget are left"
        return Outcome(name=trial.name, exit=Exit.INCONCLUSIVE, told=told)

    def _learn(self, now_ns: int) -> None:
        if self._since_ns is not None:
            name, since_ns = self._since_ns
            self._longest_ns[name] = max(self._longest_ns.get(name, 0), now_ns - since_ns)
            self._since_ns = None


def read_budget(text: str) -> int:
    """Return the nanoseconds of a duration as in scenario files.

    Raises:
        UsageError: It is none.
    """
    try:
        return duration_ns(text)
    except ValueError as error:
        raise UsageError(f"--budget {text}", why=str(error), fix=f"such as {duration_text(5400 * 10**9)}") from error
