"""The one clock: CLOCK_MONOTONIC since the run's epoch, and waits that have a deadline and a reason."""

import time
from collections.abc import Callable

from chaoskit.errors import StackError
from chaoskit.protocols import Clock

NS = 1_000_000_000


class MonotonicClock:
    """CLOCK_MONOTONIC since ``epoch_monotonic_ns``; the same in every process of a host.

    Args:
        epoch_monotonic_ns: The run's epoch; now, where it is left out.
    """

    def __init__(self, epoch_monotonic_ns: int | None = None) -> None:
        self.epoch_monotonic_ns = time.monotonic_ns() if epoch_monotonic_ns is None else epoch_monotonic_ns

    def now_ns(self) -> int:
        """CLOCK_MONOTONIC since the run's epoch."""
        return time.monotonic_ns() - self.epoch_monotonic_ns

    def sleep(self, seconds: float) -> None:
        """Wait that long."""
        if seconds > 0:
            time.sleep(seconds)

    def epoch_wall_ns(self) -> int:
        """Wall time of the run's epoch, by the clocks' offset now: for metadata and server timestamps."""
        return time.time_ns() - self.now_ns()


def wait_for(
    probe: Callable[[], str | None], *, clock: Clock, timeout_s: float, what: str, fix: str = "", every_s: float = 0.02
) -> None:
    """Wait until ``probe`` returns None; until then it returns the reason why not yet.

    Raises:
        StackError: The reason still held when the deadline passed.
    """
    deadline_ns = clock.now_ns() + round(timeout_s * NS)
    while (why := probe()) is not None:
        if clock.now_ns() >= deadline_ns:
            raise StackError(f"{what} after {timeout_s:g} s", why=why, fix=fix)
        clock.sleep(every_s)
