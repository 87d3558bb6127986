"""How long the WAN takes to answer a request that crosses no link: what is slow then is this machine, and no fault."""

import json
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from chaoskit.protocols import Clock, Wan

EVERY_S = 0.1
TIMEOUT_S = 1.0


class Pulse:
    """Asks ten times a second, in a thread of its own; one line each in ``pulse.ndjson``.

    It runs at the rank of users, servers and WAN: the prober goes before them, and does not notice what they wait for.
    """

    def __init__(self, path: Path, wan: Wan, clock: Clock) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._wan, self._clock = wan, clock
        self._stopped = Flag()
        self._thread = Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin asking; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more, and close the file; idempotent."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._file.close()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_S):
            t_ns, took_s = self._clock.now_ns(), self._wan.pulse(TIMEOUT_S)
            row = {"t_ns": t_ns, "took_s": TIMEOUT_S if took_s is None else round(took_s, 6)}
            self._file.write(json.dumps(row) + "\n")
