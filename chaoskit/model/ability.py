"""What a fault asks of a runtime beyond processes and a proxy, and which runtimes have it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from chaoskit.model.fault import (
    Bandwidth,
    ClockSkew,
    Cpu,
    Crash,
    Deed,
    Disconnect,
    DiskFull,
    Freeze,
    Latency,
    Mode,
    PacketLoss,
    Partition,
    RegionLoss,
    Switchover,
)
from chaoskit.model.runtime import RuntimeName
from chaoskit.model.scenario import Step


class Ability(StrEnum):
    """What a runtime may or may not have."""

    PACKETS = "packets"  # a filter for the packets below a proxy's bytes
    MACHINES = "machines"  # nodes with a disk, a clock, cores and a network interface of their own


ABILITIES: Mapping[RuntimeName, frozenset[Ability]] = {
    RuntimeName.LOCAL: frozenset(),
    RuntimeName.DOCKER: frozenset(Ability),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One step's need of an ability. ``what`` is the step's deed in the scenario's words."""

    ability: Ability
    step: str
    what: str


def needs(timeline: Iterable[Step]) -> tuple[Need, ...]:
    """Every need of a timeline, in its order."""
    found = ((step, asked(step.deed)) for step in timeline)
    return tuple(Need(ability=need, step=step.name, what=_what(step.deed)) for step, need in found if need is not None)


def asked(deed: Deed) -> Ability | None:
    """What a deed asks for; None: nothing that some runtime lacks."""
    match deed:
        case Partition():
            return Ability.PACKETS if deed.mode is Mode.PACKETS else None
        case Bandwidth() | PacketLoss():
            return Ability.PACKETS
        case Disconnect() | DiskFull() | Cpu() | ClockSkew():
            return Ability.MACHINES
        case Latency() | RegionLoss() | Crash() | Freeze() | Switchover():
            return None
        case _:
            assert_never(deed)


def _what(deed: Deed) -> str:
    return f"{deed.word}, mode {deed.mode}" if isinstance(deed, Partition) else deed.word
