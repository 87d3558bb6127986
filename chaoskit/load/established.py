"""Probes over a pool of connections that were opened before, as a client's pool does.

A slot stays busy until it is answered or its connection ends, however late. A probe that finds no open connection
idle dials over a broken slot and pays for it, as a pool's client does: so its connections never outnumber the slots,
and the first probe after the server can be reached again is the first that is answered. Were slots repaired beside the
probes, those in between would fail for want of a slot, and an outage would seem to end a handshake later than it did.
"""

from collections import deque
from dataclasses import dataclass

from chaoskit.load.ending import TIMEOUT, ending
from chaoskit.load.lane import Flight, LaneLog
from chaoskit.load.watch import Watch
from chaoskit.protocols import Clock
from chaoskit.sql import Conversation, State


@dataclass(slots=True, eq=False)
class Slot:
    """A place for one connection. ``connect_by_ns`` is 0 once it is connected."""

    conversation: Conversation | None = None
    flight: Flight | None = None
    connect_by_ns: int = 0


class Established:
    """A lane over ``pool`` slots."""

    def __init__(
        self, log: LaneLog, conninfo: str, watch: Watch, clock: Clock, *, pool: int, warm: bool = True
    ) -> None:
        self.log = log
        self._conninfo, self._watch, self._clock = conninfo, watch, clock
        self._slots = [Slot() for _ in range(pool)]
        self._idle: deque[Slot] = deque()
        self._broken: deque[Slot] = deque()
        self._error = ""
        self._fired = not warm  # from then on only probes open slots
        if not warm:
            self._broken.extend(self._slots)
        for slot in self._slots if warm else ():
            self._open(slot)

    def ready(self) -> bool:
        """Whether every slot is connected that is to be before the load begins."""
        return self._fired or len(self._idle) == len(self._slots)

    def why(self) -> str:
        """Why it is not ready."""
        return f"{self.log.lane.name}: {len(self._idle)} of {len(self._slots)} connections are open. {self._error}"

    def fire(self, scheduled_ns: int) -> None:
        """Send over the slot that has been idle longest, or dial over a broken one."""
        self._fired = True
        if not self._idle and not self._broken:
            self.log.refuse(scheduled_ns)
            return
        flight = self.log.start(scheduled_ns, self._clock.now_ns())
        if flight is None:
            return
        if self._idle:
            slot = self._idle.popleft()
        else:
            slot = self._broken.popleft()
            self._connect(slot)
        slot.flight, conversation = flight, slot.conversation
        assert conversation is not None
        conversation.send(flight.attempt.statements())
        self._moved(slot, conversation)

    def turn(self, now_ns: int) -> None:
        """Report late probes, give up connecting where that takes too long, and try again while there are no probes."""
        for _ in self.log.expire(now_ns):
            pass  # their slots stay busy
        for slot in self._slots:
            if slot.conversation is not None and 0 < slot.connect_by_ns <= now_ns:
                self._error = "no answer to a new connection"
                self._lose(slot, slot.conversation, gave_up=TIMEOUT)
        if not self._fired and self._broken:
            self._open(self._broken.popleft())

    def next_turn_ns(self) -> int | None:
        """When ``turn`` is due again."""
        instants = [slot.connect_by_ns for slot in self._slots if slot.connect_by_ns]
        if (deadline_ns := self.log.next_deadline_ns()) is not None:
            instants.append(deadline_ns)
        return min(instants, default=None)

    def _open(self, slot: Slot) -> None:
        """Connect before there is a probe to send."""
        self._connect(slot)
        if slot.conversation is not None:
            self._moved(slot, slot.conversation)

    def _connect(self, slot: Slot) -> None:
        conversation = Conversation(self._conninfo, self._clock.now_ns)
        slot.conversation, slot.flight = conversation, None
        slot.connect_by_ns = self._clock.now_ns() + self.log.timeout_ns
        if conversation.state is not State.BROKEN:
            self._watch.add(conversation, lambda: self._advance(slot, conversation))

    def _advance(self, slot: Slot, conversation: Conversation) -> None:
        conversation.advance()
        self._moved(slot, conversation)

    def _moved(self, slot: Slot, conversation: Conversation) -> None:
        if conversation.state is State.BROKEN:
            self._lose(slot, conversation)
            return
        self._watch.refresh(conversation)
        if conversation.state is State.BUSY:
            slot.connect_by_ns = 0
            if slot.flight is not None and conversation.replies:
                self.log.heard(slot.flight, ending(conversation, self._clock.now_ns()))
        elif conversation.state is State.IDLE:
            self._free(slot, conversation)

    def _free(self, slot: Slot, conversation: Conversation) -> None:
        if slot.flight is not None:
            self.log.over(slot.flight, ending(conversation, self._clock.now_ns()))
        elif not slot.connect_by_ns:
            return  # the server said something to an idle connection
        slot.flight, slot.connect_by_ns = None, 0
        self._idle.append(slot)

    def _lose(self, slot: Slot, conversation: Conversation, *, gave_up: str = "") -> None:
        if slot.flight is not None:
            self.log.over(slot.flight, ending(conversation, self._clock.now_ns(), gave_up=gave_up))
        elif not slot.connect_by_ns:
            self._idle.remove(slot)
        self._error = conversation.error or self._error
        self._watch.remove(conversation)
        conversation.close()
        slot.conversation, slot.flight, slot.connect_by_ns = None, None, 0
        self._broken.append(slot)
