"""Where the users of one process live: their crew, their orders, and the common instant."""

import selectors
import socket
from pathlib import Path

import gevent
from gevent.event import Event
from gevent.socket import wait_read, wait_write

from chaoskit.load.attempt import Who
from chaoskit.load.caller import Caller
from chaoskit.load.crew import Crew
from chaoskit.load.customer import Customer
from chaoskit.load.orders import Orders
from chaoskit.load.recorder import Recorder
from chaoskit.protocols import Clock


class Site:
    """What the users of one process share.

    Args:
        orders: With ``users`` set.
        clock: The run's.
    """

    def __init__(self, orders: Orders, clock: Clock) -> None:
        assert orders.users is not None
        self.orders, self.users, self.clock = orders, orders.users, clock
        who = Who(client=orders.client, region=orders.region, host=socket.gethostname())
        self.crew = Crew(who=who, recorder=Recorder(Path(orders.stream)))
        self.begun = Event()
        self.begin_ns = 0
        self._enlisted = 0

    def begin(self, at_ns: int) -> None:
        """Let the users go at ``at_ns``."""
        self.begin_ns = at_ns
        self.begun.set()

    def enlist(self) -> Customer:
        """Make the next user."""
        number, self._enlisted = self._enlisted, self._enlisted + 1
        orders = self.orders
        return Customer(
            number,
            self.users,
            self.crew,
            writes=Caller(orders.write.conninfo(), self.clock, wait),
            reads=Caller(orders.read.conninfo(), self.clock, wait),
            clock=self.clock,
            sleep=gevent.sleep,
            timeout_ns=orders.timeout_ns,
        )


def wait(fd: int, events: int, timeout_s: float) -> None:
    """Wait on a socket while other users run."""
    with gevent.Timeout(timeout_s, False):  # False: silently
        (wait_read if events == selectors.EVENT_READ else wait_write)(fd)
