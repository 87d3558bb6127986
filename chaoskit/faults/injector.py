"""From a fault to its injector."""

from typing import assert_never

from chaoskit.faults.ground import Ground
from chaoskit.faults.latency import LatencyInjector
from chaoskit.faults.partition import PartitionInjector
from chaoskit.faults.region_loss import RegionLossInjector
from chaoskit.model.fault import Fault, Latency, Partition, RegionLoss
from chaoskit.protocols import Injector


def injector(step: str, fault: Fault, ground: Ground) -> Injector:
    """The injector of ``fault`` for the step called ``step``; pings the links it touches while they are healthy."""
    match fault:
        case Partition():
            return PartitionInjector(step, fault, ground)
        case Latency():
            return LatencyInjector(step, fault, ground)
        case RegionLoss():
            return RegionLossInjector(step, fault, ground)
        case _:
            assert_never(fault)
