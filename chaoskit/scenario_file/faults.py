"""The faults and actions of a step: their words and their own keys."""

from collections.abc import Callable

from chaoskit.model.fault import (
    ALL_PROCESSES,
    Action,
    Clients,
    Crash,
    Data,
    Deed,
    Fault,
    Freeze,
    Latency,
    Link,
    Mode,
    Partition,
    RegionLoss,
    Switchover,
)
from chaoskit.model.place import Place, RoleWord, Term
from chaoskit.scenario_file import later, places, scalars
from chaoskit.scenario_file.fields import Fields, word
from chaoskit.scenario_file.places import Complaint, Ground
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlNode, find

MODE = {str(mode): mode for mode in Mode}
DATA = {str(data): data for data in Data}
CLIENTS = {str(clients): clients for clients in Clients}
SERVER_PROCESSES = ("postmaster", "startup", "checkpointer", "bgwriter", "walwriter", "walsender", "walreceiver")
PROCESS = {name: name for name in (ALL_PROCESSES, *SERVER_PROCESSES)}
DeedReader = Callable[[Fields, Ground], Deed | None]


def _link(fields: Fields, ground: Ground) -> Link | None:
    return fields.require("link", lambda report, node: places.link(report, node, ground), None)


def _target(fields: Fields, ground: Ground, complaint: Complaint) -> Place | None:
    return fields.require("target", lambda report, node: places.place(report, node, ground, complaint), None)


def _partition(fields: Fields, ground: Ground) -> Fault | None:
    link = _link(fields, ground)
    mode = fields.read("mode", lambda r, n: word(r, n, MODE, later.MODE), Mode.STALL)
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
    RegionLoss.word: _region_loss,
    Crash.word: _crash,
    Freeze.word: _freeze,
}
ACTIONS: dict[str, DeedReader] = {Switchover.word: _switchover}
