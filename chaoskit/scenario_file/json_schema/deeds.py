"""The own keys of each fault and action, and those of them that must be there."""

from collections.abc import Mapping

from chaoskit.model.fault import (
    ALL_PROCESSES,
    Bandwidth,
    Clients,
    ClockSkew,
    Cpu,
    Crash,
    Data,
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
from chaoskit.scenario_file.faults import CLIENTS, DATA, MODE, PROCESS
from chaoskit.scenario_file.json_schema.shapes import Schema, one_word
from chaoskit.scenario_file.json_schema.values import ref

Keys = dict[str, Schema]

_LINK: Keys = {"link": ref("link", "Which bytes: us-east <-> rest both ways, us-east -> eu-west.clients one way.")}
_NODES: Keys = {"target": ref("nodes", "Nodes, or the role that they have when the step begins.")}
_MODES = "Hold the bytes, lose them, refuse connections, or lose the packets below them (containers only)."

KEYS: Mapping[str, tuple[Keys, tuple[str, ...]]] = {
    Partition.word: ({**_LINK, "mode": one_word(MODE, _MODES, default=Mode.STALL.value)}, ("link",)),
    Latency.word: (
        {
            **_LINK,
            "add": ref("positive_duration", "What is added; on <-> to the round trip."),
            "factor": ref("slower", "What the distance is multiplied by."),
            "jitter": ref("duration", "What is added varies by up to so much.", default="0s"),
        },
        ("link",),
    ),
    Bandwidth.word: (
        {**_LINK, "rate": ref("positive_bandwidth", "What passes at most, each way between each two that talk.")},
        ("link", "rate"),
    ),
    PacketLoss.word: (
        {**_LINK, "share": ref("some", "Of all packets; TCP sends them again.")},
        ("link", "share"),
    ),
    RegionLoss.word: (
        {
            "target": ref("whole_regions", "The regions that are lost, or the role that one holds."),
            "data": one_word(DATA, "What becomes of their disks.", default=Data.KEPT.value),
            "clients": one_word(CLIENTS, "What becomes of their clients.", default=Clients.LOST.value),
        },
        ("target",),
    ),
    Crash.word: (_NODES, ("target",)),
    Freeze.word: (
        {**_NODES, "process": one_word(PROCESS, "Which processes.", default=ALL_PROCESSES)},
        ("target",),
    ),
    Disconnect.word: (_NODES, ("target",)),
    DiskFull.word: ({**_NODES, "leave": ref("size", "The room that is left.")}, ("target", "leave")),
    Cpu.word: ({**_NODES, "leave": ref("one_percent_or_more", "Of one core.")}, ("target", "leave")),
    ClockSkew.word: ({**_NODES, "by": ref("offset", "How wrong the clock is.")}, ("target", "by")),
    Switchover.word: ({"target": ref("one_node", "The node that becomes primary.")}, ("target",)),
}
