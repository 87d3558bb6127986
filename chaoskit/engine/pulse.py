"""How long the WAN takes to answer a request that crosses no link: what is slow then is this machine, and no fault."""

import json
from pathlib import Path

from chaoskit.engine.repeated import Repeated
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
        self._repeated = Repeated("pulse", self._ask, every_s=EVERY_S)

    def start(self) -> None:
        """Begin asking; returns at once."""
        self._repeated.start()

    def stop(self) -> None:
        """Ask no more, and close the file; idempotent."""
        self._repeated.stop()
        self._file.close()

    def _ask(self) -> None:
        t_ns, took_s = self._clock.now_ns(), self._wan.pulse(TIMEOUT_S)
        row = {"t_ns": t_ns, "took_s": TIMEOUT_S if took_s is None else round(took_s, 6)}
        self._file.write(json.dumps(row) + "\n")
