"""The faults and actions of a step: their words and their own keys."""

from collections.abc import Callable

from chaoskit.model.fault import (
    ALL_PROCESSES,
    Action,
    Bandwidth,
    Clients,
    ClockSkew,
    Cpu,
    Crash,
    Data,
    Deed,
    Disconnect,
    DiskFull,
    Fault,
    Freeze,
    Latency,
    Link,
    Mode,
    PacketLoss,
    Partition,
    RegionLoss,
    Switchover,
)
from chaoskit.model.place import Place, RoleWord, Term
from chaoskit.scenario_file import places, scalars
from chaoskit.scenario_file.fields import Fields, word
from chaoskit.scenario_file.places import Complaint, Ground
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlNode, find

MODE = {str(mode): mode for mode in Mode}
DATA = {str(data): data for data in Data}
CLIENTS = {str(clients): clients for clients in Clients}
SERVER_PROCESSES = ("postmaster", "startup", "checkpointer", "bgwriter", "walwriter", "walsender", "walreceiver")
PROCESS = {name: name for name in (ALL_PROCESSES, *SERVER_PROCESSES)}
LEAST_OF_A_CORE = 0.01  # the kernel takes no smaller quota for the period of 100 ms
DeedReader = Callable[[Fields, Ground], Deed | None]


def _link(fields: Fields, ground: Ground) -> Link | None:
    return fields.require("link", lambda report, node: places.link(report, node, ground), None)


def _target(fields: Fields, ground: Ground, complaint: Complaint) -> Place | None:
    return fields.require("target", lambda report, node: places.place(report, node, ground, complaint), None)


def _partition(fields: Fields, ground: Ground) -> Fault | None:
    link = _link(fields, ground)
    mode = fields.read("mode", lambda r, n: word(r, n, MODE), Mode.STALL)
    if link is None:
        return None
    if mode is Mode.REFUSE and not link.both_ways:
        fields.report.add(
            find(fields.node, "mode").mark, "`mode: refuse` closes a link both ways", "write it with `<->`"
        )
    return Partition(link=link, mode=mode)


def _latency(fields: Fields, ground: Ground) -> Fault | None:
    link = _link(fields, ground)
    add_ns = fields.optional("add", scalars.positive_duration)
    factor = fields.optional("factor", _slower)
    jitter_ns = fields.read("jitter", scalars.duration, 0)
    given = [key for key in ("add", "factor") if find(fields.node, key) is not fields.node]
    if len(given) != 1:
        fields.report.add(fields.node.mark, "`latency` needs exactly one of `add` and `factor`")
    if link is None or (add_ns is None) == (factor is None):
        return None
    return Latency(link=link, add_ns=add_ns, factor=factor, jitter_ns=jitter_ns)


def _slower(report: Report, node: YamlNode) -> float | None:
    factor = scalars.factor(report, node)
    if factor is not None and factor <= 1:
        report.add(node.mark, "a latency `factor` must be more than 1")
        return None
    return factor


def _bandwidth(fields: Fields, ground: Ground) -> Fault | None:
    link = _link(fields, ground)
    rate = fields.require("rate", scalars.positive_bandwidth, 1.0)
    return None if link is None else Bandwidth(link=link, bytes_per_s=rate)


def _packet_loss(fields: Fields, ground: Ground) -> Fault | None:
    link = _link(fields, ground)
    share = fields.require("share", _some_packets, 0.5)
    return None if link is None else PacketLoss(link=link, share=share)


def _some_packets(report: Report, node: YamlNode) -> float | None:
    share = scalars.positive_percentage(report, node)
    if share == 1:
        report.add(node.mark, "a link that loses every packet is cut", "`fault: partition` with `mode: packets`")
        return None
    return share


def _region_loss(fields: Fields, ground: Ground) -> Fault | None:
    target = _target(fields, ground, places.whole_regions)
    data = fields.read("data", lambda r, n: word(r, n, DATA), Data.KEPT)
    clients = fields.read("clients", lambda r, n: word(r, n, CLIENTS), Clients.LOST)
    return None if target is None else RegionLoss(target=target, data=data, clients=clients)


def _crash(fields: Fields, ground: Ground) -> Fault | None:
    target = _target(fields, ground, places.some_nodes)
    return None if target is None else Crash(target=target)


def _freeze(fields: Fields, ground: Ground) -> Fault | None:
    target = _target(fields, ground, places.some_nodes)
    process = fields.read("process", lambda r, n: word(r, n, PROCESS), ALL_PROCESSES)
    return None if target is None else Freeze(target=target, process=process)


def _disconnect(fields: Fields, ground: Ground) -> Fault | None:
    target = _target(fields, ground, places.some_nodes)
    return None if target is None else Disconnect(target=target)


def _disk_full(fields: Fields, ground: Ground) -> Fault | None:
    target = _target(fields, ground, places.some_nodes)
    leave_bytes = fields.require("leave", scalars.size, 0)
    return None if target is None else DiskFull(target=target, leave_bytes=leave_bytes)


def _cpu(fields: Fields, ground: Ground) -> Fault | None:
    target = _target(fields, ground, places.some_nodes)
    leave = fields.require("leave", _some_of_a_core, 1.0)
    return None if target is None else Cpu(target=target, leave=leave)


def _some_of_a_core(report: Report, node: YamlNode) -> float | None:
    leave = scalars.percentage(report, node)
    if leave == 0:
        report.add(node.mark, "a node that gets no CPU at all stands still", "`fault: freeze`")
        return None
    if leave is not None and leave < LEAST_OF_A_CORE:
        report.add(node.mark, "the kernel limits nobody to less than 1% of a core", "`1%` or more, or `fault: freeze`")
        return None
    return leave


def _clock_skew(fields: Fields, ground: Ground) -> Fault | None:
    target = _target(fields, ground, places.some_nodes)
    by_ns = fields.require("by", _wrong, 1)
    return None if target is None else ClockSkew(target=target, by_ns=by_ns)


def _wrong(report: Report, node: YamlNode) -> int | None:
    by_ns = scalars.signed_duration(report, node)
    if by_ns == 0:
        report.add(node.mark, "a clock that is off by nothing is right", "e.g. `+30s` or `-30s`")
        return None
    return by_ns


def _switchover(fields: Fields, ground: Ground) -> Action | None:
    target = _target(fields, ground, _one_node)
    if ground.operator == "":
        fields.report.add(find(fields.node, "action").mark, "a `switchover` needs `failover: runbook`")
    if target is not None and len(target) > 1:
        fields.report.add(find(fields.node, "target").mark, "a `switchover` takes one node")
        return None
    return None if target is None else Switchover(target=target)


def _one_node(term: Term) -> tuple[str, str] | None:
    single = "/" in term.word or term.role is RoleWord.REPLICA
    return None if single and term.part is None else (f"`{term}` is not one node", "`us-east/1`, or `replica`")


FAULTS: dict[str, DeedReader] = {
    Partition.word: _partition,
    Latency.word: _latency,
    Bandwidth.word: _bandwidth,
    PacketLoss.word: _packet_loss,
    RegionLoss.word: _region_loss,
    Crash.word: _crash,
    Freeze.word: _freeze,
    Disconnect.word: _disconnect,
    DiskFull.word: _disk_full,
    Cpu.word: _cpu,
    ClockSkew.word: _clock_skew,
}
ACTIONS: dict[str, DeedReader] = {Switchover.word: _switchover}
