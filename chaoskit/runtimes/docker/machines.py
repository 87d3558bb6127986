"""The nodes' machines: a cable, a disk, a processor and a clock each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chaoskit.runtimes.docker.cable import Cable
from chaoskit.runtimes.docker.clock import WallClock
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.cpu import Cpu
from chaoskit.runtimes.docker.disk import Disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a node can suffer as a machine of its own."""

    cable: Cable
    disk: Disk
    cpu: Cpu
    clock: WallClock

    @classmethod
    def of(cls, *, server: Container, machine: Container, network: str) -> "Machine":
        """Put it together from the container of the server's processes and that of its network and disk."""
        return cls(cable=Cable(machine, network), disk=Disk(machine), cpu=Cpu(server), clock=WallClock(server))


class ContainerMachines:
    """The machines of a stack by node (implements ``protocols.Machines``).

    Args:
        moved: Told the node and its address whenever it got one: the WAN and who else looks for it must follow.
    """

    def __init__(self, machines: Mapping[str, Machine], *, moved: Callable[[str, str], None]) -> None:
        self._machines, self._moved = dict(machines), moved

    def unplug(self, node: str) -> None:
        """Take its network interface away."""
        self._machines[node].cable.unplug()

    def plug(self, node: str) -> None:
        """Give it one again; the WAN finds it there."""
        self._moved(node, self._machines[node].cable.plug())

    def fill(self, node: str, leave_bytes: int) -> None:
        """Fill its data volume but for ``leave_bytes``."""
        self._machines[node].disk.fill(leave_bytes)

    def empty(self, node: str) -> None:
        """Remove what filled it."""
        self._machines[node].disk.empty()

    def free_bytes(self, node: str) -> int:
        """The room on its data volume, as its server sees it."""
        return self._machines[node].disk.free_bytes()

    def throttle(self, node: str, leave: float | None) -> None:
        """Give it ``leave`` of one core; None: as much as there is."""
        self._machines[node].cpu.throttle(leave)

    def share(self, node: str) -> float | None:
        """The share of one core that it gets; None: as much as there is."""
        return self._machines[node].cpu.share()

    def throttled(self, node: str) -> int:
        """How often the kernel held it back for that, since it was started."""
        return self._machines[node].cpu.throttled()

    def skew(self, node: str, by_ns: int) -> None:
        """Make its server's wall clock wrong by that much; 0 undoes it. Time spans stay right."""
        self._machines[node].clock.skew(by_ns)
