"""The driver of the load: starts the processes of every region, and tells them when to begin, to drain and to stop."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from chaoskit.clock import NS
from chaoskit.load.child import Child, await_all, not_ready
from chaoskit.load.orders import FAILED, LOOPBACK
from chaoskit.load.squad import Squad
from chaoskit.model.plan import Plan
from chaoskit.processes import Launcher
from chaoskit.protocols import Clock, Endpoints, Tally


class ProcessLoad:
    """Locust users and open-loop probers, each region's in processes of their own.

    Args:
        plan: Users, probes, seed and regions.
        launcher: Starts the processes.
        clock: The run's.
        directory: Where the streams go: ``<region>.probes.arrow``, ``<region>.users.arrow``, or of several workers
            ``<region>.users-1.arrow`` and so on; ``#2`` before the suffix where clients came back.
        python: The interpreter that has chaoskit's dependencies.
        bind: Where a region's Locust master listens for its workers, a host name or address.
    """

    def __init__(
        self,
        plan: Plan,
        launcher: Launcher,
        clock: Clock,
        directory: Path,
        python: str = sys.executable,
        bind: str = LOOPBACK,
    ) -> None:
        self._plan, self._launcher, self._clock = plan, launcher, clock
        self._directory, self._python, self._bind = directory.resolve(), python, bind
        self._squads: list[Squad] = []
        self._endpoints: Mapping[str, Endpoints] = {}
        self._begin_ns: int | None = None
        self._trouble: list[str] = []
        self._stopped = False
        self._returns = ThreadPoolExecutor(1, thread_name_prefix="load restore")
        self._returning: list[Future[None]] = []

    def start(self) -> None:
        """Start every process, which imports meanwhile; a region without users gets its prober alone."""
        self._directory.mkdir(parents=True, exist_ok=True)
        for region in self._plan.scenario.stack.topology.regions:
            self._squads.append(self._squad(region, 1))

    def connect(self, endpoints: Mapping[str, Endpoints]) -> None:
        """Tell every process what to do and where; ``endpoints`` by region."""
        self._endpoints = endpoints
        for squad in self._squads:
            squad.order(endpoints[squad.region])

    def ready(self, deadline_ns: int) -> None:
        """Wait until every process is connected; users with a spawn rate connect when they are spawned.

        Raises:
            StackError: One is not by the deadline, or has ended.
        """
        await_all(self._children(), "ready", deadline_ns, not_ready)

    def begin(self, at_ns: int) -> None:
        """Let every process issue from ``at_ns`` on."""
        self._begin_ns = at_ns
        for child in self._children():
            child.say("begin", at_ns=at_ns)

    def availability(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[int, int]]:
        """(ok, finished) per ``region/operation/connection`` of probes scheduled in [since, until).

        A probe is finished at its answer or its deadline, and known here up to 0.3 s later: a window is complete when
        its end lies that and the probes' timeout in the past.
        """
        ok: Counter[str] = Counter()
        finished: Counter[str] = Counter()
        for squad in tuple(self._squads):
            for child in squad.children:
                for lane, took_ns in child.took_ns(since_ns, until_ns).items():
                    ok[f"{squad.region}/{lane}"] += sum(ns != FAILED for ns in took_ns)
                    finished[f"{squad.region}/{lane}"] += len(took_ns)
        return {lane: (ok[lane], count) for lane, count in finished.items()}

    def latency_ms(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[float, float]]:
        """(p50, p99) by region, over all answered probes scheduled in [since, until); for whoever watches."""
        found: dict[str, list[int]] = {}
        for squad in tuple(self._squads):
            for child in squad.children:
                for took_ns in child.took_ns(since_ns, until_ns).values():
                    found.setdefault(squad.region, []).extend(ns for ns in took_ns if ns != FAILED)
        return {region: (_percentile_ms(ns, 50), _percentile_ms(ns, 99)) for region, ns in found.items() if ns}

    def tallies(self) -> Mapping[str, Tally]:
        """All finished probes so far, per ``region/operation/connection``; those of clients that were lost stay in."""
        found: dict[str, Tally] = {}
        for squad in tuple(self._squads):
            for child in squad.children:
                for lane, tally in child.tallies().items():
                    stream = f"{squad.region}/{lane}"
                    found[stream] = found[stream] + tally if stream in found else tally
        return found

    def operations(self) -> Mapping[str, int]:
        """Operations of users so far, by region; up to 0.3 s old."""
        counts: Counter[str] = Counter()
        for squad in tuple(self._squads):
            for child in squad.users:
                counts[squad.region] += child.operations
        return counts

    def broken(self) -> Sequence[str]:
        """What went wrong with processes: ended unplanned, or did not do as told in time."""
        return [*self._trouble, *(why for child in self._children() if (why := child.broken()))]

    def lose(self, region: str, deadline_ns: int) -> None:
        """Drain the region's operations into complete streams, then freeze its processes with their sockets open.

        A process that does not drain by the deadline is frozen all the same; its stream has no end marker.
        """
        lost = [child for child in self._children(region) if not child.frozen and not child.ended]
        for child in lost:
            child.say("lose")
        await_all(lost, "drained", deadline_ns, lambda child: self._note(child, "did not drain before it was frozen"))
        for child in lost:
            child.freeze()

    def restore(self, region: str) -> None:
        """End the frozen processes of a lost region and start new ones, which begin once they can; returns at once.

        A region that was not lost keeps its clients. The new prober keeps to the grid of the old one.
        """
        if self._stopped:
            return
        returning = self._returns.submit(self._restore, region)
        returning.add_done_callback(lambda done: self._note_failure(region, done))
        self._returning.append(returning)

    def stop(self, deadline_ns: int) -> None:
        """Let operations in flight end, then every process; frozen ones and leftovers are killed. Idempotent."""
        self._stopped = True
        _, late = wait(self._returning, timeout=max(0, deadline_ns - self._clock.now_ns()) / NS)
        self._trouble += ["clients that came back were not started in time" for _ in late]
        working = [child for child in self._children() if not child.frozen and not child.ended]
        for child in working:
            child.say("stop")
        await_all(working, "stopped", deadline_ns, lambda child: self._note(child, "did not stop in time"))
        for child in self._children():
            child.end(deadline_ns)
        self._returns.shutdown(wait=not late, cancel_futures=True)

    def streams(self) -> Sequence[Path]:
        """Every stream that a process was told to write; one that never did is missing."""
        return [stream for squad in tuple(self._squads) for stream in squad.streams()]

    def _restore(self, region: str) -> None:
        frozen = [child for child in self._children(region) if child.frozen and not child.ended]
        if not frozen or self._stopped:
            return
        for child in frozen:
            child.end(self._clock.now_ns())
        generation = 1 + sum(squad.region == region for squad in self._squads)
        squad = self._squad(region, generation)
        squad.order(self._endpoints[region])
        for child in squad.children:
            child.say("begin", at_ns=self._begin_ns)
        self._squads.append(squad)

    def _note_failure(self, region: str, returning: Future[None]) -> None:
        if not returning.cancelled() and (error := returning.exception()) is not None:
            self._trouble.append(f"the clients of {region} did not come back: {error}")

    def _squad(self, region: str, generation: int) -> Squad:
        return Squad(
            self._plan,
            region,
            generation,
            launcher=self._launcher,
            clock=self._clock,
            directory=self._directory,
            python=self._python,
            bind=self._bind,
        )

    def _children(self, region: str | None = None) -> list[Child]:
        squads = tuple(self._squads)  # a thread of our own may add one meanwhile
        return [child for squad in squads if region in (None, squad.region) for child in squad.children]

    def _note(self, child: Child, what: str) -> None:
        if child.broken() is None:
            self._trouble.append(f"{child.client} {what}")


def _percentile_ms(values_ns: list[int], percent: int) -> float:
    """By nearest rank."""
    ordered = sorted(values_ns)
    return ordered[-(-len(ordered) * percent // 100) - 1] / 1e6
