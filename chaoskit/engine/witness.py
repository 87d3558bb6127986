"""What nodes hold, seen while a run goes on: for a failover manager that is about to rebuild one, or has rebuilt it."""

from collections.abc import Iterator
from threading import Lock

from chaoskit.clock import NS
from chaoskit.engine.events import EventLog
from chaoskit.engine.quiescence import await_replay
from chaoskit.engine.reading import BEFORE, NodeReading, read
from chaoskit.errors import StackError
from chaoskit.model.event import Name
from chaoskit.protocols import Clock, Database
from chaoskit.sql import Row

REPLAY_TIMEOUT_S = 10.0
PENDING_S = 5.0
"""A synchronous commit is seen on a replica before the primary, which still waits for confirmations, shows it."""


class NodeWitness:
    """Keeps what deposed primaries held before they were rebuilt (implements ``protocols.Witness``).

    Args:
        query: Reads every committed write of a node; rows are never changed or removed.
    """

    def __init__(self, database: Database, *, query: str, events: EventLog, clock: Clock) -> None:
        self._database, self._query, self._events, self._clock = database, query, events, clock
        self._lock = Lock()
        self._seen: list[NodeReading] = []

    def evidence(self, node: str) -> None:
        """Start a dead node alone, keep all that it holds, and stop it again.

        Raises:
            StackError: It cannot be read; that is kept, too.
        """
        try:
            reading = self.alone(node)
            with self._lock:
                self._seen.append(reading)
        finally:
            self._database.stop(node)
        if not reading.answered:
            raise StackError(f"{node} cannot be read before it is rebuilt", why=reading.why)

    def alone(self, node: str) -> NodeReading:
        """Start a dead node alone and read it; it runs afterwards, where it can."""
        try:
            self._database.restart(node, isolated=True)
        except StackError as error:
            return NodeReading(audit=BEFORE, node=node, answered=False, why=str(error))
        return self.look(node, BEFORE)

    def differs(self, node: str, primary: str) -> str | None:
        """Why the content of ``node``, which follows ``primary``, is not the primary's; None: it is.

        The primary is read before and after: the replica, once it has replayed what was written until then, must hold
        all of the first reading, and nothing that the primary does not show in the end.

        Raises:
            StackError: One of them cannot be read, or the replica does not catch up.
        """
        earlier = self._rows(primary)
        if (late := await_replay(primary, [node], self._database, self._clock, timeout_s=REPLAY_TIMEOUT_S)) is not None:
            raise StackError(f"{node} cannot be compared", why=late)
        mine = self._rows(node)
        missing = earlier - mine
        if beyond := self._beyond(mine, primary):
            return f"{node} holds {len(beyond)} rows that {primary} does not have"
        return f"{node} lacks {len(missing)} rows of {primary}" if missing else None

    def seen(self) -> tuple[NodeReading, ...]:
        """Every reading that was kept, in order; a node that was deposed twice was read twice."""
        with self._lock:
            return tuple(self._seen)

    def look(self, node: str, audit: str) -> NodeReading:
        """Read a node that runs, and say so."""
        reading = read(node, self._database, self._clock, audit=audit, query=self._query)
        self._events.say(Name.AUDITED, node=node, audit=audit, answered=reading.answered, rows=len(reading.rows))
        return reading

    def _beyond(self, mine: set[Row], primary: str) -> set[Row]:
        """What of ``mine`` the primary does not show, though it had the time to end what was being committed."""
        deadline_ns = self._clock.now_ns() + round(PENDING_S * NS)
        while (beyond := mine - self._rows(primary)) and self._clock.now_ns() < deadline_ns:
            self._clock.sleep(0.1)
        return beyond

    def _rows(self, node: str) -> set[Row]:
        reading = read(node, self._database, self._clock, audit="", query=self._query)
        if not reading.answered:
            raise StackError(f"{node} cannot be compared", why=reading.why)
        return set(_identities(reading))


def _identities(reading: NodeReading) -> Iterator[Row]:
    """Key, version and value: commit times are the server's own affair."""
    return (row[:3] for row in reading.rows)
