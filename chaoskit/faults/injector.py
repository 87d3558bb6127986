"""From a fault to its injector."""

from typing import assert_never

from chaoskit.faults.crash import CrashInjector
from chaoskit.faults.freeze import FreezeInjector
from chaoskit.faults.ground import Ground
from chaoskit.faults.latency import LatencyInjector
from chaoskit.faults.partition import PartitionInjector
from chaoskit.faults.region_loss import RegionLossInjector
from chaoskit.model.fault import Crash, Fault, Freeze, Latency, Partition, RegionLoss
from chaoskit.model.place import Situation
from chaoskit.model.plan import PlannedStep
from chaoskit.protocols import Injector


def injector(step: PlannedStep, fault: Fault, situation: Situation, ground: Ground) -> Injector:
    """The injector of ``fault``, its roles resolved in ``situation`` and its nodes claimed; nothing is touched yet.

    Raises:
        Skipped: It cannot strike now: its target stands for nothing, does not run, or belongs to another step.
    """
    match fault:
        case Partition():
            return PartitionInjector(step.name, fault, situation, ground)
        case Latency():
            return LatencyInjector(step.name, fault, situation, ground, step.jitter_ns)
        case RegionLoss():
            return RegionLossInjector(step.name, fault, situation, ground)
        case Crash():
            return CrashInjector(step.name, fault, situation, ground)
        case Freeze():
            return FreezeInjector(step.name, fault, situation, ground)
        case _:
            assert_never(fault)
