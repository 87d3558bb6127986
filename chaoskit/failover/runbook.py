"""``failover: runbook``: detect, decide, fence, promote, re-point, re-route. Every step is an event with its time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from threading import Event as Flag
from threading import Thread
from typing import Any

from chaoskit.failover.detector import Detector
from chaoskit.failover.operator import Operator, lsn_bytes
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Dial, Plan
from chaoskit.model.scenario import Fence, Quorum, Reads, Runbook
from chaoskit.model.topology import Role
from chaoskit.protocols import Clock, Emit, Router, Wan
from chaoskit.sql import Unanswered

PROMOTE_ATTEMPTS = 3


class RunbookManager:
    """An operator in one region, who sees nothing but what the WAN lets through (``protocols.FailoverManager``)."""

    def __init__(self, plan: Plan, settings: Runbook, wan: Wan, router: Router, *, clock: Clock, emit: Emit) -> None:
        self._plan, self._settings, self._wan, self._router = plan, settings, wan, router
        self._clock, self._emit = clock, emit
        self._topology = plan.scenario.stack.topology
        self._primary = self._topology.primary
        self._following: set[str] = set()
        self._stopped = Flag()
        self._thread = Thread(target=self._run, name="runbook", daemon=True)
        self._dials = {d.target.name: d for d in plan.dials if d.source.role is Role.MANAGER}
        self._operator = Operator(self._dials, wan, clock=clock, timeout_s=settings.timeout_ns / 1e9)

    def start(self) -> None:
        """Begin watching; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching and join; idempotent."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=10 * self._settings.timeout_ns / 1e9 + 10)
            if self._thread.is_alive():
                self._say(Name.BROKEN, what="the failover manager", why="it does not stop")
        self._operator.close()

    def primary(self) -> str:
        """The node it holds for the primary now."""
        return self._primary

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - a manager that dies unheard would be measured as a database
            self._say(Name.BROKEN, what="the failover manager", why=f"{type(error).__name__}: {error}")

    def _work(self) -> None:
        s = self._settings
        detector = Detector(
            every_ns=s.every_ns,
            failures=s.failures,
            timeout_ns=s.timeout_ns,
            clock=self._clock,
            phase_ns=Random(self._plan.seed).randrange(s.every_ns),  # noqa: S311 - repeatable, not secret
        )
        old = self._primary
        detection = detector.watch(self._wan.target(self._dials[old]), self._stopped)
        if detection is None:
            return
        self._say(Name.DETECTED, node=old, failures=detection.failures, first_failure_ns=detection.first_failure_ns)
        if self._stopped.wait(s.decide_ns / 1e9):
            return
        self._say(Name.DECIDED, node=old)
        todo: list[tuple[str, Callable[[], None]]] = []
        if not self._fence(old):
            if s.fence is Fence.REQUIRED:
                self._until_done([(f"fence {old}", partial(self._fenced, old))])
            elif s.fence is Fence.ATTEMPT:
                todo.append((f"fence {old}", partial(self._fenced, old)))
        new = self._promote(old)
        if new is not None:
            todo += self._followers(old, new) + self._reroute(new)
        self._until_done(todo)

    def _fence(self, old: str) -> bool:
        if self._settings.fence is Fence.DENIED:
            self._say(Name.FENCED, node=old, ok=False, why="fence: denied")
            return False
        try:
            self._fenced(old)
        except Unanswered as error:
            self._say(Name.FENCED, node=old, ok=False, why=str(error))
            return False
        return True

    def _fenced(self, old: str) -> None:
        self._operator.fence(old)
        self._say(Name.FENCED, node=old, ok=True, why="it refuses writes and its clients' connections are closed")

    def _promote(self, old: str) -> str | None:
        """Promote the most advanced replica that can be reached; None when stopped before there was one."""
        while not self._stopped.is_set():
            positions = self._positions(old)
            if positions:
                new = self._most_advanced(positions)
                self._announce(old, new, positions)
                self._each([(f"re-point {n}", partial(self._follow, n, new)) for n in positions if n != new])
                if self._promoted(new):
                    return new
            self._stopped.wait(self._settings.every_ns / 1e9)
        return None

    def _promoted(self, new: str) -> bool:
        """Promote one node, asking again where the answer was lost: it may have happened all the same."""
        for _ in range(PROMOTE_ATTEMPTS):
            try:
                fork_lsn, timeline = self._operator.promote(new)
            except Unanswered as error:
                self._say(Name.UNREACHED, node=new, what=f"promote {new}", why=str(error))
                if self._stopped.is_set():
                    return False
            else:
                self._primary = new
                self._say(Name.PROMOTED, node=new, fork_lsn=fork_lsn, pg_timeline=timeline)
                return True
        return False

    def _positions(self, old: str) -> dict[str, str]:
        """Stop WAL reception on every replica that can be reached; its position, or an event why not."""
        positions: dict[str, str] = {}

        def stop(node: str) -> None:
            positions[node] = self._operator.stop_receiving(node)

        self._each([(f"stop WAL reception on {n}", partial(stop, n)) for n in self._nodes() if n != old])
        return {node: positions[node] for node in self._nodes() if node in positions}

    def _most_advanced(self, positions: dict[str, str]) -> str:
        """The highest position; among equals one in the operator's own region, then the first of the file."""
        own = self._settings.origin
        return max(positions, key=lambda node: (lsn_bytes(positions[node]), self._topology.node(node).region == own))

    def _announce(self, old: str, new: str, positions: dict[str, str]) -> None:
        unreachable = [node for node in self._nodes() if node not in positions and node != old]
        self._say(Name.CANDIDATE, node=new, positions=positions, unreachable=unreachable)
        replication = self._plan.scenario.stack.replication
        if isinstance(replication, Quorum):
            voters = [n for n in self._nodes() if n != old and self._topology.node(n).region in replication.of]
            needed = len(voters) - replication.any + 1
            reachable = len([node for node in voters if node in positions])
            if reachable < needed:
                self._say(Name.PROMOTION_MAY_LOSE, node=new, reachable=reachable, needed=needed)

    def _followers(self, old: str, new: str) -> list[tuple[str, Callable[[], None]]]:
        """Replicas that could not be reached before the promotion; they are re-pointed when they can be."""
        missed = [n for n in self._nodes() if n not in (old, new) and n not in self._following]
        return [(f"re-point {node}", partial(self._follow, node, new)) for node in missed]

    def _follow(self, node: str, new: str) -> None:
        self._operator.follow(node, self._wan.target(self._dial(node, new)))
        self._following.add(node)
        self._say(Name.REPOINTED, node=node, primary=new)

    def _reroute(self, new: str) -> list[tuple[str, Callable[[], None]]]:
        """Re-route every region that can be reached, at once; the others are still to do."""
        return self._each([(f"re-route {r}", partial(self._route, r, new)) for r in self._topology.regions])

    def _route(self, region: str, new: str) -> None:
        """Re-point a region's endpoints; its control is where its nodes are, so one of them has to answer."""
        self._operator.reach(next(n.name for n in self._topology.nodes if n.region == region))
        kinds = ("write", "read") if self._plan.scenario.stack.reads is Reads.PRIMARY else ("write",)
        for kind in kinds:
            self._router.point(region, kind, new)
            self._say(Name.ROUTED, region=region, endpoint=kind, node=new)

    def _until_done(self, todo: Sequence[tuple[str, Callable[[], None]]]) -> None:
        """Retry what could not be reached, until it is done or the run ends."""
        while todo and not self._stopped.is_set():
            self._stopped.wait(self._settings.every_ns / 1e9)
            todo = self._each(todo, quiet=True)

    def _each(
        self, todo: Sequence[tuple[str, Callable[[], None]]], *, quiet: bool = False
    ) -> list[tuple[str, Callable[[], None]]]:
        """Do everything at once; return what could not be reached (said once, unless ``quiet``)."""
        left: list[tuple[str, Callable[[], None]]] = []
        if not todo or self._stopped.is_set():
            return list(todo)

        def attempt(what: str, act: Callable[[], None]) -> None:
            try:
                act()
            except Unanswered as error:
                left.append((what, act))
                if not quiet:
                    self._say(Name.UNREACHED, what=what, why=str(error))

        with ThreadPoolExecutor(len(todo), thread_name_prefix="runbook") as pool:
            list(pool.map(lambda item: attempt(*item), todo))
        return left

    def _nodes(self) -> list[str]:
        return [node.name for node in self._topology.nodes]

    def _dial(self, source: str, target: str) -> Dial:
        return next(d for d in self._plan.dials if d.source.name == source and d.target.name == target)

    def _say(self, name: Name, *, region: str | None = None, node: str | None = None, **detail: Any) -> None:
        self._emit(Event(t_ns=self._clock.now_ns(), event=name, region=region, node=node, detail=detail))
