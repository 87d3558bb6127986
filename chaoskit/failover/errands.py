"""What a failover leaves to do, done beside the watch: retried until it can be reached."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event as Flag
from threading import Lock, Thread
from typing import assert_never

from chaoskit.clock import NS
from chaoskit.failover.attempts import Attempts
from chaoskit.failover.duties import Duty, LateFence, Repoint, Reroute, Return, Unfence, owed
from chaoskit.failover.failback import Returning
from chaoskit.failover.operator import Mark
from chaoskit.failover.promotion import Promotion
from chaoskit.failover.rerouting import Rerouting
from chaoskit.failover.scene import Scene
from chaoskit.failover.standing import Standing
from chaoskit.model.event import Name
from chaoskit.sql import Unanswered

STRAYED_AFTER_S = 3.0  # a replica that can follow has asked its new primary for WAL long before


class Errands:
    """Does, round by round, what is owed. Rebuilding nodes takes long and has threads of its own.

    Args:
        broken: Told of an exception nobody expected.
    """

    def __init__(
        self,
        scene: Scene,
        routes: Rerouting,
        promotion: Promotion,
        returning: Returning,
        *,
        stopped: Flag,
        broken: Callable[[BaseException], None],
    ) -> None:
        self._scene, self._routes, self._promotion, self._returning = scene, routes, promotion, returning
        self._stopped, self._broken = stopped, broken
        self._attempts = Attempts(scene)
        self._operator = scene.operator()
        self._paused, self._awaited, self._done = Flag(), Flag(), Flag()
        self._round = Lock()
        self._told_ns: dict[str, int] = {}
        self._marks: dict[tuple[str, str], Mark] = {}
        self._lost_causes: set[str] = set()
        self._returns: dict[str, Thread] = {}
        self._thread = Thread(target=self._guarded(self._work), name="runbook-errands", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def join(self, timeout_s: float) -> bool:
        """Wait for what is under way after ``stopped`` was set; False: not all has ended."""
        deadline_ns = self._scene.clock.now_ns() + round(timeout_s * NS)
        threads = [thread for thread in (self._thread, *self._returns.values()) if thread.ident is not None]
        for thread in threads:
            thread.join(max(deadline_ns - self._scene.clock.now_ns(), 0) / NS)
        self._operator.close()
        return not any(thread.is_alive() for thread in threads)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Begin no round."""
        self._paused.set()
        try:
            yield
        finally:
            self._paused.clear()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """No round under way: one that is, is waited for; all that it does has a deadline."""
        with self._round:
            yield

    def await_done(self, deadline_ns: int) -> None:
        """Wait until nothing is left that could be done, or until the deadline."""
        self._awaited.set()
        self._done.wait(max(deadline_ns - self._scene.clock.now_ns(), 0) / NS)

    def _work(self) -> None:
        while not self._stopped.wait(self._scene.every_s):
            if self._paused.is_set() or not self._round.acquire(blocking=False):
                continue
            awaited = self._awaited.is_set()  # a round that began before may have met what is healed by now
            try:
                left = self._once()
            finally:
                self._round.release()
            if awaited and not left:
                self._done.set()

    def _once(self) -> bool:
        """One round; whether something is left that could be done soon."""
        duties = [*owed(self._scene.board.now, self._scene.settings), *self._routes.owed()]
        returns = [duty.node for duty in duties if isinstance(duty, Return)]
        for node in returns:
            self._begin_return(node)
        streaming = self._streaming() if any(isinstance(duty, Repoint) for duty in duties) else frozenset()
        others = {str(d): partial(self._do, d, streaming) for d in duties if not isinstance(d, Return)}
        left = self._attempts.all(others)
        self._tell_strays()
        regions = self._routes.unsettled()
        if regions:
            self._settle_reads(regions)
        waiting = any(self._hopeful(duty) for duty in duties if str(duty) in left or isinstance(duty, Return))
        return waiting or bool(self._scene.board.now.ahead)

    def _do(self, duty: Duty, streaming: frozenset[str]) -> None:
        match duty:
            case Repoint():
                self._repoint(duty.node, streaming)
            case LateFence():
                self._promotion.fence(self._operator, duty.node)
            case Unfence():
                self._promotion.uncurb(self._operator, duty.node)
            case Reroute():
                self._routes.point(duty)
            case Return():
                self._begin_return(duty.node)
            case _:
                assert_never(duty)

    def _repoint(self, node: str, streaming: frozenset[str]) -> None:
        """Tell a replica of the primary, and learn whether it has got further than that."""
        primary = self._scene.board.now.primary
        if node in streaming:  # whoever restarted it has told it already
            self._scene.board.change(partial(Standing.streams, node=node))
            self._scene.say(Name.REPOINTED, node=node, primary=primary)
            return
        reached = self._operator.stop_receiving(node)
        if reached.promoted:
            self._scene.board.change(partial(Standing.usurps, node=node))
            raise Unanswered("it was promoted, and its answer was lost")
        self._promotion.turn(self._operator, node, primary)
        self._told_ns[node] = self._scene.clock.now_ns()
        self._marks.pop((node, primary), None)
        self._scene.board.change(lambda standing: standing.told(node, reached.lsn))

    def _tell_strays(self) -> None:
        """See which of the replicas that seemed to be ahead follow all the same."""
        standing = self._scene.board.now
        for node in standing.ahead:
            follows = self._follows(node, standing.primary)
            if follows:
                self._scene.board.change(partial(Standing.streams, node=node))
            elif follows is False and self._since_told_s(node) > STRAYED_AFTER_S:
                why = f"it holds WAL that {standing.primary} does not have"
                self._scene.say(Name.UNREACHED, node=node, what=f"re-point {node}", why=why)
                self._scene.board.change(partial(Standing.stray, node=node))

    def _follows(self, node: str, primary: str) -> bool | None:
        """Whether a replica has replayed what the primary wrote up to the first question; None: one does not answer."""
        try:
            mark = self._marks.setdefault((node, primary), self._operator.mark(primary))
            return self._operator.replayed(primary, node, mark)
        except Unanswered:
            return None

    def _since_told_s(self, node: str) -> float:
        now_ns = self._scene.clock.now_ns()
        return (now_ns - self._told_ns.setdefault(node, now_ns)) / NS

    def _settle_reads(self, regions: tuple[str, ...]) -> None:
        standing = self._scene.board.now
        nodes = [node for region in regions for node in self._routes.local(region)]
        answering = self._scene.answering(nodes)
        fit = ({standing.primary} | self._streaming()) - standing.outcasts - standing.ahead
        send = partial(self._routes.send_home, answering=answering, fit=fit)
        self._attempts.all({f"re-route reads of {region}": partial(send, region) for region in regions})

    def _streaming(self) -> frozenset[str]:
        """Who streams from the primary; nobody, where it does not answer: the watch will tell what is wrong with it."""
        try:
            return self._operator.streaming(self._scene.board.now.primary)
        except Unanswered:
            return frozenset()

    def _begin_return(self, node: str) -> None:
        underway = self._returns.get(node)
        if node in self._lost_causes or (underway is not None and underway.is_alive()):
            return
        self._returns[node] = Thread(
            target=self._guarded(partial(self._return, node)), name=f"failback {node}", daemon=True
        )
        self._returns[node].start()

    def _return(self, node: str) -> None:
        def bring_back() -> None:
            if not self._returning.bring_back(node):
                self._lost_causes.add(node)

        self._attempts.one(f"fail back {node}", bring_back)

    def _hopeful(self, duty: Duty) -> bool:
        """Whether it can be expected to work soon: its node is there, its host in reach, and it was not given up."""
        match duty:
            case Reroute():
                return True
            case Return():
                return duty.node not in self._lost_causes and self._returning.out_of_hand(duty.node) is None
            case Repoint() | LateFence() | Unfence():
                return self._scene.hands(duty.node) and self._scene.database.running(duty.node)
            case _:
                assert_never(duty)

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - errands that die unheard would be measured as a database
                self._broken(error)

        return run
