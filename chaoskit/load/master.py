"""The Locust master of a region whose users need several processes: ``python -m chaoskit.load.master``.

A region has a master of its own, so that its number of users holds: a master spreads users over its workers as it
likes, and moves those of a worker that is gone to the others, but never out of the region. It counts; operations are
recorded by the workers, each in its own stream.

It listens on the loopback for the workers that the driver starts, at a port of its own, or where the driver's ``bind``
says. A worker on another machine may join it as well, and is given its share of the users: it is ``python -m
chaoskit.load.users`` that hears, as its first lines, the orders of a worker under a client name of its own, with
endpoints that lead to the WAN from there and its own clock's reading at the run's epoch, and then ``join`` and
``begin``. Its stream belongs beside the others.
"""

import locust  # isort: skip  # noqa: F401  # first: it patches what every later import binds

from collections.abc import Iterator
from typing import Any

import gevent
from gevent.event import Event

from chaoskit.clock import NS, MonotonicClock
from chaoskit.load.environment import environment
from chaoskit.load.orders import Orders
from chaoskit.load.talk import Talk
from chaoskit.protocols import Clock

POLL_S = 0.02
SAY_EVERY_S = 0.25


class Master:
    """Spreads a region's users over its workers and obeys the driver.

    Args:
        orders: With ``users`` set, of several workers.
        clock: The run's.
    """

    def __init__(self, orders: Orders, talk: Talk, clock: Clock) -> None:
        assert orders.users is not None
        self._users, self._talk, self._clock = orders.users, talk, clock
        self._begun, self._begin_ns = Event(), 0
        made = environment(orders)
        made.stop_timeout = orders.timeout_ns / NS  # who is moved to another worker finishes first
        self._runner = made.create_master_runner(self._users.bind, 0)

    def run(self, messages: Iterator[dict[str, Any]]) -> None:
        """Serve until the harness ends this process, or is gone."""
        self._talk.say("listening", host=self._users.bind, port=self._runner.server.port)
        gevent.spawn(self._spread)
        for message in messages:
            match message["word"]:
                case "begin":
                    self._begin_ns = message["at_ns"]
                    self._begun.set()
                case "stop":
                    self._talk.say("stopped")
                case "lose":
                    self._talk.say("drained")

    def _spread(self) -> None:
        """Await the workers, then let them spawn: before the beginning all at once, or from it on at the rate."""
        users, runner = self._users, self._runner
        said = -1
        while (there := runner.worker_count) < users.workers:
            if there != said:
                self._talk.say("waiting", why=f"{there} of {users.workers} workers have joined")
            said = there
            gevent.sleep(POLL_S)
        if users.spawn_rate_hz is None:
            runner.start(users.count, spawn_rate=users.count)
            self._await_users()
            self._talk.say("ready")
        else:
            self._talk.say("ready")
            self._begun.wait()
            gevent.sleep(max(0, self._begin_ns - self._clock.now_ns()) / NS)
            runner.start(users.count, spawn_rate=users.spawn_rate_hz)

    def _await_users(self) -> None:
        while (there := self._runner.user_count) != self._users.count:
            self._talk.say("waiting", why=f"{there} of {self._users.count} users have been spawned")
            gevent.sleep(SAY_EVERY_S)


def main() -> None:
    """Read the orders from stdin, then serve."""
    talk = Talk.open()
    messages = talk.messages()
    for first in messages:
        orders = Orders.from_json(first)
        Master(orders, talk, MonotonicClock(orders.epoch_monotonic_ns)).run(messages)


if __name__ == "__main__":
    main()
