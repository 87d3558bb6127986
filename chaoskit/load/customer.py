"""One user: a session whose operations are sequential, at a pace, and are tried again as its retry policy says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from chaoskit.clock import NS
from chaoskit.load.attempt import Attempt
from chaoskit.load.caller import Caller
from chaoskit.load.crew import Crew
from chaoskit.load.ending import CLIENT_FAULT, TIMEOUT, Ending, ending, unknown
from chaoskit.load.orders import UserOrders
from chaoskit.load.retry import POLICIES
from chaoskit.model.history import Connection, Kind
from chaoskit.protocols import Clock
from chaoskit.sql import State, Statement

RECONNECT_NS = 50_000_000  # pause after a connection that could not be opened
WRITING = (Kind.WRITE, Kind.SQL_WRITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a user wants done. ``sql`` is set for ``sql_write`` and ``sql_read`` alone."""

    kind: Kind
    key: str
    sql: Statement | None = None


class Customer:
    """A closed loop: the next operation waits for the last one, and for the pace.

    A connection that broke or timed out is dropped, and the next operation opens another one within its own deadline;
    such an operation's ``connection`` is ``fresh``.

    Args:
        number: Within the crew, from 0.
        writes: Connection to the write endpoint.
        reads: Connection to the read endpoint.
        sleep: Seconds; gives way to other users.
    """

    def __init__(
        self,
        number: int,
        orders: UserOrders,
        crew: Crew,
        *,
        writes: Caller,
        reads: Caller,
        clock: Clock,
        sleep: Callable[[float], None],
        timeout_ns: int,
    ) -> None:
        self.session = f"{crew.who.client}/{number}"
        self.draw = Random(f"{orders.seed}/{self.session}")  # noqa: S311
        self.sleep = sleep
        # Apart from the other, so that what a user does next does not depend on what failed.
        self._retry_draw = Random(f"{orders.seed}/{self.session}/retry")  # noqa: S311
        self._policy = POLICIES[orders.retry]
        self._pace_ns = round(NS / orders.pace_hz)
        self._crew, self._clock = crew, clock
        self._writes_to, self._reads_from = writes, reads
        self._timeout_ns = timeout_ns
        self._writes = 0
        self._next_ns = self._reconnect_ns = 0

    def connect(self, hurried: Callable[[], bool]) -> None:
        """Open both connections, trying until it works, the crew stops, or there is no time left for it."""
        for caller in (self._writes_to, self._reads_from):
            while not (caller.connected() or self._crew.stopping or hurried()):
                conversation = caller.connect(self._clock.now_ns() + self._timeout_ns)
                if conversation.state is not State.IDLE:
                    self._crew.waiting = f"{self.session}: {conversation.error or 'no answer'}"
                    self.sleep(RECONNECT_NS / NS)
        self._crew.connected += 1

    def begin(self, at_ns: int) -> None:
        """Wait for the common instant, and a drawn part of the pace so that users do not march in step."""
        at_ns = max(at_ns, self._clock.now_ns())
        self._next_ns = at_ns + round(self.draw.random() * self._pace_ns)
        self.sleep(max(0, self._next_ns - self._clock.now_ns()) / NS)

    def perform(self, task: Work) -> Iterator[tuple[Attempt, Ending]]:
        """Do it, an attempt at a time, until one is acknowledged, the policy gives up, or the crew stops."""
        began_ns = self._clock.now_ns()
        if began_ns < self._reconnect_ns:
            self.sleep((self._reconnect_ns - began_ns) / NS)
            began_ns = self._clock.now_ns()
        self._next_ns = max(self._next_ns, began_ns) + self._pace_ns
        failed = 0
        while not self._crew.stopping:
            attempt, how = self._try(task)
            yield attempt, how
            failed += 1
            pause_ns = self._policy.pause_ns(failed, self._clock.now_ns() - began_ns, self._retry_draw)
            if how.acknowledged or pause_ns is None:
                return
            self.sleep(pause_ns / NS)

    def pause_s(self) -> float:
        """How long to wait before the next operation; who is behind the pace does not catch up."""
        now_ns = self._clock.now_ns()
        self._next_ns = max(self._next_ns, self._reconnect_ns, now_ns)
        return (self._next_ns - now_ns) / NS

    def _try(self, task: Work) -> tuple[Attempt, Ending]:
        started_ns = self._clock.now_ns()
        caller = self._writes_to if task.kind in WRITING else self._reads_from
        attempt = self._attempt(task, started_ns)
        self._crew.under_way(attempt)
        try:
            attempt, how = self._issue(caller, attempt, started_ns + self._timeout_ns)
        except BaseException:
            caller.drop()
            self._crew.over(attempt, unknown(CLIENT_FAULT))
            raise
        self._crew.over(attempt, how)
        return attempt, how

    def _issue(self, caller: Caller, attempt: Attempt, deadline_ns: int) -> tuple[Attempt, Ending]:
        if not caller.connected():
            attempt = replace(attempt, connection=Connection.FRESH)
            conversation = caller.connect(deadline_ns)
            if conversation.state is not State.IDLE:
                self._reconnect_ns = self._clock.now_ns() + RECONNECT_NS
                how = ending(conversation, self._clock.now_ns(), gave_up=_gave_up(conversation.state))
                caller.drop()
                return attempt, how
        statements = attempt.statements()
        invoked_ns = self._clock.now_ns()
        attempt = replace(attempt, scheduled_ns=invoked_ns, invoked_ns=invoked_ns)
        conversation = caller.call(statements, deadline_ns)
        how = ending(conversation, self._clock.now_ns(), gave_up=_gave_up(conversation.state))
        if conversation.state is not State.IDLE:
            caller.drop()
        return attempt, how

    def _attempt(self, task: Work, now_ns: int) -> Attempt:
        value = None
        if task.kind is Kind.WRITE:
            value, self._writes = f"{self.session}/{self._writes}", self._writes + 1
        return Attempt(
            session=self.session,
            kind=task.kind,
            connection=Connection.ESTABLISHED,
            key=task.key,
            value=value,
            scheduled_ns=now_ns,
            invoked_ns=now_ns,
            sql=task.sql,
        )


def _gave_up(state: State) -> str:
    return TIMEOUT if state in (State.CONNECTING, State.BUSY) else ""
