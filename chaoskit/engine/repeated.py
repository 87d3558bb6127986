"""Something that is done again and again beside a run."""

from collections.abc import Callable
from threading import Event as Flag
from threading import Thread


class Repeated:
    """Does ``act`` every ``every_s`` in a thread of its own, which is called ``name``."""

    def __init__(self, name: str, act: Callable[[], None], *, every_s: float) -> None:
        self._act, self._every_s = act, every_s
        self._stopped = Flag()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Return when it is over; idempotent."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._every_s):
            self._act()
