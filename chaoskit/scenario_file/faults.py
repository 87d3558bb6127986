"""The faults of a step: their words and their own keys."""

from collections.abc import Callable

from chaoskit.model.fault import Fault, Latency, Link, Mode, Partition, RegionLoss
from chaoskit.scenario_file import later, places, scalars
from chaoskit.scenario_file.fields import Fields, word
from chaoskit.scenario_file.places import Regions
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlNode, find

MODE = {str(mode): mode for mode in Mode}
FaultReader = Callable[[Fields, Regions], Fault | None]


def _link(fields: Fields, regions: Regions) -> Link | None:
    return fields.require("link", lambda report, node: places.link(report, node, regions), None)


def _partition(fields: Fields, regions: Regions) -> Fault | None:
    link = _link(fields, regions)
    mode = fields.read("mode", lambda r, n: word(r, n, MODE, later.MODE), Mode.STALL)
    if link is None:
        return None
    if mode is Mode.REFUSE and not link.both_ways:
        fields.report.add(
            find(fields.node, "mode").mark, "`mode: refuse` closes a link both ways", "write it with `<->`"
        )
    return Partition(link=link, mode=mode)


def _latency(fields: Fields, regions: Regions) -> Fault | None:
    fields.later |= later.LATENCY
    link = _link(fields, regions)
    add_ns = fields.read("add", scalars.positive_duration, None)
    factor = fields.read("factor", _slower, None)
    given = [key for key in ("add", "factor") if find(fields.node, key) is not fields.node]
    if len(given) != 1:
        fields.report.add(fields.node.mark, "`latency` needs exactly one of `add` and `factor`")
    if link is None or (add_ns is None) == (factor is None):
        return None
    return Latency(link=link, add_ns=add_ns, factor=factor)


def _slower(report: Report, node: YamlNode) -> float | None:
    factor = scalars.factor(report, node)
    if factor is not None and factor <= 1:
        report.add(node.mark, "a latency `factor` must be more than 1")
        return None
    return factor


def _region_loss(fields: Fields, regions: Regions) -> Fault | None:
    fields.later |= later.REGION_LOSS
    target = fields.require("target", lambda report, node: places.region(report, node, regions), None)
    return None if target is None else RegionLoss(region=target)


READERS: dict[str, FaultReader] = {"partition": _partition, "latency": _latency, "region_loss": _region_loss}
