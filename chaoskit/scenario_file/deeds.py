"""The own keys of a fault or an action, as a file writes them."""

from typing import assert_never

from chaoskit.model.fault import (
    Action,
    Bandwidth,
    ClockSkew,
    Cpu,
    Crash,
    Deed,
    Disconnect,
    DiskFull,
    Freeze,
    Latency,
    LinkFault,
    NodeFault,
    PacketLoss,
    Partition,
    RegionLoss,
    Switchover,
)
from chaoskit.model.place import text
from chaoskit.scenario_file.values import (
    bandwidth_text,
    duration_text,
    percent_text,
    signed_duration_text,
    size_text,
)

Keys = dict[str, str | float]


def own_keys(deed: Deed) -> Keys:
    """The keys that stand beside the word, every default filled in."""
    if isinstance(deed, LinkFault):
        return {"link": str(deed.link), **_of_link(deed)}
    if isinstance(deed, RegionLoss):
        return {"target": text(deed.target), "data": str(deed.data), "clients": str(deed.clients)}
    return {"target": text(deed.target), **_of_nodes(deed)}


def _of_link(fault: LinkFault) -> Keys:
    match fault:
        case Partition():
            return {"mode": str(fault.mode)}
        case Latency():
            added: Keys = {"add": duration_text(fault.add_ns or 0)}
            if fault.factor is not None:
                added = {"factor": fault.factor}
            return {**added, "jitter": duration_text(fault.jitter_ns)}
        case Bandwidth():
            return {"rate": bandwidth_text(fault.bytes_per_s)}
        case PacketLoss():
            return {"share": percent_text(fault.share)}
        case _:
            assert_never(fault)


def _of_nodes(deed: NodeFault | Action) -> Keys:
    match deed:
        case Crash() | Disconnect() | Switchover():
            return {}
        case Freeze():
            return {"process": deed.process}
        case DiskFull():
            return {"leave": size_text(deed.leave_bytes)}
        case Cpu():
            return {"leave": percent_text(deed.leave)}
        case ClockSkew():
            return {"by": signed_duration_text(deed.by_ns)}
        case _:
            assert_never(deed)
