"""``region_loss``: power loss of a region. Its links first, proved, then every process in it; nobody sees a FIN."""

from chaoskit.clock import NS
from chaoskit.faults.ground import Ground
from chaoskit.faults.proof import Canary
from chaoskit.model.fault import Mode, RegionLoss
from chaoskit.protocols import Proof, Span

DRAIN_TIMEOUT_S = 10


class RegionLossInjector:
    """Loses a region with its clients; its disks survive.

    Killing without cutting first would understate the loss: bytes inside the proxies would still arrive.
    """

    def __init__(self, step: str, fault: RegionLoss, ground: Ground) -> None:
        self._step, self._fault, self._ground = step, fault, ground
        self._streams = [s for s in ground.wan.streams() if fault.region in (s.source, s.target)]
        nodes = ground.plan.scenario.stack.topology.nodes
        self._nodes = [node.name for node in nodes if node.region == fault.region]
        self._canary = Canary(ground.wan, self._streams, ground.clock)
        self._canary.before()

    def strike(self) -> Span:
        """Cut everything that enters, leaves, or stays inside the region."""
        return self._ground.wan.cut(self._step, self._streams, Mode.DROP)

    def settle(self) -> Proof:
        """Prove the cut, drain the lost clients' rows into the history, then freeze clients and servers."""
        proof = self._canary.cut()
        self._ground.load.lose(self._fault.region, self._ground.clock.now_ns() + DRAIN_TIMEOUT_S * NS)
        for node in self._nodes:
            self._ground.intend(f"freeze {node}")
            self._ground.database.freeze(node)
        return proof

    def heal(self) -> Span:
        """Kill what is frozen, which its peers must not hear, and only then reopen the links; nothing is restarted."""
        for node in self._nodes:
            self._ground.database.kill(node)
        return self._ground.wan.heal(self._step)

    def settled(self) -> Proof:
        """Everything answers again; true only once somebody has restarted the region's servers."""
        return self._canary.healed()
