"""Probes that pay for a new connection each, as a client does that has just been started or has lost its pool."""

from chaoskit.load.ending import TIMEOUT, ending
from chaoskit.load.lane import Flight, LaneLog
from chaoskit.load.watch import Watch
from chaoskit.protocols import Clock
from chaoskit.sql import Conversation, State


class Fresh:
    """A lane of connections that live for one operation. At its deadline a probe closes its socket."""

    def __init__(self, log: LaneLog, conninfo: str, watch: Watch, clock: Clock) -> None:
        self.log = log
        self._conninfo, self._watch, self._clock = conninfo, watch, clock
        self._conversations: dict[Flight, Conversation] = {}

    def ready(self) -> bool:
        """There is nothing to prepare."""
        return True

    def why(self) -> str:
        """Why it is not ready."""
        return ""

    def fire(self, scheduled_ns: int) -> None:
        """Connect and send."""
        flight = self.log.start(scheduled_ns, self._clock.now_ns())
        if flight is None:
            return
        conversation = Conversation(self._conninfo, self._clock.now_ns)
        conversation.send(flight.attempt.statements())
        self._conversations[flight] = conversation
        if conversation.state is State.BROKEN:
            self._end(flight)
        else:
            self._watch.add(conversation, lambda: self._advance(flight))

    def turn(self, now_ns: int) -> None:
        """Close what is past its deadline."""
        for flight in self.log.expire(now_ns):
            self._end(flight, gave_up=TIMEOUT)

    def next_turn_ns(self) -> int | None:
        """When ``turn`` is due again."""
        return self.log.next_deadline_ns()

    def _advance(self, flight: Flight) -> None:
        conversation = self._conversations[flight]
        if conversation.advance() in (State.IDLE, State.BROKEN):
            self._end(flight)
        else:
            self._watch.refresh(conversation)
            if conversation.replies:
                self.log.heard(flight, ending(conversation, self._clock.now_ns()))

    def _end(self, flight: Flight, *, gave_up: str = "") -> None:
        conversation = self._conversations.pop(flight)
        self.log.over(flight, ending(conversation, self._clock.now_ns(), gave_up=gave_up))
        self._watch.remove(conversation)
        conversation.close()
