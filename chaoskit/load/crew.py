"""What the users of one process share: the book, what is in flight, and whether to go on."""

from dataclasses import dataclass, field

from chaoskit.load.attempt import Attempt, Who, operation
from chaoskit.load.ending import CLIENT_LOST, Ending, unknown
from chaoskit.load.recorder import Recorder


@dataclass(slots=True, kw_only=True)
class Crew:
    """The users of one process.

    Attributes:
        stopping: Nobody issues anything any more.
        operations: Recorded so far.
        connected: Users whose connections are open.
        waiting: Why the last of the others is not.
        pending: Operations in flight, by session.
    """

    who: Who
    recorder: Recorder
    stopping: bool = False
    operations: int = 0
    connected: int = 0
    waiting: str = ""
    pending: dict[str, Attempt] = field(default_factory=dict)

    def under_way(self, attempt: Attempt) -> None:
        """Keep an operation until it is over.

        Raises:
            RuntimeError: The session has one under way: its operations are sequential.
        """
        if attempt.session in self.pending:
            raise RuntimeError(f"{attempt.session} has an operation under way: a user does one after the other")
        self.pending[attempt.session] = attempt

    def over(self, attempt: Attempt, how: Ending) -> None:
        """Record how an operation ended; ignored once the crew is drained."""
        if self.pending.pop(attempt.session, None) is not None:
            self.recorder.append(operation(self.who, attempt, how))
            self.operations += 1

    def drain(self) -> None:
        """Record what is in flight as unknown and end the stream; idempotent. Closes no connection."""
        self.stopping = True
        for attempt in list(self.pending.values()):
            self.over(attempt, unknown(CLIENT_LOST))
        self.recorder.close()
