"""``partition``: a link holds, loses or refuses everything."""

from chaoskit.faults.ground import Ground
from chaoskit.faults.proof import Canary
from chaoskit.model.fault import Partition
from chaoskit.protocols import Proof, Span


class PartitionInjector:
    """Cuts the streams that a partition's link carries."""

    def __init__(self, step: str, fault: Partition, ground: Ground) -> None:
        self._step, self._fault, self._ground = step, fault, ground
        self._streams = [s for s in ground.wan.streams() if fault.link.carries(s.source, s.target)]
        self._canary = Canary(ground.wan, self._streams, ground.clock)
        self._canary.before()

    def strike(self) -> Span:
        """Cut every stream of the link."""
        return self._ground.wan.cut(self._step, self._streams, self._fault.mode)

    def settle(self) -> Proof:
        """Nothing answers across the link."""
        return self._canary.cut()

    def heal(self) -> Span:
        """Reopen the link, where no other step still cuts it."""
        return self._ground.wan.heal(self._step)

    def settled(self) -> Proof:
        """Everything answers again."""
        return self._canary.healed()
