"""From a fault to its injector."""

from functools import partial
from typing import assert_never

from chaoskit.faults.bandwidth import BandwidthProof
from chaoskit.faults.clock_skew import WrongClock
from chaoskit.faults.cpu import Starvation
from chaoskit.faults.crash import CrashInjector
from chaoskit.faults.disconnect import PulledCable
from chaoskit.faults.disk_full import FullDisk
from chaoskit.faults.freeze import FreezeInjector
from chaoskit.faults.ground import Ground
from chaoskit.faults.impaired import ImpairedInjector
from chaoskit.faults.latency import LatencyInjector
from chaoskit.faults.machine import MachineInjector, Maker
from chaoskit.faults.packet_loss import LossProof
from chaoskit.faults.partition import PartitionInjector
from chaoskit.faults.region_loss import RegionLossInjector
from chaoskit.model.fault import (
    Bandwidth,
    ClockSkew,
    Cpu,
    Crash,
    Disconnect,
    DiskFull,
    Fault,
    Freeze,
    Latency,
    LinkFault,
    MachineFault,
    PacketLoss,
    Partition,
    RegionLoss,
)
from chaoskit.model.place import Situation
from chaoskit.model.plan import PlannedStep
from chaoskit.protocols import Impairment, Injector


def injector(step: PlannedStep, fault: Fault, situation: Situation, ground: Ground) -> Injector:
    """The injector of ``fault``, its roles resolved in ``situation`` and its nodes claimed; nothing is touched yet.

    Raises:
        Skipped: It cannot strike now: its target stands for nothing, does not run, or belongs to another step.
    """
    if isinstance(fault, LinkFault):
        return _of_link(step, fault, situation, ground)
    match fault:
        case RegionLoss():
            return RegionLossInjector(step.name, fault, situation, ground)
        case Crash():
            return CrashInjector(step.name, fault, situation, ground)
        case Freeze():
            return FreezeInjector(step.name, fault, situation, ground)
        case _:
            return MachineInjector(step.name, fault.target, situation, ground, _change(fault))


def _of_link(step: PlannedStep, fault: LinkFault, situation: Situation, ground: Ground) -> Injector:
    impaired = partial(ImpairedInjector, step.name, fault.link, situation, ground)
    match fault:
        case Partition():
            return PartitionInjector(step.name, fault, situation, ground)
        case Latency():
            return LatencyInjector(step.name, fault, situation, ground, step.jitter_ns)
        case Bandwidth():
            limit = Impairment(bytes_per_s=fault.bytes_per_s)
            words = f"at most {fault.bytes_per_s / 1e3:g} kB/s each way of each path"
            return impaired(
                impairment=limit, words=words, prover=partial(BandwidthProof, bytes_per_s=fault.bytes_per_s)
            )
        case PacketLoss():
            words = f"{100 * fault.share:g}% of all packets never arrive"
            return impaired(impairment=Impairment(lost=fault.share), words=words, prover=LossProof)
        case _:
            assert_never(fault)


def _change(fault: MachineFault) -> Maker:
    match fault:
        case Disconnect():
            return PulledCable
        case DiskFull():
            return partial(FullDisk, leave_bytes=fault.leave_bytes)
        case Cpu():
            return partial(Starvation, leave=fault.leave)
        case ClockSkew():
            return partial(WrongClock, by_ns=fault.by_ns)
        case _:
            assert_never(fault)
