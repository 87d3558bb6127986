"""The prober of one region: ``python -m chaoskit.load.probes``. One thread, one selector, neither gevent nor Locust."""

import gc
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from chaoskit.clock import NS, MonotonicClock
from chaoskit.load.attempt import Who
from chaoskit.load.ending import CLIENT_LOST, TIMEOUT, unknown
from chaoskit.load.established import Established
from chaoskit.load.fresh import Fresh
from chaoskit.load.grid import Grid
from chaoskit.load.lane import LaneLog
from chaoskit.load.orders import Lane, Lines, Orders, ProbeOrders, encode
from chaoskit.load.recorder import FLUSH_NS, Recorder
from chaoskit.load.watch import Watch
from chaoskit.model.history import Connection
from chaoskit.protocols import Clock, Target

IDLE_NS = NS
NICENESS = -10


class Prober:
    """Fires the lanes of a region on their grids until it is told to stop.

    Args:
        orders: With ``probes`` set.
        lines: What has been read of stdin after the orders.
        stdin: File descriptor of further words; its end means that the harness is gone.
        stdout: File descriptor for words back.
    """

    def __init__(self, orders: Orders, lines: Lines, *, clock: Clock, stdin: int, stdout: int) -> None:
        assert orders.probes is not None
        self._clock, self._lines, self._stdin, self._stdout = clock, lines, stdin, stdout
        self._recorder = Recorder(Path(orders.stream))
        self._watch = Watch()
        self._lanes = [
            (Grid(lane.interval_ns, lane.phase_ns), self._lane(lane, orders, orders.probes))
            for lane in orders.probes.lanes
        ]
        self._flush_ns = 0
        self._said_ready = self._stopping = self._done = False
        self._watch.file(stdin, self._hear)

    def run(self) -> None:
        """Serve until stopped or lost; the stream is complete on return."""
        while not self._done:
            now_ns = self._clock.now_ns()
            for grid, lane in self._lanes:
                lane.turn(now_ns)
                for scheduled_ns in grid.due(now_ns):
                    lane.fire(scheduled_ns)
            self._pulse(now_ns)
            if not self._done:
                self._watch.wait(self._left_s())

    def _lane(self, lane: Lane, orders: Orders, probes: ProbeOrders) -> Established | Fresh:
        who = Who(client=orders.client, region=orders.region, host=socket.gethostname())
        target: Target = orders.write if lane.operation == "write" else orders.read
        log = LaneLog(lane, who, self._recorder, keys=probes.keys, timeout_ns=orders.timeout_ns)
        if lane.connection == Connection.FRESH:
            return Fresh(log, target.conninfo(), self._watch, self._clock)
        return Established(log, target.conninfo(), self._watch, self._clock, pool=probes.pool, warm=probes.warm)

    def _left_s(self) -> float:
        instants = [self._flush_ns]
        for grid, lane in self._lanes:
            instants += [at_ns for at_ns in (grid.next_ns, lane.next_turn_ns()) if at_ns is not None]
        return max(0.0, (min(instants) - self._clock.now_ns()) / NS)

    def _pulse(self, now_ns: int) -> None:
        if self._stopping and not any(lane.log.next_deadline_ns() for _, lane in self._lanes):
            self._drain(TIMEOUT, "stopped")
        elif now_ns >= self._flush_ns:
            self._flush_ns = now_ns + FLUSH_NS
            self._recorder.flush()
            self._report()

    def _report(self) -> None:
        if not self._said_ready:
            waiting = [lane.why() for _, lane in self._lanes if not lane.ready()]
            self._said_ready = not waiting
            if waiting:
                self._say("waiting", why=waiting[0])
            else:
                gc.freeze()  # what lives until the end need not be walked by the collector
                self._say("ready")
        ticks = {lane.log.lane.name: found for _, lane in self._lanes if (found := lane.log.take_ticks())}
        if ticks:
            self._say("tick", lanes=ticks)

    def _hear(self) -> None:
        received = os.read(self._stdin, 65536)
        if not received:
            self._drain(CLIENT_LOST, "drained")
        for message in self._lines.feed(received):
            self.obey(message)

    def obey(self, message: dict[str, Any]) -> None:
        """Do as the driver says."""
        match message["word"]:
            case "begin":
                now_ns = self._clock.now_ns()
                for grid, _ in self._lanes:
                    grid.begin(message["at_ns"], now_ns)
            case "stop":
                self._stopping = True
                for grid, _ in self._lanes:
                    grid.end()
            case "lose":
                self._drain(CLIENT_LOST, "drained")

    def _drain(self, why: str, word: str) -> None:
        """Record what is pending as unknown, end the stream, and say so. No socket is closed."""
        if self._done:
            return
        for _, lane in self._lanes:
            for flight in lane.log.pending():
                lane.log.over(flight, flight.heard or unknown(TIMEOUT if flight.ticked else why))
        self._recorder.close()
        self._report()
        self._done = True
        self._say(word)

    def _say(self, word: str, **content: Any) -> None:
        try:
            os.write(self._stdout, encode(word, **content))
        except BrokenPipeError:
            self._stopping = True  # nobody listens any more; stdin's end says the same


def main() -> None:
    """Read the orders from stdin, then serve."""
    with suppress(PermissionError):  # the instrument goes first, where it may: a late probe measures this machine
        os.nice(NICENESS)
    stdin = sys.stdin.fileno()
    lines = Lines()
    received: list[dict[str, Any]] = []
    while not received:
        chunk = os.read(stdin, 65536)
        if not chunk:
            return
        received = lines.feed(chunk)
    orders = Orders.from_json(received[0])
    clock = MonotonicClock(orders.epoch_monotonic_ns)
    prober = Prober(orders, lines, clock=clock, stdin=stdin, stdout=sys.stdout.fileno())
    for message in received[1:]:
        prober.obey(message)
    prober.run()
    _linger(stdin)


def _linger(stdin: int) -> None:
    """Keep the sockets open until the harness freezes or ends this process: a lost client closes nothing."""
    while os.read(stdin, 65536):
        pass


if __name__ == "__main__":
    main()
