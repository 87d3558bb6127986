"""One failover: fence the old primary, elect, promote, re-point, re-route. Every step is an event with its time."""

from collections.abc import Collection, Mapping
from functools import partial
from threading import Event as Flag
from typing import Any

from chaoskit.failover.attempts import Attempts
from chaoskit.failover.election import Choice, choose, may_lose
from chaoskit.failover.operator import Operator, Reached
from chaoskit.failover.rerouting import Rerouting
from chaoskit.failover.scene import Scene
from chaoskit.model.event import Name
from chaoskit.model.scenario import Fence
from chaoskit.sql import Unanswered

PROMOTE_ATTEMPTS = 3


class Promotion:
    """Makes another node primary once it is decided.

    A decision is a decision: a primary that answers again right after it is deposed all the same, as by an operator who
    has begun. But whoever had to wait, for a fence or for a candidate, looks again, and stands down if all is well. So
    ``fence: required`` promotes only where the fence works at once, by a primary too sick for its health checks. And a
    candidate that was told to become primary has to say that it is not before anybody stands down.

    Args:
        stopped: The run is over: nothing more is begun.
        closing: The load is over and everything healed: only what is needed is still done.
    """

    def __init__(self, scene: Scene, routes: Rerouting, *, stopped: Flag, closing: Flag) -> None:
        self._scene, self._routes = scene, routes
        self._stopped, self._closing = stopped, closing
        self._attempts = Attempts(scene)

    def replace(self, old: str) -> None:
        """Replace ``old``; without effect where it stands down or the run ends before."""
        operator = self._scene.operator()
        try:
            if self._closing.is_set() and self._recovered(operator, old):
                return
            if self._may_promote(operator, old):
                self._promote(operator, old)
        finally:
            operator.close()

    def fence(self, operator: Operator, old: str) -> None:
        """Make a primary, deposed or about to be, refuse writes.

        Raises:
            Unanswered: It did not answer.
        """
        self.curb(operator, old)
        self._scene.board.change(lambda standing: standing.refuses(old))
        self._scene.say(Name.FENCED, node=old, ok=True, why="it refuses writes and its clients' connections are closed")
        self._scene.say(Name.DEMOTED, node=old, how="fenced")

    def curb(self, operator: Operator, node: str) -> None:
        """Make a node refuse writes for now; whether that is heard or not, ``uncurb`` is owed if it stays primary.

        Raises:
            Unanswered: It did not answer.
        """
        self._scene.board.change(lambda standing: standing.curbs(node))
        operator.fence(node)

    def uncurb(self, operator: Operator, node: str) -> None:
        """Let a node take writes again.

        Raises:
            Unanswered: It did not answer.
        """
        operator.unfence(node)
        self._scene.board.change(lambda standing: standing.takes_writes(node))

    def turn(self, operator: Operator, node: str, primary: str) -> None:
        """Let a replica follow another primary.

        Raises:
            Unanswered: It did not answer.
        """
        operator.follow(node, self._scene.upstream(node, primary))
        self._scene.say(Name.REPOINTED, node=node, primary=primary)

    def made_primary(self, operator: Operator, new: str) -> str | None:
        """Promote one node, asking again where the answer was lost: it may have happened all the same.

        Returns:
            Where the timelines part, as an LSN; None: it could not be promoted.
        """
        for _ in range(PROMOTE_ATTEMPTS):
            try:
                fork_lsn, timeline = operator.promote(new)
            except Unanswered as error:
                self._scene.say(Name.UNREACHED, node=new, what=f"promote {new}", why=str(error))
                if self._stopped.is_set():
                    return None
            else:
                self._scene.say(Name.PROMOTED, node=new, fork_lsn=fork_lsn, pg_timeline=timeline)
                return fork_lsn
        return None

    def reroute(self) -> None:
        """Lead every region's endpoints to the primary, at once; what cannot be reached stays owed."""
        self._attempts.all({str(duty): partial(self._routes.point, duty) for duty in self._routes.owed()})

    def _may_promote(self, operator: Operator, old: str) -> bool:
        """Fence the old primary, as far as that is asked for; False: nothing may be promoted."""
        fence = self._scene.settings.fence
        if fence is Fence.DENIED:
            self._scene.say(Name.FENCED, node=old, ok=False, why="fence: denied")
            return True
        if old in self._scene.board.now.fenced:
            self._scene.say(Name.FENCED, node=old, ok=True, why="it was stopped, to be replaced, and refuses writes")
            return True
        try:
            self.fence(operator, old)
        except Unanswered as error:
            self._scene.say(Name.FENCED, node=old, ok=False, why=str(error))
        else:
            return True
        if fence is Fence.REQUIRED:
            # Where it could be fenced later it would answer, and then it is well: there is nothing left to promote for.
            while not self._stopped.wait(self._scene.every_s) and not self._recovered(operator, old):
                continue
            return False
        return True

    def _promote(self, operator: Operator, old: str) -> None:
        asked: set[str] = set()
        while not self._stopped.is_set():
            reached = self._positions(operator)
            choice = self._chosen(reached)
            if choice is not None:
                if self._elect(operator, old, choice, reached):
                    self.reroute()
                    return
                asked.add(choice.node)
            if self._stopped.wait(self._scene.every_s) or self._recovered(operator, old, asked):
                return

    def _chosen(self, reached: Mapping[str, Reached]) -> Choice | None:
        """Whoever was promoted already, unheard, or else the one to be promoted."""
        for node, where in reached.items():
            if where.promoted:
                return Choice(node=node)
        settings = self._scene.settings
        return choose(_lsns(reached), settings.candidates, self._scene.topology, settings.origin)

    def _elect(self, operator: Operator, old: str, choice: Choice, reached: Mapping[str, Reached]) -> bool:
        positions = _lsns(reached)
        self._announce(old, choice, positions)
        replicas = [node for node, where in reached.items() if node != choice.node and not where.promoted]
        others = {f"re-point {node}": node for node in replicas}
        left = self._attempts.all({what: partial(self.turn, operator, n, choice.node) for what, n in others.items()})
        fork = self.made_primary(operator, choice.node)
        if fork is None:
            return False
        told = {node: positions[node] for what, node in others.items() if what not in left}
        self._scene.board.change(lambda standing: standing.promoted(choice.node, fork, told))
        return True

    def _positions(self, operator: Operator) -> dict[str, Reached]:
        """Stop WAL reception on every replica that can be reached; how far each has got."""
        positions: dict[str, Reached] = {}

        def stop(node: str) -> None:
            self._scene.board.change(lambda standing: standing.silences(node))
            positions[node] = operator.stop_receiving(node)

        replicas = self._scene.board.now.replicas
        self._attempts.all({f"stop WAL reception on {node}": partial(stop, node) for node in replicas})
        return {node: positions[node] for node in self._scene.nodes if node in positions}

    def _announce(self, old: str, choice: Choice, positions: Mapping[str, str]) -> None:
        unreachable = [node for node in self._scene.nodes if node not in positions and node != old]
        self._scene.say(Name.CANDIDATE, node=choice.node, positions=dict(positions), unreachable=unreachable)
        doubt = may_lose(self._scene.plan.scenario.stack.replication, self._scene.topology, old, positions)
        detail: dict[str, Any] = {}
        if doubt is not None:
            detail |= {"reachable": doubt[0], "needed": doubt[1]}
        if choice.behind is not None:
            detail |= {"behind": choice.behind}
        if detail:
            self._scene.say(Name.PROMOTION_MAY_LOSE, node=choice.node, **detail)

    def _recovered(self, operator: Operator, old: str, asked: Collection[str] = ()) -> bool:
        """Whether the old primary, which nobody has fenced, is well again: then nothing is promoted.

        Not while one of the ``asked``, which were told to become primary, does not say that it is a replica still.
        """
        if old in self._scene.board.now.fenced or not operator.is_primary(old):
            return False
        if not all(operator.is_replica(node) for node in asked):
            return False
        self._scene.say(Name.FENCED, node=old, ok=False, why="it answers as primary again: nothing is promoted")
        return True


def _lsns(reached: Mapping[str, Reached]) -> dict[str, str]:
    return {node: where.lsn for node, where in reached.items()}
