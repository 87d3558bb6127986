"""A delay that varies: every tick the next of the values that the plan has drawn, round and round."""

from collections.abc import Callable, Sequence
from itertools import cycle
from threading import Event as Flag
from threading import Lock, Thread

from chaoskit.clock import NS
from chaoskit.faults.ground import Ground
from chaoskit.model.event import Event, Name
from chaoskit.planning.schedule import JITTER_TICK_NS
from chaoskit.protocols import Span


class Jitter:
    """Replaces what a step asks of the WAN, in a thread of its own, from ``start`` to ``stop``.

    While a proof is taken the delay stays as it is; the draws go on.

    Args:
        draws_ns: What is added more or less, by tick; empty: nothing ever varies.
        slow: Asks the WAN for so much more than planned.
    """

    def __init__(self, step: str, draws_ns: Sequence[int], slow: Callable[[int], Span], ground: Ground) -> None:
        self._step, self._draws_ns, self._slow, self._ground = step, tuple(draws_ns), slow, ground
        self._lock, self._stopped = Lock(), Flag()

    def start(self) -> None:
        """Begin to vary; not if it has been stopped."""
        if self._draws_ns:
            Thread(target=self._run, name=f"jitter {self._step}", daemon=True).start()

    def stop(self) -> None:
        """Ask nothing more of the WAN after this; idempotent."""
        with self._lock:
            self._stopped.set()

    def _run(self) -> None:
        for more_ns in cycle(self._draws_ns):
            if self._stopped.wait(JITTER_TICK_NS / NS):
                return
            if self._ground.claims.stillness.kept:
                continue
            try:
                self._vary(more_ns)
            except Exception as error:  # noqa: BLE001 - a delay that has stopped varying must not go unheard
                detail = {"what": f"the jitter of {self._step}", "why": f"{type(error).__name__}: {error}"}
                now_ns = self._ground.clock.now_ns()
                self._ground.emit(Event(t_ns=now_ns, event=Name.BROKEN, step=self._step, detail=detail))
                return

    def _vary(self, more_ns: int) -> None:
        with self._lock:
            if not self._stopped.is_set():
                self._slow(more_ns)
