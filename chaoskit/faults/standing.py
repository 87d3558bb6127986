"""Whether a fault still stands: its onset is proved beside the clock, and its heal may come first."""

from collections.abc import Callable
from threading import Event

from chaoskit.protocols import Proof


class Standing:
    """True until it is over. Thread-safe."""

    def __init__(self) -> None:
        self._over = Event()

    def __bool__(self) -> bool:
        return not self._over.is_set()

    def over(self) -> None:
        """The heal has begun; idempotent."""
        self._over.set()

    def proof(self, onset: Callable[[], Proof]) -> Proof:
        """Prove an onset; what was healed meanwhile is not proved by how things are now."""
        proof = onset()
        return proof if self else Proof(ok=None, text="it was healed before its onset could be proved")
