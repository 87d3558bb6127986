"""How an operation ended, as its client knows it (docs/definitions.md, Outcomes)."""

from dataclasses import dataclass

from chaoskit.model.history import Outcome
from chaoskit.sql import Conversation, Reply

CANCELED_SYNC_WAIT = "01000"  # "canceling wait for synchronous replication": acknowledged, not durable
TIMEOUT = "timeout"
CLIENT_LOST = "client lost"
CLIENT_FAULT = "client error"
NO_FREE_SLOT = "no free slot"
STARTED_TOO_LATE = "started too late"

# libpq does not tell the SQLSTATE of a refused start-up packet, only its words.
STARTUP_ERRORS = {
    "Connection refused": "connection refused",
    "too many clients": "53300",
    "remaining connection slots": "53300",
    "is starting up": "57P03",
    "is shutting down": "57P03",
    "not yet accepting connections": "57P03",
    "not accepting connections": "57P03",
    "authentication failed": "28P01",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """An outcome with its cause.

    Attributes:
        returned_ns: None: never returned, so it overlaps with everything after.
        replies: The server's, of which the first is the operation's own.
    """

    outcome: Outcome
    error: str | None = None
    returned_ns: int | None = None
    replies: tuple[Reply, ...] = ()

    @property
    def acknowledged(self) -> bool:
        """Whether the client was told that it succeeded."""
        return self.outcome in (Outcome.OK, Outcome.OK_WARNED)


def ending(conversation: Conversation, now_ns: int, *, gave_up: str = "") -> Ending:
    """How the operation ended whose batch was given to ``conversation``.

    The first reply decides, also when the connection broke after it. Without one the operation is unknown if any byte
    of it was sent, else it failed for certain at ``now_ns``.

    Args:
        conversation: Idle again, broken, or given up.
        now_ns: The instant at which this is found.
        gave_up: Why the client stopped waiting; empty if it did not.
    """
    if conversation.replies:
        return _answered(tuple(conversation.replies))
    if not conversation.sent:
        return Ending(outcome=Outcome.FAIL, error=gave_up or startup_error(conversation.error), returned_ns=now_ns)
    return unknown(gave_up or conversation.sqlstate or "connection lost")


def unknown(error: str) -> Ending:
    """It may have happened, may still happen, or never will."""
    return Ending(outcome=Outcome.UNKNOWN, error=error)


def never_sent(error: str, at_ns: int) -> Ending:
    """Not a byte of it left."""
    return Ending(outcome=Outcome.FAIL, error=error, returned_ns=at_ns)


def startup_error(message: str) -> str:
    """The SQLSTATE or class of an error that ended a connection before it could be used."""
    return next((error for words, error in STARTUP_ERRORS.items() if words in message), "connection lost")


def _answered(replies: tuple[Reply, ...]) -> Ending:
    first = replies[0]
    if first.sqlstate is not None:
        return Ending(outcome=Outcome.FAIL, error=first.sqlstate, returned_ns=first.returned_ns)
    warned = CANCELED_SYNC_WAIT in first.warnings
    return Ending(
        outcome=Outcome.OK_WARNED if warned else Outcome.OK,
        error=CANCELED_SYNC_WAIT if warned else None,
        returned_ns=first.returned_ns,
        replies=replies,
    )
