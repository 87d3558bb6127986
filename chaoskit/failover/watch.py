"""The watch over whoever is primary, and the failover that follows a detection."""

from random import Random
from threading import Event as Flag
from threading import Lock

from chaoskit.failover.detector import Detector
from chaoskit.failover.errands import Errands
from chaoskit.failover.promotion import Promotion
from chaoskit.failover.scene import Scene
from chaoskit.model.event import Name


class Watch:
    """Watches the primary, one after the other, until the run is over.

    Args:
        helm: Held by whoever changes the primary: a failover or a switchover.
        away: Set while nobody watches: the primary is stopped on purpose, or the run closes.
        stopped: The run is over.
        closing: The load is over: no new failover begins.
    """

    def __init__(
        self,
        scene: Scene,
        promotion: Promotion,
        errands: Errands,
        *,
        helm: Lock,
        away: Flag,
        stopped: Flag,
        closing: Flag,
    ) -> None:
        self._scene, self._promotion, self._errands = scene, promotion, errands
        self._helm, self._away, self._stopped, self._closing = helm, away, stopped, closing
        self._draws = Random(scene.plan.seed)  # noqa: S311 - repeatable, not secret

    def run(self) -> None:
        """Watch, and fail over each time it has to be."""
        while not (self._stopped.is_set() or self._closing.is_set()):
            watched = self._scene.board.now.primary
            detection = self._detector().watch(self._scene.wan.target(self._scene.dials[watched]), self._away)
            with self._helm:  # a switchover that is under way is waited for
                if detection is None or self._away.is_set() or self._scene.board.now.primary != watched:
                    continue
                first_ns = detection.first_failure_ns
                self._scene.say(Name.DETECTED, node=watched, failures=detection.failures, first_failure_ns=first_ns)
                self._fail_over(watched)

    def _fail_over(self, old: str) -> None:
        with self._errands.paused():
            if self._stopped.wait(self._scene.settings.decide_ns / 1e9):
                return
            self._scene.say(Name.DECIDED, node=old)
            with self._errands.quiet():
                self._promotion.replace(old)

    def _detector(self) -> Detector:
        settings = self._scene.settings
        return Detector(
            every_ns=settings.every_ns,
            failures=settings.failures,
            timeout_ns=settings.timeout_ns,
            clock=self._scene.clock,
            phase_ns=self._draws.randrange(settings.every_ns),
        )
