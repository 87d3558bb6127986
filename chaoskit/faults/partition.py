"""``partition``: a link holds, loses or refuses everything."""

from collections.abc import Sequence

from chaoskit.errors import Skipped
from chaoskit.faults import links
from chaoskit.faults.ground import Ground
from chaoskit.faults.names import link_called
from chaoskit.faults.proof import Canary, dials_of
from chaoskit.faults.standing import Standing
from chaoskit.model.fault import Link, Mode, Partition, carried
from chaoskit.model.place import Situation
from chaoskit.protocols import Proof, Span, Stream

MODES = {
    Mode.STALL: "bytes are held and delivered at the heal",
    Mode.DROP: "bytes are lost, connections close at the heal",
    Mode.REFUSE: "connections close and new ones are refused",
    Mode.PACKETS: "packets are lost, ends of connections included; what TCP still wants to send arrives after the heal",
}


def streams_of(link: Link, now: Situation, ground: Ground) -> tuple[str, list[Stream]]:
    """The link in resolved words, and the streams that it carries.

    Raises:
        Skipped: It carries none.
    """
    resolved = carried(link, now)
    streams = [s for s in ground.wan.streams() if resolved.carries(s.source, s.target)]
    words = link_called(resolved, now.topology)
    if not streams:
        raise Skipped(f"nothing travels on {link}", why=f"it stands for {words} now")
    return words, streams


class PartitionInjector:
    """Cuts the streams that a partition's link carries."""

    nodes: Sequence[str] = ()
    excluded_regions: Sequence[str] = ()

    def __init__(self, step: str, fault: Partition, now: Situation, ground: Ground) -> None:
        self._step, self._mode, self._ground = step, fault.mode, ground
        self.resolved, self._streams = streams_of(fault.link, now, ground)
        self._standing = Standing()
        self._canary = Canary(ground, dials_of(self._streams), silencing=step)

    @property
    def text(self) -> str:
        """One sentence of what is done."""
        return f"{self.resolved} cut: {MODES[self._mode]}"

    def strike(self) -> Span:
        """Cut every stream of the link."""
        return links.cut(self._ground, self._step, self._streams, self._mode)

    def settle(self) -> Proof:
        """Nothing answers across the link.

        Where packets are lost, what nobody reads is held from then on: held before, it would be silent by itself, and
        prove nothing.
        """
        proof = self._standing.proof(self._canary.onset)
        if self._mode is Mode.PACKETS:
            self._standing.add(lambda: links.hold_unread(self._ground, self._unread, dials_of(self._streams)))
        return proof

    def heal(self) -> Span:
        """Reopen the link, where no other step still cuts it; what was held follows when packets get through."""
        self._standing.over()
        span = links.reopen(self._ground, self._step)
        return (span[0], self._ground.wan.heal(self._unread)[1]) if self._mode is Mode.PACKETS else span

    def settled(self) -> Proof:
        """Everything answers again that nobody else keeps silent."""
        return self._canary.heal()

    @property
    def _unread(self) -> str:
        """The key under which the WAN holds what nobody reads; no step can be called so."""
        return f"not read behind {self._step}"
