"""One user of the ``register`` workload: a session that writes and reads, one operation after the other."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from chaoskit.clock import NS
from chaoskit.load.attempt import Attempt
from chaoskit.load.caller import Caller
from chaoskit.load.crew import Crew
from chaoskit.load.ending import CLIENT_FAULT, TIMEOUT, Ending, ending, unknown
from chaoskit.load.mix import Mix
from chaoskit.load.orders import UserOrders
from chaoskit.model.history import Connection, Kind
from chaoskit.protocols import Clock
from chaoskit.sql import State

RECONNECT_NS = 50_000_000  # pause after a connection that could not be opened


class Customer:
    """A closed loop: the next operation waits for the last one, and for the pace.

    It retries nothing. A connection that broke or timed out is dropped, and the next operation opens another one
    within its own deadline; such an operation's ``connection`` is ``fresh``.

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
        self._draw = Random(f"{orders.seed}/{self.session}")  # noqa: S311
        self._mix = Mix(orders.workload, self._draw)
        self._orders, self._crew, self._clock, self._sleep = orders, crew, clock, sleep
        self._callers = {Kind.WRITE: writes, Kind.READ: reads}
        self._timeout_ns = timeout_ns
        self._writes = 0
        self._next_ns = 0

    def connect(self) -> None:
        """Open both connections, trying until it works or the crew stops."""
        for caller in self._callers.values():
            while not caller.connected() and not self._crew.stopping:
                conversation = caller.connect(self._clock.now_ns() + self._timeout_ns)
                if conversation.state is not State.IDLE:
                    self._crew.waiting = f"{self.session}: {conversation.error or 'no answer'}"
                    self._sleep(RECONNECT_NS / NS)
        self._crew.connected += 1

    def begin(self, at_ns: int) -> None:
        """Wait for the common instant, and a drawn part of the pace so that users do not march in step."""
        self._next_ns = at_ns + round(self._draw.random() * NS / self._orders.pace_hz)
        self._sleep(max(0, self._next_ns - self._clock.now_ns()) / NS)

    def turn(self) -> Iterator[tuple[Attempt, Ending]]:
        """Do one turn, an operation at a time; stops early when the crew does."""
        turn = self._mix.turn()
        if turn.write and not self._crew.stopping:
            yield self._operate(Kind.WRITE, turn.key)
        if turn.write and turn.read and self._orders.workload.read_after_ns:
            self._sleep(self._orders.workload.read_after_ns / NS)
        if turn.read and not self._crew.stopping:
            yield self._operate(Kind.READ, turn.key)

    def pause_s(self) -> float:
        """How long to wait before the next turn; who is behind the pace does not catch up."""
        now_ns = self._clock.now_ns()
        self._next_ns = max(self._next_ns, now_ns)
        return (self._next_ns - now_ns) / NS

    def _operate(self, kind: Kind, key: str) -> tuple[Attempt, Ending]:
        started_ns = self._clock.now_ns()
        self._next_ns = max(self._next_ns, started_ns) + round(NS / self._orders.pace_hz)
        caller = self._callers[kind]
        attempt = self._attempt(kind, key, started_ns)
        self._crew.pending[self.session] = attempt
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
                self._next_ns = max(self._next_ns, self._clock.now_ns() + RECONNECT_NS)
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

    def _attempt(self, kind: Kind, key: str, now_ns: int) -> Attempt:
        value = None
        if kind is Kind.WRITE:
            value, self._writes = f"{self.session}/{self._writes}", self._writes + 1
        return Attempt(
            session=self.session,
            kind=kind,
            connection=Connection.ESTABLISHED,
            key=key,
            value=value,
            scheduled_ns=now_ns,
            invoked_ns=now_ns,
        )


def _gave_up(state: State) -> str:
    return TIMEOUT if state in (State.CONNECTING, State.BUSY) else ""
