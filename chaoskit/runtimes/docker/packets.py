"""What can be done to the packets of a WAN's streams, by the kernel, in the WAN's own network."""

from collections.abc import Mapping
from enum import StrEnum
from threading import Lock

from chaoskit.errors import StackError
from chaoskit.model.fault import Bandwidth, Deed, Mode, PacketLoss, Partition
from chaoskit.protocols import Clock, Impairment, PacketCount, Stream
from chaoskit.runtimes.docker import iptables, tc
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.iptables import Flow, Wanted
from chaoskit.runtimes.docker.shell import Shell

HARMLESS = Impairment()
UNUSED = Flow(9, upstream=True)  # the port of "discard", which nothing of ours listens on


class KernelAbility(StrEnum):
    """What a kernel may not have been built with."""

    CUT = "cut"
    LOSS = "loss"
    BANDWIDTH = "bandwidth"


SAMPLES = {
    KernelAbility.CUT: Impairment(lost=1),
    KernelAbility.LOSS: Impairment(lost=0.5),
    KernelAbility.BANDWIDTH: Impairment(bytes_per_s=1e6),
}


def needed(deed: Deed) -> KernelAbility | None:
    """What a deed asks of the kernel; None: nothing that it may lack."""
    match deed:
        case Partition(mode=Mode.PACKETS):
            return KernelAbility.CUT
        case PacketLoss():
            return KernelAbility.LOSS
        case Bandwidth():
            return KernelAbility.BANDWIDTH
        case _:
            return None


class Packets:
    """The packet filter of a WAN (implements ``protocols.PacketFilter``).

    A stream is known by the port of its dial: what arrives there is upstream, what leaves from there downstream, on
    whichever interface. Losses change at one instant. Limits that change are taken away for some milliseconds, and
    what waits in their queues is lost.

    Args:
        guard: A container in the WAN's network that may change it.
        ports: The WAN's port of every dial, by the dial's name.
    """

    def __init__(self, guard: Container, ports: Mapping[str, int], *, clock: Clock) -> None:
        self._shell, self._ports = Shell(guard, clock=clock), dict(ports)
        self._applied: Wanted | None = None  # None: unknown
        self._named: dict[Flow, Stream] = {}  # every stream that ever was impaired: what is left of it must be seen
        self._lock = Lock()

    def lacks(self) -> Mapping[KernelAbility, str]:
        """What the kernel cannot do, and why. To be asked before anything is impaired; undoes what was left over."""
        missing = {}
        for ability, sample in SAMPLES.items():
            try:
                self._put({UNUSED: sample})
            except StackError as error:
                missing[ability] = error.why
        self._put({})
        return missing

    def impair(self, wanted: Mapping[Stream, Impairment]) -> None:
        """Put exactly this into force; streams that are not named pass unharmed. Idempotent.

        Raises:
            StackError: The kernel cannot do it, or did not in time.
        """
        self._put({self._flow(stream): impairment for stream, impairment in wanted.items() if impairment != HARMLESS})
        self._named |= {self._flow(stream): stream for stream in wanted}

    def counts(self) -> Mapping[Stream, PacketCount]:
        """By impaired stream, wanted or not; headers count as bytes, what a limit's full queue drops is not told."""
        with self._lock:
            found = iptables.counts(self._shell.run("iptables-save -c -t filter"))
            return {self._named[flow]: count for flow, count in found.items() if flow in self._named}

    def close(self) -> None:
        """End the shell in the guard; what is in force stays so. Idempotent."""
        self._shell.close()

    def _flow(self, stream: Stream) -> Flow:
        return Flow(self._ports[stream.dial.name], stream.upstream)

    def _put(self, wanted: Wanted) -> None:
        """From what is in force where that is known; else, or where it turned out to be wrong, from nothing."""
        with self._lock:
            applied, self._applied = self._applied, None
            try:
                self._change(applied, wanted)
            except StackError:
                self._change(None, wanted)
            self._applied = dict(wanted)

    def _change(self, applied: Wanted | None, wanted: Wanted) -> None:
        scripts = []
        if applied is None:
            scripts += [iptables.reset(), tc.reset()]
            applied = {}
        if applied != wanted:
            scripts.append(iptables.change(applied, wanted))
        if (limits := _limits(wanted)) != _limits(applied):
            scripts += [tc.reset(), *([tc.limit(limits)] if limits else [])]
        if scripts:
            self._shell.run("\n".join(scripts))


def _limits(wanted: Wanted) -> dict[Flow, float]:
    return {flow: i.bytes_per_s for flow, i in wanted.items() if i.bytes_per_s is not None}
