"""Whether a fault still stands: its onset is proved beside the clock, and its heal may come first."""

from collections.abc import Callable
from threading import Event, Lock

from chaoskit.protocols import Proof


class Standing:
    """True until it is over. Thread-safe."""

    def __init__(self) -> None:
        self._over, self._turn = Event(), Lock()

    def __bool__(self) -> bool:
        return not self._over.is_set()

    def over(self) -> None:
        """The heal has begun; idempotent."""
        with self._turn:
            self._over.set()

    def add(self, more: Callable[[], object]) -> None:
        """Do what belongs to the fault as long as it stands, and nothing once its heal has begun."""
        with self._turn:
            if self:
                more()

    def proof(self, onset: Callable[[], Proof]) -> Proof:
        """Prove an onset; what was healed meanwhile is not proved by how things are now."""
        proof = onset()
        return proof if self else Proof(ok=None, text="it was healed before its onset could be proved")
