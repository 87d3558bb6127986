"""Health checks on a fixed grid, a fresh connection each; a run of failures is a detection."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event as Flag

from chaoskit.protocols import Clock, Target
from chaoskit.sql import Unanswered, ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """``failures`` checks in a row failed, the first of them begun at ``first_failure_ns``."""

    failures: int
    first_failure_ns: int


class Detector:
    """Checks one node until it seems dead.

    Args:
        every_ns: Distance of two checks; a slow one does not delay the next.
        failures: How many in a row are a detection.
        timeout_ns: When a silent check has failed.
        phase_ns: How long the first check waits; drawn per run, or every run would meet its fault at the same point
            of the grid and repeat one RTO as if it were exact.
    """

    def __init__(self, *, every_ns: int, failures: int, timeout_ns: int, clock: Clock, phase_ns: int = 0) -> None:
        self._every_ns, self._failures, self._timeout_ns, self._clock = every_ns, failures, timeout_ns, clock
        self._phase_ns = phase_ns

    def watch(self, target: Target, stopped: Flag) -> Detection | None:
        """Check ``target`` until it is held for dead; None when stopped before."""
        underway: deque[tuple[int, Future[bool]]] = deque()
        failed: list[int] = []
        due_ns = self._clock.now_ns() + self._phase_ns
        workers = self._timeout_ns // self._every_ns + 2
        pool = ThreadPoolExecutor(workers, thread_name_prefix="health-check")
        try:
            while not stopped.is_set():
                if self._clock.now_ns() >= due_ns:
                    underway.append((due_ns, pool.submit(self._alive, target)))
                    due_ns += self._every_ns
                self._rest(underway, due_ns)
                while underway and underway[0][1].done():
                    began_ns, check = underway.popleft()
                    failed = [] if check.result() else [*failed, began_ns]
                if len(failed) >= self._failures:
                    return Detection(failures=len(failed), first_failure_ns=failed[0])
        finally:
            pool.shutdown(wait=False)  # a check still on its way must not delay what follows a detection
        return None

    def _rest(self, underway: deque[tuple[int, Future[bool]]], due_ns: int) -> None:
        """Until the next check is due or the oldest one is over."""
        left_s = max(due_ns - self._clock.now_ns(), 0) / 1e9
        if underway:
            wait([underway[0][1]], timeout=left_s)
        else:
            self._clock.sleep(left_s)

    def _alive(self, target: Target) -> bool:
        """Whether it answers in time that it is a primary."""
        try:
            reply = ask(target, ["SELECT pg_is_in_recovery()"], clock=self._clock, timeout_s=self._timeout_ns / 1e9)[0]
        except Unanswered:
            return False
        return reply.rows == (("f",),)
