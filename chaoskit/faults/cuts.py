"""Which links are cut, and who must not exit behind them.

A cut holds or loses bytes, but lets the end of a connection through: whoever hears it knows at once what a network
without packets could not have told. So a node that is to die behind a cut is frozen, and ended as the cut heals.
"""

from collections.abc import Iterable
from threading import Lock

from chaoskit.model.plan import Dial


class Cuts:
    """Standing cuts by step, and the doomed: nodes that are frozen in place of dying. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._dials: dict[str, frozenset[Dial]] = {}
        self._doomed: list[str] = []

    def stand(self, step: str, dials: Iterable[Dial]) -> None:
        """The step cuts these dials from now on."""
        with self._lock:
            self._dials[step] = frozenset(dials)

    def lift(self, step: str) -> None:
        """The step cuts nothing any more; idempotent."""
        with self._lock:
            self._dials.pop(step, None)

    def over(self, node: str, *, apart_from: str = "") -> tuple[str, ...]:
        """The steps, apart from one, that cut a link of the node."""
        with self._lock:
            return self._over(node, apart_from)

    def doom(self, node: str) -> None:
        """The node is to die as soon as nobody can hear it through a cut."""
        with self._lock:
            self._doomed.append(node)

    def spare(self, node: str) -> None:
        """The node is dead, or lives on; idempotent."""
        with self._lock:
            self._doomed = [other for other in self._doomed if other != node]

    def doomed(self, node: str) -> bool:
        """Whether the node is frozen in place of dying."""
        with self._lock:
            return node in self._doomed

    def due(self, step: str) -> tuple[str, ...]:
        """The doomed that no other cut than this step's protects: to be ended before its links reopen."""
        with self._lock:
            return tuple(node for node in self._doomed if not self._over(node, step))

    def _over(self, node: str, apart_from: str) -> tuple[str, ...]:
        return tuple(
            step
            for step, dials in self._dials.items()
            if step != apart_from and any(node in (dial.source.name, dial.target.name) for dial in dials)
        )
