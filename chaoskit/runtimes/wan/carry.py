"""A known number of bytes through one stream, timed: what a limit on its bytes is measured by."""

from chaoskit.protocols import Clock, Target
from chaoskit.sql import Session, Unanswered

OPENING_TIMEOUT_S = 5.0


def carry(target: Target, size_bytes: int, *, upstream: bool, timeout_s: float, clock: Clock) -> float | None:
    """Send so many bytes in a comment, or ask for them; seconds until the answer was whole, None: not in time.

    The connection is opened before, so that its handshake is not in it; one round trip is.
    """
    session = Session(target, clock)
    try:
        session.ask(["SELECT 1"], timeout_s=OPENING_TIMEOUT_S)
        began_ns = clock.now_ns()
        (reply,) = session.ask([_statement(size_bytes, upstream=upstream)], timeout_s=timeout_s)
    except Unanswered:
        return None
    finally:
        session.close()
    return None if reply.sqlstate else (reply.returned_ns - began_ns) / 1e9


def _statement(size_bytes: int, *, upstream: bool) -> str:
    return f"SELECT 1 -- {'.' * size_bytes}" if upstream else f"SELECT repeat('.', {size_bytes})"
