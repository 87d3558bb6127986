"""``region_loss``: power loss of regions. Their links first, proved, then every process in them; nobody sees a FIN."""

from collections.abc import Sequence
from threading import Lock

from chaoskit.clock import NS
from chaoskit.errors import Skipped
from chaoskit.faults import links
from chaoskit.faults.claims import State
from chaoskit.faults.comeback import Comeback
from chaoskit.faults.ground import Ground
from chaoskit.faults.proof import Canary, dials_of
from chaoskit.faults.standing import Standing
from chaoskit.model import place
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Clients, Data, Mode, RegionLoss
from chaoskit.model.place import Situation
from chaoskit.model.topology import Party, Role
from chaoskit.protocols import Proof, Span

DRAIN_TIMEOUT_S = 10


class RegionLossInjector:
    """Loses regions with their nodes and, unless they are sent elsewhere, their clients.

    Killing without cutting first would understate the loss: bytes inside the proxies would still arrive.
    """

    def __init__(self, step: str, fault: RegionLoss, now: Situation, ground: Ground) -> None:
        self._step, self._fault, self._ground = step, fault, ground
        self._regions = place.regions(fault.target, now)
        if not self._regions:
            raise Skipped(f"{place.text(fault.target)} stands for no region now")
        self.nodes: Sequence[str] = [node.name for node in now.topology.nodes if node.region in self._regions]
        self.excluded_regions: Sequence[str] = self._regions if fault.clients is Clients.LOST else ()
        self._streams = [s for s in ground.wan.streams() if self._dead(s.source) or self._dead(s.target)]
        self._canary = Canary(ground, dials_of(self._streams), silencing=step)
        self._comeback = Comeback(
            ground=ground,
            step=step,
            nodes=self.nodes,
            destroyed=fault.data is Data.DESTROYED,
        )
        ground.claims.take(step, self.nodes)
        self._lock, self._standing = Lock(), Standing()
        self._struck, self._heard = False, ""
        self._drained: list[str] = []

    @property
    def resolved(self) -> str:
        """The regions."""
        return " + ".join(self._regions)

    @property
    def text(self) -> str:
        """One sentence of what is done."""
        who = "servers and clients" if self.excluded_regions else "servers"
        spared = "" if self.excluded_regions else ", clients alive"
        return f"{self.resolved} lost power: links cut, {who} frozen{spared}, disks {self._fault.data}"

    def strike(self) -> Span:
        """Cut everything that enters, leaves, or stays inside the regions; clients that are spared keep the rest."""
        self._struck = True
        return links.cut(self._ground, self._step, self._streams, Mode.DROP)

    def settle(self) -> Proof:
        """Prove the cut, drain the lost clients' rows into the history, then freeze clients and servers."""
        proof = self._standing.proof(self._canary.onset)
        for region in self.excluded_regions:
            self._drain(region)
        for node in self.nodes:
            self._freeze(node)
        return proof

    def heal(self) -> Span:
        """Kill what is frozen, which its peers must not hear, and only then reopen the links; idempotent."""
        self._standing.over()
        with self._lock:
            if self._struck:
                heard = [links.end(self._ground, self._step, node) for node in self.nodes]
                self._heard = "; ".join(word for word in heard if word)
                for node in self.nodes if self._fault.data is Data.DESTROYED else ():
                    self._ground.database.destroy(node)
                self._struck = False
            return links.reopen(self._ground, self._step)

    def settled(self) -> Proof:
        """Clients are back at once, nodes when they can be, and everything answers that nobody else keeps silent.

        What keeps the clients from working until their servers are back is theirs to suffer, and to be measured.
        """
        self._welcome()
        try:
            told = self._comeback.bring()
        finally:
            self._ground.claims.release(self._step)
        proof = self._canary.heal()
        return Proof(ok=proof.ok, text="; ".join(word for word in (proof.text, told, self._heard) if word))

    def _dead(self, party: Party) -> bool:
        """Whether the party loses its power."""
        spared = self._fault.clients is Clients.REROUTED and party.role is Role.CLIENTS
        return party.region in self._regions and not spared

    def _drain(self, region: str) -> None:
        with self._lock:
            if self._standing:
                self._drained.append(region)
                self._ground.load.lose(region, self._ground.clock.now_ns() + DRAIN_TIMEOUT_S * NS)

    def _freeze(self, node: str) -> None:
        with self._lock:
            if self._standing:
                self._ground.intend(f"freeze {node}")
                self._ground.database.freeze(node)
                self._ground.claims.mark(node, State.STOPPED)

    def _welcome(self) -> None:
        """The lost clients come back; once the load is over there is nothing to come back to."""
        if not self._ground.load_running():
            return
        for region in self.excluded_regions:
            if region in self._drained:
                self._ground.load.restore(region)
            now_ns = self._ground.clock.now_ns()
            self._ground.emit(Event(t_ns=now_ns, event=Name.CLIENTS_BACK, step=self._step, region=region))
