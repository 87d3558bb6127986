"""One conversation with one PostgreSQL server that never blocks, on libpq's own asynchronous calls.

psycopg's connections wait inside libpq or cancel through a second connection: under a black hole both outlast their
deadline by seconds. Here whoever drives a conversation keeps the deadline, and at it simply closes.
"""

import select
import selectors
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from psycopg import OperationalError, pq

from chaoskit.clock import NS
from chaoskit.protocols import Clock, Target

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, a transaction of its own. Parameters travel as text."""

    sql: bytes
    params: tuple[bytes | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the server answered. ``sqlstate`` is set on an ERROR, ``warnings`` holds SQLSTATEs of its notices."""

    rows: tuple[Row, ...] = ()
    sqlstate: str | None = None
    message: str = ""
    warnings: tuple[str, ...] = ()
    returned_ns: int = 0


class State(Enum):
    """Where a conversation is."""

    CONNECTING = "connecting"
    IDLE = "idle"
    BUSY = "busy"
    BROKEN = "broken"


class Conversation:
    """A connection that answers one batch of statements at a time.

    Statements of a batch are pipelined, each in a transaction of its own: the second begins when the first has
    committed, without a round trip between them.

    Args:
        conninfo: libpq connection string with a numeric host.
        now_ns: Stamps each reply the moment it has been read.
    """

    def __init__(self, conninfo: str, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._batch: deque[Statement] = deque()
        self._awaited, self._unsent = 0, False
        self._notices: list[str] = []
        self._pending: pq.abc.PGresult | None = None
        self.replies: list[Reply] = []
        self.error = ""
        self.sqlstate: str | None = None  # of the last thing the server said before the connection broke
        self.sent = False
        self.state = State.CONNECTING
        self._conn = pq.PGconn.connect_start(conninfo.encode())
        self._polling = pq.PollingStatus.WRITING
        self._conn.notice_handler = self._noticed
        if self._conn.status == pq.ConnStatus.BAD:
            self._break(self._conn.get_error_message())

    def send(self, batch: Sequence[Statement]) -> None:
        """Queue a batch; it leaves as soon as the connection is ready. Forgets the replies of the last one."""
        self._batch, self._awaited = deque(batch), len(batch)
        self.replies, self._notices, self.sent = [], [], False
        if self.state is State.IDLE:
            try:
                self._dispatch()
            except OperationalError as error:
                self._break(str(error))

    def fileno(self) -> int:
        """The socket; ValueError if it is closed."""
        fd: int = self._conn.socket
        if fd < 0:
            raise ValueError("closed")
        return fd

    def interest(self) -> int:
        """The selector events to wait for before the next ``advance``."""
        if self.state is State.CONNECTING:
            reading = self._polling == pq.PollingStatus.READING
            return selectors.EVENT_READ if reading else selectors.EVENT_WRITE
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)

    def advance(self) -> State:
        """Do what can be done without blocking; returns the state reached."""
        try:
            if self.state is State.CONNECTING:
                self._connect()
            elif self.state is not State.BROKEN:
                self._read()
        except OperationalError as error:
            self._break(str(error))
        return self.state

    def close(self) -> None:
        """Close the socket at once; idempotent."""
        self.state = State.BROKEN
        self._conn.notice_handler = None
        self._conn.finish()

    def _connect(self) -> None:
        self._polling = pq.PollingStatus(self._conn.connect_poll())
        if self._polling == pq.PollingStatus.FAILED:
            self._break(self._conn.get_error_message())
        elif self._polling == pq.PollingStatus.OK:
            self._conn.nonblocking = 1
            self._conn.enter_pipeline_mode()
            self.state = State.IDLE
            if self._batch:
                self._dispatch()

    def _dispatch(self) -> None:
        self.state, self.sent = State.BUSY, True  # from here on, bytes may have left
        while self._batch:
            statement = self._batch.popleft()
            self._conn.send_query_params(statement.sql, list(statement.params) or None)
            self._conn.pipeline_sync()
        self._unsent = self._conn.flush() > 0  # a long statement leaves piece by piece

    def _read(self) -> None:
        self._conn.consume_input()
        self._unsent = self._conn.flush() > 0
        while self.state is State.BUSY and not self._conn.is_busy():
            result = self._conn.get_result()
            if result is None:
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                self._complete()
            elif result.status != pq.ExecStatus.PIPELINE_ABORTED:
                self._pending = result
            if self._conn.status == pq.ConnStatus.BAD:
                self._break(_sqlstate(result) or self._conn.get_error_message())

    def _complete(self) -> None:
        """A statement is over when its Sync is answered: only then has it committed."""
        self.replies.append(_reply(self._pending, tuple(self._notices), self._now_ns()))
        self._pending, self._notices = None, []
        if len(self.replies) == self._awaited:
            self.state = State.IDLE

    def _noticed(self, notice: pq.abc.PGresult) -> None:
        self._notices.append(_sqlstate(notice))

    def _break(self, why: str) -> None:
        said = [_sqlstate(self._pending)] if self._pending else []
        self.sqlstate = next(filter(None, [*said, *reversed(self._notices)]), None)
        self.error = " ".join(why.split()) or "connection lost"
        self.state = State.BROKEN


