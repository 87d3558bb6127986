"""One probe stream: numbers its probes, keeps their deadline, and records how they ended.

An operation and its probe may end at different instants. The *probe* is over at its deadline, ``scheduled_ns`` +
timeout: not acknowledged by then, it is reported as failed. The *operation* is recorded when it is answered, or at the
end: an answer after the deadline is a row with outcome ``ok`` and a late ``returned_ns``, because that is what
happened; whoever computes with probes must count it as failed, as it was reported.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from chaoskit.load.attempt import Attempt, Who, operation
from chaoskit.load.ending import NO_FREE_SLOT, STARTED_TOO_LATE, Ending, never_sent
from chaoskit.load.orders import FAILED, Lane
from chaoskit.load.recorder import Recorder
from chaoskit.model.history import Connection, Kind

Tick = tuple[int, int]  # scheduled_ns, and how long it took from there in ns, or FAILED


@dataclass(slots=True, eq=False)
class Flight:
    """A probe under way.

    Attributes:
        heard: How it ends, known by its first reply while others are awaited.
        ticked: Its probe is over.
        recorded: Its operation is over, too.
    """

    attempt: Attempt
    heard: Ending | None = None
    ticked: bool = False
    recorded: bool = False


class LaneLog:
    """The book of one lane.

    Args:
        keys: Keys over which its writes rotate; reads rotate over the same.
        timeout_ns: Deadline of a probe after its scheduled instant.
    """

    def __init__(self, lane: Lane, who: Who, recorder: Recorder, *, keys: int, timeout_ns: int) -> None:
        self.lane, self.timeout_ns = lane, timeout_ns
        self._who, self._recorder, self._keys = who, recorder, keys
        self._kind = Kind.PROBE_WRITE if lane.operation == "write" else Kind.PROBE_READ
        self._connection = Connection(lane.connection)
        self._count = 0
        self._awaited: deque[Flight] = deque()  # by deadline
        self._held: dict[Flight, None] = {}  # past their deadline, not answered yet
        self._ticks: list[Tick] = []

    def start(self, scheduled_ns: int, now_ns: int) -> Flight | None:
        """Open the next probe; None if its deadline has already passed, which is recorded."""
        flight = Flight(self._attempt(scheduled_ns, now_ns))
        if now_ns >= scheduled_ns + self.timeout_ns:
            self.over(flight, never_sent(STARTED_TOO_LATE, now_ns))
            return None
        self._awaited.append(flight)
        return flight

    def refuse(self, scheduled_ns: int) -> None:
        """Record a probe for which no slot was free: nothing was sent."""
        self.over(Flight(self._attempt(scheduled_ns, scheduled_ns)), never_sent(NO_FREE_SLOT, scheduled_ns))

    def heard(self, flight: Flight, how: Ending) -> None:
        """Report a probe by its first reply, which decides ``how`` its operation ends; the others may come too late."""
        flight.heard = how
        self._tick(flight, self._took_ns(flight, how))

    def over(self, flight: Flight, how: Ending) -> None:
        """Record how an operation ended, and report its probe if its deadline has not done so."""
        if flight.recorded:
            return
        self._tick(flight, self._took_ns(flight, how))
        flight.recorded = True
        self._held.pop(flight, None)
        self._recorder.append(operation(self._who, flight.attempt, how))

    def expire(self, now_ns: int) -> Iterator[Flight]:
        """Report the probes whose deadline has passed as failed, and hand them out: their operations are not over."""
        while self._awaited and (self._awaited[0].recorded or self._deadline_ns(self._awaited[0]) <= now_ns):
            flight = self._awaited.popleft()
            if not flight.recorded:
                self._tick(flight, FAILED)
                self._held[flight] = None
                yield flight

    def next_deadline_ns(self) -> int | None:
        """When ``expire`` is due again; None: nothing is awaited."""
        while self._awaited and self._awaited[0].recorded:
            self._awaited.popleft()
        return self._deadline_ns(self._awaited[0]) if self._awaited else None

    def pending(self) -> list[Flight]:
        """Operations that are not over, by schedule."""
        return [*self._held, *(flight for flight in self._awaited if not flight.recorded)]

    def take_ticks(self) -> list[Tick]:
        """The probes that ended since the last call."""
        ticks, self._ticks = self._ticks, []
        return ticks

    def _tick(self, flight: Flight, took_ns: int) -> None:
        if not flight.ticked:
            flight.ticked = True
            self._ticks.append((flight.attempt.scheduled_ns, took_ns))

    def _took_ns(self, flight: Flight, how: Ending) -> int:
        if not how.acknowledged or how.returned_ns is None or how.returned_ns > self._deadline_ns(flight):
            return FAILED
        return how.returned_ns - flight.attempt.scheduled_ns

    def _deadline_ns(self, flight: Flight) -> int:
        return flight.attempt.scheduled_ns + self.timeout_ns

    def _attempt(self, scheduled_ns: int, invoked_ns: int) -> Attempt:
        number, self._count = self._count, self._count + 1
        session = f"{self._who.client}/{self.lane.name}/{number}"
        return Attempt(
            session=session,
            kind=self._kind,
            connection=self._connection,
            key=f"probe/{self._who.region}/{self.lane.connection}/{number % self._keys}",
            value=session if self._kind is Kind.PROBE_WRITE else None,
            scheduled_ns=scheduled_ns,
            invoked_ns=invoked_ns,
        )
