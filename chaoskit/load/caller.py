"""A user's connection: one conversation, driven by a wait that the caller's scheduler supplies."""

from collections.abc import Callable, Sequence

from chaoskit.clock import NS
from chaoskit.protocols import Clock
from chaoskit.sql import Conversation, State, Statement

Wait = Callable[[int, int, float], None]
"""Wait for selector events on a socket, at most so many seconds; returns on either."""


class Caller:
    """Opens its connection when asked to and drops it where it cannot be used again.

    Args:
        conninfo: Where to.
        clock: Deadlines are on it.
        wait: Gives way to other users meanwhile.
    """

    def __init__(self, conninfo: str, clock: Clock, wait: Wait) -> None:
        self._conninfo, self._clock, self._wait = conninfo, clock, wait
        self._conversation: Conversation | None = None

    def connected(self) -> bool:
        """Whether the next call can be sent at once; notices if the server has closed the idle connection."""
        conversation = self._conversation
        if conversation is None:
            return False
        for _ in range(2):  # the server's farewell, then the end of its stream; reading does not wait
            if conversation.state is State.IDLE:
                conversation.advance()
        if conversation.state is not State.IDLE:
            self.drop()
        return self._conversation is not None

    def connect(self, deadline_ns: int) -> Conversation:
        """Open a new connection; the conversation returned is idle, broken, or was not answered in time."""
        self.drop()
        self._conversation = conversation = Conversation(self._conninfo, self._clock.now_ns)
        self._drive(conversation, deadline_ns)
        return conversation

    def call(self, batch: Sequence[Statement], deadline_ns: int) -> Conversation:
        """Send over the open connection; returns when it is idle again, broken, or the deadline has passed."""
        conversation = self._conversation
        assert conversation is not None
        conversation.send(batch)
        self._drive(conversation, deadline_ns)
        return conversation

    def drop(self) -> None:
        """Close the connection at once; idempotent."""
        if self._conversation is not None:
            self._conversation.close()
            self._conversation = None

    def _drive(self, conversation: Conversation, deadline_ns: int) -> None:
        while conversation.state in (State.CONNECTING, State.BUSY):
            left_ns = deadline_ns - self._clock.now_ns()
            if left_ns <= 0:
                return
            self._wait(conversation.fileno(), conversation.interest(), left_ns / NS)
            conversation.advance()
