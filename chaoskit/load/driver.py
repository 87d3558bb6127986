"""The driver of the load: starts two processes per region, and tells them when to begin, to drain and to stop."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import chaoskit
from chaoskit.load.child import Child, await_all, not_ready
from chaoskit.load.grid import lanes
from chaoskit.load.orders import Orders, ProbeOrders, UserOrders
from chaoskit.model.plan import Plan
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock, Endpoints

PACKAGE_ROOT = Path(chaoskit.__file__).parents[1]


class ProcessLoad:
    """Locust users and open-loop probers, each region's in processes of their own.

    Args:
        plan: Users, probes, seed and regions.
        launcher: Starts the processes, from the thread that calls ``start``.
        clock: The run's.
        directory: Where the streams go, ``<region>.users.arrow`` and ``<region>.probes.arrow``.
        python: The interpreter that has chaoskit's dependencies.
    """

    def __init__(
        self,
        plan: Plan,
        launcher: Launcher,
        clock: Clock,
        directory: Path,
        python: str = sys.executable,
    ) -> None:
        self._plan, self._launcher, self._clock = plan, launcher, clock
        self._directory, self._python = directory.resolve(), python
        self._children: list[Child] = []
        self._trouble: list[str] = []

    def start(self) -> None:
        """Start every process, which imports meanwhile; a region without users gets its prober alone."""
        self._directory.mkdir(parents=True, exist_ok=True)
        for region in self._plan.scenario.stack.topology.regions:
            if self._plan.scenario.load.users.get(region, 0):
                self._launch("users", region)
            self._launch("probes", region)

    def connect(self, endpoints: Mapping[str, Endpoints]) -> None:
        """Tell every process what to do and where; ``endpoints`` by region."""
        for child in self._children:
            child.order(self._orders(child.role, child.region, endpoints[child.region]))

    def ready(self, deadline_ns: int) -> None:
        """Wait until every process is connected.

        Raises:
            StackError: One is not by the deadline, or has ended.
        """
        await_all(self._children, "ready", deadline_ns, not_ready)

    def begin(self, at_ns: int) -> None:
        """Let every process issue from ``at_ns`` on."""
        for child in self._children:
            child.say("begin", at_ns=at_ns)

    def availability(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[int, int]]:
        """(ok, finished) per ``region/operation/connection`` of probes scheduled in [since, until).

        A probe is finished at its answer or its deadline, and known here up to 0.3 s later: a window is complete when
        its end lies that and the probes' timeout in the past.
        """
        return {
            f"{child.region}/{lane}": counts
            for child in self._children
            for lane, counts in child.ticks(since_ns, until_ns).items()
        }

    def operations(self) -> Mapping[str, int]:
        """Operations of users so far, by region; up to 0.3 s old."""
        return {child.region: child.operations for child in self._children if child.client.endswith(".users")}

    def broken(self) -> Sequence[str]:
        """What went wrong with processes: ended unplanned, or did not do as told in time."""
        return [*self._trouble, *(why for child in self._children if (why := child.broken()))]

    def lose(self, region: str, deadline_ns: int) -> None:
        """Drain the region's operations into complete streams, then freeze its processes with their sockets open.

        A process that does not drain by the deadline is frozen all the same; its stream has no end marker.
        """
        lost = [child for child in self._children if child.region == region and not child.frozen]
        for child in lost:
            child.say("lose")
        await_all(lost, "drained", deadline_ns, lambda child: self._note(child, "did not drain before it was frozen"))
        for child in lost:
            child.freeze()

    def stop(self, deadline_ns: int) -> None:
        """Let operations in flight end, then every process; frozen ones and leftovers are killed. Idempotent."""
        working = [child for child in self._children if not child.frozen and not child.ended]
        for child in working:
            child.say("stop")
        await_all(working, "stopped", deadline_ns, lambda child: self._note(child, "did not stop in time"))
        for child in self._children:
            child.end(deadline_ns)

    def streams(self) -> Sequence[Path]:
        """Every stream that a process was told to write; one that never did is missing."""
        return [child.stream for child in self._children]

    def _note(self, child: Child, what: str) -> None:
        if child.broken() is None:
            self._trouble.append(f"{child.client} {what}")

    def _launch(self, role: str, region: str) -> None:
        client = f"{region}.{role}"
        process = self._launcher.start(
            f"load.{client}",
            [self._python, "-m", f"chaoskit.load.{role}"],
            env={"PYTHONPATH": str(PACKAGE_ROOT)},  # the very package that starts it, installed or not
            talk=True,
        )
        stream = self._directory / f"{client}.arrow"
        self._children.append(Child(process, role=role, region=region, stream=stream, clock=self._clock))

    def _orders(self, role: str, region: str, endpoints: Endpoints) -> Orders:
        plan, load = self._plan, self._plan.scenario.load
        users = UserOrders(
            count=load.users.get(region, 0), pace_hz=load.pace_hz, seed=plan.seed, workload=load.workload
        )
        probes = ProbeOrders(
            lanes=lanes(plan.probes, region, plan.scenario.stack.topology.regions),
            pool=plan.probes.pool,
            keys=plan.probes.keys,
        )
        return Orders(
            client=f"{region}.{role}",
            region=region,
            epoch_monotonic_ns=self._clock.epoch_monotonic_ns,
            stream=str(self._directory / f"{region}.{role}.arrow"),
            timeout_ns=plan.probes.timeout_ns,
            write=endpoints.write,
            read=endpoints.read,
            users=users if role == "users" else None,
            probes=probes if role == "probes" else None,
        )
