"""``failover: runbook``: an operator who sees and reaches nothing but what the WAN lets through."""

from collections.abc import Callable, Sequence
from threading import Event as Flag
from threading import Lock, Thread

from chaoskit.clock import NS
from chaoskit.errors import StackError
from chaoskit.failover.errands import Errands
from chaoskit.failover.failback import Returning
from chaoskit.failover.promotion import Promotion
from chaoskit.failover.rerouting import Rerouting
from chaoskit.failover.scene import Scene
from chaoskit.failover.standing import Board, Standing
from chaoskit.failover.switchover import Switchover
from chaoskit.failover.watch import Watch
from chaoskit.model.event import Name
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import Failback, Runbook
from chaoskit.protocols import Clock, Database, Emit, Router, Wan, Witness

STOP_TIMEOUT_S = 150.0  # a rebuild under way is bounded by the runtime
HELM_TIMEOUT_S = 30.0


class RunbookManager:
    """Detects, decides, fences, promotes, re-points, re-routes, brings back (``protocols.FailoverManager``).

    Args:
        stopped: Whether somebody keeps the node's processes stopped, as a standing fault does: then there is nothing
            on its host that an operator could use.
    """

    def __init__(
        self,
        plan: Plan,
        settings: Runbook,
        wan: Wan,
        router: Router,
        *,
        database: Database,
        witness: Witness,
        clock: Clock,
        emit: Emit,
        stopped: Callable[[str], bool],
    ) -> None:
        topology = plan.scenario.stack.topology
        follows = {n.name: topology.primary for n in topology.nodes if n.name != topology.primary}
        self._scene = Scene(
            plan=plan,
            settings=settings,
            wan=wan,
            router=router,
            database=database,
            witness=witness,
            clock=clock,
            emit=emit,
            board=Board(Standing(primary=topology.primary, follows=follows)),
        )
        self._stopped, self._closing, self._away, self._helm = Flag(), Flag(), Flag(), Lock()
        routes = Rerouting(self._scene)
        promotion = Promotion(self._scene, routes, stopped=self._stopped, closing=self._closing)
        returning = Returning(self._scene, routes, free=lambda node: not stopped(node), stopped=self._stopped)
        self._errands = Errands(
            self._scene, routes, promotion, returning, stopped=self._stopped, broken=self._say_broken
        )
        self._switchover = Switchover(self._scene, promotion, returning)
        self._watch = Watch(
            self._scene,
            promotion,
            self._errands,
            helm=self._helm,
            away=self._away,
            stopped=self._stopped,
            closing=self._closing,
        )
        self._thread = Thread(target=self._keep_watch, name="runbook", daemon=True)

    def start(self) -> None:
        """Begin watching; returns at once."""
        self._thread.start()
        self._errands.start()

    def stop(self) -> None:
        """Stop watching and join; idempotent."""
        for flag in (self._stopped, self._away):
            flag.set()
        if self._thread.ident is None:
            return
        self._thread.join(timeout=10 * self._scene.timeout_s + 10)
        if not self._errands.join(STOP_TIMEOUT_S) or self._thread.is_alive():
            self._scene.say(Name.BROKEN, what="the failover manager", why="it does not stop")

    def primary(self) -> str:
        """The node it holds for the primary now."""
        return self._scene.board.now.primary

    def deposed(self) -> Sequence[str]:
        """Nodes that were primary, are not any more, and have not been made replicas."""
        deposed = self._scene.board.now.deposed
        return tuple(node for node in self._scene.nodes if node in deposed)

    def holds(self, node: str) -> bool:
        """Whether a dead node must stay down, because it is to be rebuilt."""
        return self._scene.settings.failback is not Failback.NONE and node in self._scene.board.now.outcasts

    def switchover(self, target: str) -> None:
        """Make the replica ``target`` primary without losing anything, and the primary a replica of it.

        Raises:
            StackError: It cannot be done; says where it stopped and who is primary then.
        """
        if not self._helm.acquire(timeout=HELM_TIMEOUT_S):
            raise StackError(
                f"the switchover to {target} was not begun",
                why=f"a failover of {self.primary()} has been under way for {HELM_TIMEOUT_S:g} s",
                fix="switch over when nothing is broken",
            )
        try:
            self._away.set()
            with self._errands.paused(), self._errands.quiet():
                self._switchover.run(target)
        finally:
            if not self._closing.is_set() and not self._stopped.is_set():
                self._away.clear()
            self._helm.release()

    def complete(self, deadline_ns: int) -> None:
        """Everything is healed: finish what was begun, begin no failover; returns when done or at the deadline."""
        self._closing.set()
        self._away.set()
        if self._thread.ident is not None and self._helm.acquire(timeout=self._left_s(deadline_ns)):
            self._helm.release()
            self._errands.await_done(deadline_ns)
        self.stop()

    def _left_s(self, deadline_ns: int) -> float:
        return max(deadline_ns - self._scene.clock.now_ns(), 0) / NS

    def _keep_watch(self) -> None:
        try:
            self._watch.run()
        except Exception as error:  # noqa: BLE001 - a manager that dies unheard would be measured as a database
            self._say_broken(error)

    def _say_broken(self, error: BaseException) -> None:
        self._scene.say(Name.BROKEN, what="the failover manager", why=f"{type(error).__name__}: {error}")