def _sqlstate(result: pq.abc.PGresult) -> str:
    return (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()


def _reply(result: pq.abc.PGresult | None, warnings: tuple[str, ...], returned_ns: int) -> Reply:
    if result is None:
        return Reply(warnings=warnings, returned_ns=returned_ns)
    if sqlstate := _sqlstate(result):
        message = (result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b"").decode(errors="replace")
        return Reply(sqlstate=sqlstate, message=message, warnings=warnings, returned_ns=returned_ns)
    rows = tuple(
        tuple(_text(result.get_value(row, column)) for column in range(result.nfields)) for row in range(result.ntuples)
    )
    return Reply(rows=rows, warnings=warnings, returned_ns=returned_ns)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="replace")


class Unanswered(Exception):
    """The server could not be reached, broke off, or did not answer in time."""


class Session:
    """A connection for a few questions in a row, each with a deadline; what is late breaks it.

    Args:
        target: Whom to ask; connected to with the first question.
    """

    def __init__(self, target: Target, clock: Clock) -> None:
        self._target, self._clock = target, clock
        self._conversation: Conversation | None = None

    def ask(self, statements: Sequence[str], *, timeout_s: float) -> list[Reply]:
        """Run ``statements``, each a transaction of its own; one reply each, ERRORs included.

        Raises:
            Unanswered: Not everything was answered within ``timeout_s``; the next question connects anew.
        """
        deadline_ns = self._clock.now_ns() + round(timeout_s * NS)
        conversation = self._conversation or Conversation(self._target.conninfo(), self._clock.now_ns)
        self._conversation = conversation
        conversation.send([Statement(sql.encode()) for sql in statements])
        while conversation.state in (State.CONNECTING, State.BUSY):
            left_s = (deadline_ns - self._clock.now_ns()) / NS
            if left_s <= 0:
                self.close()
                raise Unanswered(f"no answer within {timeout_s:g} s")
            _await(conversation, left_s)
            conversation.advance()
        if conversation.state is State.BROKEN:
            self.close()
            raise Unanswered(conversation.error)
        return conversation.replies

    def close(self) -> None:
        """Close the connection at once; idempotent."""
        if self._conversation is not None:
            self._conversation.close()
        self._conversation = None


def _await(conversation: Conversation, timeout_s: float) -> None:
    interest, fds = conversation.interest(), [conversation.fileno()]
    reading, writing = (fds if interest & event else [] for event in (selectors.EVENT_READ, selectors.EVENT_WRITE))
    select.select(reading, writing, [], timeout_s)


def ask(target: Target, statements: Sequence[str], *, clock: Clock, timeout_s: float) -> list[Reply]:
    """The same over a fresh connection that is closed afterwards."""
    session = Session(target, clock)
    try:
        return session.ask(statements, timeout_s=timeout_s)
    finally:
        session.close()
