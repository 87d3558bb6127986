"""A planned change of primary: quiesce, wait for the target, stop, promote, and let the old primary follow."""

from collections.abc import Callable
from functools import partial

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.failover.attempts import Attempts
from chaoskit.failover.failback import Returning
from chaoskit.failover.operator import Operator
from chaoskit.failover.promotion import Promotion
from chaoskit.failover.scene import Scene
from chaoskit.model.event import Name
from chaoskit.model.scenario import Failback
from chaoskit.sql import Unanswered

CATCH_UP_TIMEOUT_S = 10.0


class Switchover:
    """Loses nothing: until the target has everything, the way back is open and is taken."""

    def __init__(self, scene: Scene, promotion: Promotion, returning: Returning) -> None:
        self._scene, self._promotion, self._returning = scene, promotion, returning
        self._attempts = Attempts(scene)

    def run(self, target: str) -> None:
        """Make ``target`` primary.

        Raises:
            StackError: Says where it stopped and who is primary then; or it was primary before, and nothing was done.
        """
        old = self._scene.board.now.primary
        if target == old:
            raise StackError(f"the switchover to {target} was not begun; it is primary already", fix=_FIX)
        operator = self._scene.operator()
        try:
            self._ready(operator, old, target)
            self._hand_over(operator, old, target)
        finally:
            operator.close()
        self._let_follow(old, target)

    def _ready(self, operator: Operator, old: str, target: str) -> None:
        """Look before the leap."""
        why = None
        if target not in self._scene.board.now.replicas:
            why = f"{target} is no replica of {old}"
        elif not self._scene.hands(old):
            why = f"the host of {old} cannot be reached"
        else:
            try:
                if target not in operator.streaming(old):
                    why = f"{target} does not stream from {old}"
            except Unanswered as error:
                why = f"{old}: {error}"
        if why is not None:
            raise StackError(f"the switchover to {target} was not begun; {old} is primary", why=why, fix=_FIX)

    def _hand_over(self, operator: Operator, old: str, target: str) -> None:
        """Stop ``old`` once ``target`` has everything, and promote that."""
        began_ns = self._scene.clock.now_ns()
        where = f"when {target} was to catch up"
        try:
            self._promotion.curb(operator, old)
            self._await_all(operator, old, target)
            where = f"when {old} was to be stopped"
            self._stop(old)
        except (StackError, Unanswered) as error:
            back = self._back_out(operator, old)
            raise StackError(
                f"the switchover to {target} stopped {where}; {old} is primary{back}", why=str(error), fix=_FIX
            ) from error
        self._scene.board.change(lambda standing: standing.refuses(old))
        self._scene.say(Name.DEMOTED, node=old, how="switchover", took_ns=self._scene.clock.now_ns() - began_ns)
        others = [node for node in self._scene.board.now.replicas if node != target]
        left = self._attempts.all({f"re-point {n}": partial(self._promotion.turn, operator, n, target) for n in others})
        fork = self._promotion.made_primary(operator, target)
        if fork is None:
            raise StackError(
                f"the switchover stopped when {target} was to be promoted; nobody is primary",
                why=f"{old} is stopped, and {target} did not say that it is primary",
                fix="the failover that follows settles it; see the events",
            )
        # All of them hold what the old primary sent before it stopped, and that is where the timelines part.
        told = {node: fork for node in others if f"re-point {node}" not in left}
        self._scene.board.change(lambda standing: standing.promoted(target, fork, told))
        self._promotion.reroute()

    def _await_all(self, operator: Operator, old: str, target: str) -> None:
        mark = operator.mark(old)
        wait_for(
            _unless(lambda: operator.replayed(old, target, mark)),
            clock=self._scene.clock,
            timeout_s=CATCH_UP_TIMEOUT_S,
            what=f"{target} has not replayed {mark.lsn} of {old}",
        )

    def _stop(self, old: str) -> None:
        if not self._scene.hands(old):
            raise Unanswered(f"the host of {old} cannot be reached")
        try:
            self._scene.database.stop(old)
        except StackError:
            # Halfway down it serves nobody, and its disk has everything: it comes back by crash recovery.
            self._scene.database.kill(old)
            self._scene.database.restart(old, isolated=False)
            raise

    def _back_out(self, operator: Operator, old: str) -> str:
        """Let the old primary take writes again, nobody else was promoted; what is to be said of it."""
        operator.close()  # a server that was restarted knows nothing of the sessions it had
        back = self._attempts.one(f"let {old} take writes again", partial(self._promotion.uncurb, operator, old))
        return " again" if back else ", but refuses writes until it can be reached"

    def _let_follow(self, old: str, target: str) -> None:
        try:
            follows = self._returning.rebuild(old, Failback.NONE, self._scene.clock.now_ns())
            why = "see the events"
        except Unanswered as error:
            follows, why = False, str(error)
        if not follows:
            raise StackError(f"the switchover left {old} behind, which does not follow; {target} is primary", why=why)


def _unless(done: Callable[[], bool]) -> Callable[[], str | None]:
    return lambda: None if done() else "not yet"


_FIX = "switch over while the primary and the target answer the operator and stream"
