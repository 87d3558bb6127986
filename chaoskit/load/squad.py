"""The processes of one region: its prober and those of its users."""

import sys
from collections.abc import Iterator
from pathlib import Path

from chaoskit.load.child import Child, Role
from chaoskit.load.grid import lanes
from chaoskit.load.orders import LOOPBACK, Orders, ProbeOrders, UserOrders
from chaoskit.model.plan import Plan
from chaoskit.processes import PACKAGE, Launcher
from chaoskit.protocols import Clock, Endpoints

EVERYWHERE = ("*", "0.0.0.0")  # noqa: S104 - somebody's own choice


class Squad:
    """A region's clients; those who come back after the region was lost are a squad of their own.

    Its users have one process. Where the scenario gives the region several ``workers``, there are as many, and a Locust
    master that spreads the users over them.

    Args:
        plan: Users, probes, seed and regions.
        generation: From 1; the processes of later ones have names of their own.
        launcher: Starts the processes.
        directory: Where the streams go.
        python: The interpreter that has chaoskit's dependencies.
        bind: Where the master listens for its workers.
    """

    def __init__(
        self,
        plan: Plan,
        region: str,
        generation: int,
        *,
        launcher: Launcher,
        clock: Clock,
        directory: Path,
        python: str = sys.executable,
        bind: str = LOOPBACK,
    ) -> None:
        self.region, self.generation = region, generation
        self._plan, self._launcher, self._clock = plan, launcher, clock
        self._directory, self._python, self._bind = directory, python, bind
        self._workers = plan.scenario.load.workers.get(region, 1)
        self.children = [self._launch(role, name) for role, name in self._names()]

    @property
    def users(self) -> list[Child]:
        """The processes in which users run."""
        return [child for child in self.children if child.role is Role.USERS]

    def order(self, endpoints: Endpoints) -> None:
        """Tell every process what to do and where; a master hears it last, and then lets its workers join."""
        for child in sorted(self.children, key=lambda child: child.role is Role.MASTER):
            child.order(self._orders(child, endpoints))

    def streams(self) -> list[Path]:
        """What its processes were told to write."""
        return [child.stream for child in self.children if child.role is not Role.MASTER]

    def _names(self) -> Iterator[tuple[Role, str]]:
        again = "" if self.generation == 1 else f"#{self.generation}"
        if self._plan.scenario.load.users.get(self.region, 0):
            if self._workers == 1:
                yield Role.USERS, f"{self.region}.users{again}"
            else:
                yield Role.MASTER, f"{self.region}.master{again}"
                for number in range(1, self._workers + 1):
                    yield Role.USERS, f"{self.region}.users-{number}{again}"
        yield Role.PROBES, f"{self.region}.probes{again}"

    def _launch(self, role: Role, client: str) -> Child:
        process = self._launcher.start(
            f"load.{client}", [self._python, "-m", f"chaoskit.load.{role}"], env=PACKAGE, talk=True
        )
        stream = self._directory / f"{client}.arrow"
        return Child(process, role=role, client=client, stream=stream, clock=self._clock, listening=self._join)

    def _join(self, host: str, port: int) -> None:
        """The master listens: its workers can join it."""
        for child in self.users:
            child.say("join", host=LOOPBACK if host in EVERYWHERE else host, port=port)

    def _orders(self, child: Child, endpoints: Endpoints) -> Orders:
        plan, load = self._plan, self._plan.scenario.load
        users = UserOrders(
            count=load.users.get(self.region, 0),
            pace_hz=load.pace_hz,
            seed=plan.seed,
            workload=load.workload,
            retry=load.retry,
            spawn_rate_hz=load.spawn_rate_hz,
            workers=self._workers,
            bind=self._bind,
        )
        probes = ProbeOrders(
            lanes=lanes(plan.probes, self.region, plan.scenario.stack.topology.regions),
            pool=plan.probes.pool,
            keys=plan.probes.keys,
            warm=self.generation == 1,
        )
        return Orders(
            client=child.client,
            region=self.region,
            epoch_monotonic_ns=self._clock.epoch_monotonic_ns,
            stream=str(child.stream),
            timeout_ns=plan.probes.timeout_ns,
            write=endpoints.write,
            read=endpoints.read,
            users=None if child.role is Role.PROBES else users,
            probes=probes if child.role is Role.PROBES else None,
        )
