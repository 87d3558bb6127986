"""The users of one region: ``python -m chaoskit.load.users``. Locust's runner over the ``register`` workload."""

import locust  # isort: skip  # first: it patches what every later import binds

import gc
import os
import selectors
import socket
import sys
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from gevent.socket import wait_read, wait_write
from locust.env import Environment
from locust.exception import StopUser

from chaoskit.clock import NS, MonotonicClock
from chaoskit.load.attempt import Attempt, Who
from chaoskit.load.caller import Caller
from chaoskit.load.crew import Crew
from chaoskit.load.customer import Customer
from chaoskit.load.ending import Ending
from chaoskit.load.orders import Lines, Orders, UserOrders, encode
from chaoskit.load.recorder import FLUSH_NS, Recorder
from chaoskit.protocols import Clock

POLL_S = 0.01


class Site:
    """Where the users of a region live: their crew, their orders, and the common instant.

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


def user_class(site: Site) -> type[locust.User]:
    """The Locust user of ``site``."""

    class RegisterUser(locust.User):
        """One customer, as Locust runs it."""

        def __init__(self, environment: Environment) -> None:
            super().__init__(environment)
            self._customer = site.enlist()

        def on_start(self) -> None:
            self._customer.connect()
            site.begun.wait()
            self._customer.begin(site.begin_ns)

        @locust.task
        def turn(self) -> None:
            if site.crew.stopping:
                raise StopUser
            for attempt, how in self._customer.turn():
                self.environment.events.request.fire(**_request(attempt, how))

        def wait_time(self) -> float:
            return self._customer.pause_s()

    return RegisterUser


def _request(attempt: Attempt, how: Ending) -> dict[str, Any]:
    """The operation in the words of Locust's own statistics."""
    took_ns = None if how.returned_ns is None else how.returned_ns - attempt.invoked_ns
    return {
        "request_type": attempt.kind.value,
        "name": "register",
        "response_time": None if took_ns is None else took_ns / 1e6,
        "response_length": 0,
        "exception": None if how.acknowledged else RuntimeError(how.error),
        "context": {},
    }


class Foreman:
    """Runs a site's users under Locust and obeys the driver.

    Args:
        lines: What has been read of stdin after the orders.
    """

    def __init__(self, site: Site, lines: Lines, *, stdin: int, stdout: int) -> None:
        self._site, self._lines, self._stdin, self._stdout = site, lines, stdin, stdout
        environment = Environment(user_classes=[user_class(site)])
        self._runner = environment.create_local_runner()

    def run(self) -> None:
        """Serve until stopped, lost, or alone."""
        users: UserOrders = self._site.users
        self._runner.start(users.count, spawn_rate=users.count, wait=False)
        gevent.joinall([self._runner.spawning_greenlet])
        gevent.spawn(self._pulse)
        while received := _hear(self._stdin):
            for message in self._lines.feed(received):
                self._obey(message)
        self._site.crew.drain()

    def _obey(self, message: dict[str, Any]) -> None:
        match message["word"]:
            case "begin":
                self._site.begin(message["at_ns"])
            case "stop":
                gevent.spawn(self._stop)
            case "lose":
                self._site.crew.drain()
                self._report()
                self._say("drained")

    def _stop(self) -> None:
        """Wait for what is in flight, each by its own deadline, then end."""
        crew = self._site.crew
        crew.stopping = True
        while crew.pending:
            gevent.sleep(POLL_S)
        self._runner.quit()
        crew.drain()
        self._report()
        self._say("stopped")

    def _pulse(self) -> None:
        crew, said_ready = self._site.crew, False
        while not crew.recorder.closed:
            crew.recorder.flush()
            if not said_ready:
                said_ready = crew.connected == self._site.users.count
                if said_ready:
                    gc.freeze()  # what lives until the end need not be walked by the collector
                    self._say("ready", users=self._runner.user_count)
                else:
                    self._say("waiting", why=f"{crew.connected} users are connected. {crew.waiting}")
            self._report()
            gevent.sleep(FLUSH_NS / NS)

    def _report(self) -> None:
        self._say("ops", count=self._site.crew.operations)

    def _say(self, word: str, **content: Any) -> None:
        try:
            os.write(self._stdout, encode(word, **content))
        except BrokenPipeError:
            self._site.crew.stopping = True  # nobody listens any more; stdin's end says the same


def _hear(stdin: int) -> bytes:
    wait_read(stdin)
    return os.read(stdin, 65536)


def main() -> None:
    """Read the orders from stdin, then serve."""
    stdin, lines = sys.stdin.fileno(), Lines()
    messages: list[dict[str, Any]] = []
    while not messages:
        received = _hear(stdin)
        if not received:
            return
        messages = lines.feed(received)
    orders = Orders.from_json(messages[0])
    site = Site(orders, MonotonicClock(orders.epoch_monotonic_ns))
    Foreman(site, lines, stdin=stdin, stdout=sys.stdout.fileno()).run()


if __name__ == "__main__":
    main()
