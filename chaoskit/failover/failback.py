"""The way back of one node: stopped, read, rebuilt as a replica, and believed only when position and content agree."""

from collections.abc import Callable
from threading import Event as Flag

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.failover.operator import Mark, Operator
from chaoskit.failover.rerouting import Rerouting
from chaoskit.failover.scene import Scene
from chaoskit.model.event import Name
from chaoskit.model.scenario import Failback
from chaoskit.sql import Unanswered

VERIFY_TIMEOUT_S = 30.0

HOW = {Failback.REWIND: "rewind", Failback.RECLONE: "reclone", Failback.NONE: "follow"}
"""The events' words."""


def methods(asked: Failback, *, readable: bool) -> tuple[Failback, ...]:
    """What is tried in turn; a disk that cannot even be read is not rewound."""
    if asked is Failback.REWIND and readable:
        return (Failback.REWIND, Failback.RECLONE)
    return (Failback.RECLONE,)


class Returning:
    """Rebuilds nodes that have to come back. The operator's hands on a host reach as far as its link does.

    Args:
        free: Whether nobody keeps the node's processes stopped; asked anew each time, since that comes and goes.
        stopped: The run is over: nothing more is begun.
    """

    def __init__(self, scene: Scene, routes: Rerouting, *, free: Callable[[str], bool], stopped: Flag) -> None:
        self._scene, self._routes, self._free, self._stopped = scene, routes, free, stopped
        self._held: set[str] = set()
        self._preserved: dict[str, bool] = {}  # whether what it held could be read

    def bring_back(self, node: str) -> bool:
        """Make ``node``, deposed or strayed, a replica of the primary.

        Returns:
            False where everything was tried and nothing worked: the node stays down.

        Raises:
            Unanswered: Not possible yet.
        """
        began_ns = self._scene.clock.now_ns()
        self._take(node)
        for how in methods(self._scene.settings.failback, readable=self._preserve(node)):
            if self._stopped.is_set():
                raise Unanswered("the run is over")
            if self.rebuild(node, how, began_ns):
                self._held.discard(node)
                del self._preserved[node]
                return True
        return False

    def rebuild(self, node: str, how: Failback, began_ns: int) -> bool:
        """Rebuild a dead node and verify it; False, and an event why, where it did not become a true replica.

        Raises:
            Unanswered: The primary cannot be reached from it, or was replaced meanwhile.
        """
        source = self._scene.board.now.primary
        self._reachable(node, source)
        undone = None
        try:
            undone = self._scene.database.rebuild(node, source, how, self._scene.upstream(node, source))
            why = self._verify(node, source)
        except StackError as error:
            why = _words(error)
        if why is None:
            self._scene.board.change(lambda standing: standing.returned(node))
            took_ns = self._scene.clock.now_ns() - began_ns
            self._scene.say(Name.FAILED_BACK, node=node, how=HOW[how], source=source, bytes=undone, took_ns=took_ns)
            return True
        self._scene.say(Name.NOT_FAILED_BACK, node=node, how=HOW[how], why=why)
        self._at_hand(node)  # or it is stopped at the next try
        self._down(node)
        self._reachable(node, source)
        return False

    def out_of_hand(self, node: str) -> str | None:
        """Why the operator can do nothing on the node's host now; None: it can."""
        if not self._scene.hands(node):
            return "its host cannot be reached"
        return None if self._free(node) else "neither it nor its host answers"

    def _take(self, node: str) -> None:
        """Have the node down and its host in hand."""
        self._at_hand(node)
        if self._scene.database.running(node):
            self._stop(node)
        elif node not in self._held:
            self._held.add(node)
            self._scene.say(Name.HELD, node=node)

    def _stop(self, node: str) -> None:
        if node not in self._scene.answering([node]):
            raise Unanswered("it runs and does not answer")
        self._routes.leave(node)
        try:
            self._scene.database.stop(node)
        except StackError as error:
            raise Unanswered(_words(error)) from error
        self._held.add(node)
        if node in self._scene.board.now.deposed:
            self._scene.say(Name.DEMOTED, node=node, how="stopped")

    def _preserve(self, node: str) -> bool:
        """Let the witness read, once, what a rebuild erases; whether it could."""
        if node not in self._preserved:
            try:
                self._scene.witness.evidence(node)
                self._preserved[node] = True
            except StackError as error:
                self._preserved[node] = False
                self._down(node)  # it was started to be read
                self._scene.say(Name.UNREACHED, node=node, what=f"read what {node} holds", why=_words(error))
        return self._preserved[node]

    def _at_hand(self, node: str) -> None:
        if (why := self.out_of_hand(node)) is not None:
            raise Unanswered(why)

    def _reachable(self, node: str, source: str) -> None:
        if self._scene.board.now.primary != source:
            raise Unanswered(f"{source} is not primary any more")
        self._at_hand(node)
        if not self._scene.linked(node, source):
            raise Unanswered(f"its host does not reach {source}")

    def _verify(self, node: str, source: str) -> str | None:
        """Why the node is no true replica of ``source``: by position, then by content; None: it is one.

        Raises:
            StackError: It could not be told in time.
        """
        operator = self._scene.operator()
        try:
            mark = _marked(operator, source)
            wait_for(
                lambda: self._behind(operator, node, source, mark),
                clock=self._scene.clock,
                timeout_s=VERIFY_TIMEOUT_S,
                what=f"{node} has not replayed {mark.lsn} of {source}",
                every_s=0.1,
            )
        finally:
            operator.close()
        return self._scene.witness.differs(node, source)

    def _behind(self, operator: Operator, node: str, source: str, mark: Mark) -> str | None:
        if self._stopped.is_set():
            raise StackError(f"{node} was not verified", why="the run is over")
        try:
            done = operator.replayed(source, node, mark)
        except Unanswered as error:
            return str(error)
        return None if done else f"{source} does not see it stream that far"

    def _down(self, node: str) -> None:
        """A node that is no true replica must not serve: stop it, by force if need be."""
        try:
            self._scene.database.stop(node)
        except StackError:
            self._scene.database.kill(node)


def _marked(operator: Operator, source: str) -> Mark:
    try:
        return operator.mark(source)
    except Unanswered as error:
        raise StackError(f"no position could be taken from {source}", why=str(error)) from error


def _words(error: Exception) -> str:
    """What, why and fix in one line."""
    return " ".join(str(error).split())
