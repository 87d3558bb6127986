"""Faults that are known to meet: two on one process, and regions lost until none is left."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import assert_never

from chaoskit.model.fault import (
    ALL_PROCESSES,
    Bandwidth,
    ClockSkew,
    Cpu,
    Crash,
    Disconnect,
    DiskFull,
    Fault,
    Freeze,
    Latency,
    PacketLoss,
    Partition,
    RegionLoss,
)
from chaoskit.model.place import RoleWord
from chaoskit.model.schedule import Window
from chaoskit.scenario_file.faults import PROCESS
from chaoskit.scenario_file.places import Ground, node_names, region_names
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlMap, find, key_mark


def check_collisions(report: Report, timeline: YamlMap, ordered: Sequence[Window], ground: Ground) -> None:
    """Report what can be told before the run, of steps in the order of their onsets."""
    known = [window for window in ordered if window.at_ns is not None]
    for first, second in combinations(known, 2):
        if second.at_ns is not None and first.holds(second.at_ns) and _surely_holds(first, second):
            _check_pair(report, timeline, first, second, ground)
    for index, window in enumerate(known):
        standing = [other for other in known[:index] if window.at_ns is not None and other.holds(window.at_ns)]
        _check_survivors(report, timeline, window, standing, ground)
    for window in ordered:
        _check_everything(report, timeline, window, ground)


def _surely_holds(first: Window, second: Window) -> bool:
    """Whether ``first`` surely still holds: its end is known, or that of the run, or both begin at once."""
    return first.end_ns is not None or first.open_ended or first.at_ns == second.at_ns


def _check_pair(report: Report, timeline: YamlMap, first: Window, second: Window, ground: Ground) -> None:
    mark = key_mark(timeline, second.step.name)
    one, other = first.step.fault, second.step.fault
    if one is None or other is None:
        return
    if isinstance(one, RegionLoss) and isinstance(other, RegionLoss):
        for region in sorted(region_names(one.target, ground) & region_names(other.target, ground)):
            report.add(mark, f"the region `{region}` is already lost before `{second.step.name}`")
        return
    shared = sorted(_claims(one, ground) & _claims(other, ground))
    if shared:
        node, process = shared[0]
        what = f"`{node}`" if process == ALL_PROCESSES else f"the {process} of `{node}`"
        report.add(
            mark,
            f"`{second.step.name}` strikes {what} while `{first.step.name}` still does",
            "a process takes one fault at a time",
        )


def _claims(fault: Fault, ground: Ground) -> frozenset[tuple[str, str]]:
    """The (node, process) that a fault takes, as far as they are known; a machine has all processes in it."""
    match fault:
        case Crash() | Disconnect() | DiskFull() | Cpu() | ClockSkew():
            return _every_process(node_names(fault.target, ground))
        case Freeze(process=process):
            nodes = node_names(fault.target, ground)
            return _every_process(nodes) if process == ALL_PROCESSES else frozenset((node, process) for node in nodes)
        case RegionLoss():
            lost = region_names(fault.target, ground)
            return _every_process(frozenset(n.name for n in ground.regions.nodes if n.region in lost))
        case Partition() | Latency() | Bandwidth() | PacketLoss():
            return frozenset()
        case _:
            assert_never(fault)


def _every_process(nodes: frozenset[str]) -> frozenset[tuple[str, str]]:
    return frozenset((node, process) for node in nodes for process in PROCESS)


def _check_survivors(
    report: Report, timeline: YamlMap, window: Window, standing: Sequence[Window], ground: Ground
) -> None:
    lost = set(_lost(window, ground))
    if not lost:
        return
    for other in standing:
        if _surely_holds(other, window):
            lost |= set(_lost(other, ground))
    if ground.regions.complete and lost >= set(ground.regions.names):
        report.add(key_mark(timeline, window.step.name), f"after `{window.step.name}` no region is left")


def _lost(window: Window, ground: Ground) -> Iterator[str]:
    if isinstance(window.step.fault, RegionLoss):
        yield from region_names(window.step.fault.target, ground)


def _check_everything(report: Report, timeline: YamlMap, window: Window, ground: Ground) -> None:
    """`surviving` leaves no region whenever it strikes; nor does a step that waits for an event and takes all."""
    fault = window.step.fault
    if not isinstance(fault, RegionLoss):
        return
    everything = ground.regions.complete and region_names(fault.target, ground) == set(ground.regions.names)
    if RoleWord.SURVIVING in {term.role for term in fault.target} or (everything and window.at_ns is None):
        mark = find(timeline, window.step.name, "target").mark
        report.add(mark, f"after `{window.step.name}` no region is left")
