"""One operation while it is under way, and the row of history that it becomes."""

from dataclasses import dataclass
from typing import NamedTuple

from chaoskit.load.ending import Ending
from chaoskit.load.register import NOTHING, Answer, observed, read, write, written
from chaoskit.model.history import Connection, Kind
from chaoskit.sql import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who records: process, its region and its machine."""

    client: str
    region: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An operation that is about to be issued, or is in flight.

    Attributes:
        value: A register write's id, unique per attempt; None for everything else.
        scheduled_ns: When it should have begun; a user's operation is scheduled when it is invoked.
        sql: The user's own statement; None for an operation on the register.
    """

    session: str
    kind: Kind
    connection: Connection
    key: str
    value: str | None
    scheduled_ns: int
    invoked_ns: int
    sql: Statement | None = None

    def statements(self) -> tuple[Statement, ...]:
        """What to send."""
        if self.sql is not None:
            return (self.sql,)
        return read(self.key) if self.value is None else write(self.key, self.value)

    def answer(self, ending: Ending) -> Answer:
        """What the server said about the register; nothing, if it was not asked or did not succeed."""
        if self.sql is not None or not ending.acknowledged:
            return NOTHING
        return observed(ending.replies) if self.value is None else written(ending.replies)


class Operation(NamedTuple):
    """A row of history; its fields are HISTORY_COLUMNS, in their order."""

    op: int
    client: str
    session: str
    region: str
    host: str
    node: str | None
    pg_timeline: int | None
    kind: str
    connection: str | None
    key: str
    value: str | None
    version: int | None
    lsn: str | None
    scheduled_ns: int
    invoked_ns: int
    returned_ns: int | None
    outcome: str
    error: str | None


def operation(who: Who, attempt: Attempt, ending: Ending) -> Operation:
    """Join an attempt and its ending. ``op`` is 0 until the streams of a run are joined (``streams``)."""
    answer = attempt.answer(ending)
    return Operation(
        op=0,
        client=who.client,
        session=attempt.session,
        region=who.region,
        host=who.host,
        node=answer.node,
        pg_timeline=answer.pg_timeline,
        kind=attempt.kind.value,
        connection=attempt.connection.value,
        key=attempt.key,
        value=answer.value if attempt.value is None else attempt.value,
        version=answer.version,
        lsn=answer.lsn,
        scheduled_ns=attempt.scheduled_ns,
        invoked_ns=attempt.invoked_ns,
        returned_ns=ending.returned_ns,
        outcome=ending.outcome.value,
        error=ending.error,
    )
