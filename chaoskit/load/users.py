"""Users of one region: ``python -m chaoskit.load.users``. All of them, or those that a Locust master gives to it."""

import locust  # isort: skip  # noqa: F401  # first: it patches what every later import binds

import gc
from collections.abc import Iterator
from typing import Any

import gevent
from locust.runners import LocalRunner, WorkerRunner

from chaoskit.clock import NS, MonotonicClock
from chaoskit.load.environment import environment
from chaoskit.load.orders import Orders
from chaoskit.load.recorder import FLUSH_NS
from chaoskit.load.site import Site
from chaoskit.load.talk import Talk
from chaoskit.load.user import SITE

POLL_S = 0.01


class Foreman:
    """Runs a site's users under Locust and obeys the driver."""

    def __init__(self, site: Site, talk: Talk) -> None:
        self._site, self._talk = site, talk
        self._environment = environment(site.orders)
        setattr(self._environment, SITE, site)
        self._environment.events.spawning_complete.add_listener(self._spawned)  # type: ignore[no-untyped-call]
        self._runner: LocalRunner | WorkerRunner | None = None
        self._all_spawned = False

    def run(self, messages: Iterator[dict[str, Any]]) -> None:
        """Serve until stopped, lost, or alone."""
        users = self._site.users
        if users.workers == 1:
            self._runner = self._environment.create_local_runner()
            if users.spawn_rate_hz is None:
                self._runner.start(users.count, spawn_rate=users.count)
        gevent.spawn(self._pulse)
        for message in messages:
            self._obey(message)
        self._site.crew.drain()

    def _obey(self, message: dict[str, Any]) -> None:
        match message["word"]:
            case "begin":
                self._begin(message["at_ns"])
            case "join":
                gevent.spawn(self._join, message["host"], message["port"])
            case "stop":
                gevent.spawn(self._stop)
            case "lose":
                self._site.crew.drain()
                self._report()
                self._talk.say("drained")

    def _begin(self, at_ns: int) -> None:
        users, site = self._site.users, self._site
        site.begin(at_ns)
        if isinstance(self._runner, LocalRunner) and users.spawn_rate_hz is not None:
            left_s = max(0, at_ns - site.clock.now_ns()) / NS
            gevent.spawn_later(left_s, self._runner.start, users.count, spawn_rate=users.spawn_rate_hz)

    def _join(self, host: str, port: int) -> None:
        self._runner = self._environment.create_worker_runner(host, port)

    def _spawned(self, **_: Any) -> None:
        self._all_spawned = True

    def _why_not_ready(self) -> str | None:
        """What is missing; users who are spawned after the beginning connect then."""
        users, crew, runner = self._site.users, self._site.crew, self._runner
        if runner is None or (isinstance(runner, WorkerRunner) and not runner.connected):
            return "it has not joined its master"
        if users.spawn_rate_hz is None and not (self._all_spawned and crew.connected == runner.user_count):
            return f"{crew.connected} users are connected. {crew.waiting}"
        return None

    def _stop(self) -> None:
        """Wait for what is in flight, each by its own deadline, then end."""
        crew = self._site.crew
        crew.stopping = True
        while crew.pending:
            gevent.sleep(POLL_S)
        if self._runner is not None:
            self._runner.quit()
        crew.drain()
        self._report()
        self._talk.say("stopped")

    def _pulse(self) -> None:
        crew, said_ready = self._site.crew, False
        while not crew.recorder.closed:
            crew.recorder.flush()
            if not said_ready:
                why = self._why_not_ready()
                said_ready = why is None
                if said_ready:
                    gc.freeze()  # what lives until the end need not be walked by the collector
                    self._talk.say("ready")
                else:
                    self._talk.say("waiting", why=why)
            self._report()
            gevent.sleep(FLUSH_NS / NS)

    def _report(self) -> None:
        self._talk.say("ops", count=self._site.crew.operations)


def main() -> None:
    """Read the orders from stdin, then serve."""
    talk = Talk.open()
    messages = talk.messages()
    for first in messages:
        orders = Orders.from_json(first)
        site = Site(orders, MonotonicClock(orders.epoch_monotonic_ns))
        Foreman(site, talk).run(messages)


if __name__ == "__main__":
    main()
