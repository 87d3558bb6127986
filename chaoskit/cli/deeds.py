"""A deed in the words of the dry run."""

from typing import assert_never

from chaoskit.model import place
from chaoskit.model.fault import (
    ALL_PROCESSES,
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

MS = 1_000_000


def deed_words(deed: Deed) -> str:
    """The word, what it strikes, and its figures: ``latency us-east <-> rest + 100 ms``."""
    if isinstance(deed, LinkFault):
        return f"{deed.word} {deed.link}{_of_link(deed)}"
    return f"{deed.word} {place.text(deed.target)}{_of_target(deed)}"


def _of_link(fault: LinkFault) -> str:
    match fault:
        case Partition():
            return f", mode {fault.mode}"
        case Latency():
            added = f"x {fault.factor:g}" if fault.factor is not None else f"+ {(fault.add_ns or 0) / MS:g} ms"
            jitter = f", jitter {fault.jitter_ns / MS:g} ms" if fault.jitter_ns else ""
            return f" {added}{jitter}"
        case Bandwidth():
            return f", at most {fault.bytes_per_s / 1e3:g} kB/s each way of each path"
        case PacketLoss():
            return f", {100 * fault.share:g}% of all packets"
        case _:
            assert_never(fault)


def _of_target(deed: RegionLoss | NodeFault | Action) -> str:
    match deed:
        case RegionLoss():
            return f", data {deed.data}, clients {deed.clients}"
        case Freeze():
            return "" if deed.process == ALL_PROCESSES else f", only its {deed.process}"
        case DiskFull():
            return f", {deed.leave_bytes / 1e6:g} MB left"
        case Cpu():
            return f", {100 * deed.leave:g}% of a core left"
        case ClockSkew():
            return f" by {deed.by_ns / 1e9:+g} s"
        case Crash() | Disconnect() | Switchover():
            return ""
        case _:
            assert_never(deed)
