"""Rules that lose the packets of streams, in two chains of our own; what others put into the tables stays there.

A packet is what TCP hands to the network: with segmentation left to the interface, as it is between containers, up to
64 KiB of a bulk transfer and every single message of a conversation. A share of packets is a share of those.

Upstream packets are lost on their way in: their sender hears nothing. Downstream packets are lost on their way out,
and the WAN's own TCP knows that they did not leave. It sends them again after the same time, but is not slowed down
like one that lost them on the way.

Between a region's endpoint and the dial that it leads to, which are two proxies of one WAN, no handshake is lost:
Toxiproxy opens a proxy's connections one after the other, so that everybody would wait for the one who lost his.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chaoskit.protocols import Impairment, PacketCount

HOOKS = {"CHAOSKIT-IN": "INPUT", "CHAOSKIT-OUT": "OUTPUT"}
SPARED = {
    chain: f"{chain} {way} lo -p tcp --tcp-flags SYN SYN -j ACCEPT"
    for chain, way in (("CHAOSKIT-IN", "-i"), ("CHAOSKIT-OUT", "-o"))
}
COUNTED = re.compile(
    r"^\[(?P<packets>\d+):(?P<bytes>\d+)\] -A CHAOSKIT-(?P<way>IN|OUT) "
    r".*--[ds]port (?P<port>\d+) .*-j (?P<verdict>\w+)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, order=True)
class Flow:
    """A stream as the WAN's network sees it: by the port of its dial."""

    port: int
    upstream: bool


Wanted = Mapping[Flow, Impairment]


def reset() -> str:
    """The script that removes our chains, whatever is in them; idempotent."""
    lines = []
    for chain, hook in HOOKS.items():
        lines.append(f"while iptables -w -D {hook} -j {chain} 2>/dev/null; do :; done")
        lines.append(f"iptables -w -F {chain} 2>/dev/null && iptables -w -X {chain} || true")
    return "\n".join(lines)


def change(old: Wanted, new: Wanted) -> str:
    """The script that leads from one state to another at one instant; streams that stay as they were keep their counts.

    Nothing of ours is left where nothing is wanted.
    """
    lines = ["*filter"]
    if not old:
        lines += [f":{chain} - [0:0]\n-I {hook} -j {chain}\n-A {SPARED[chain]}" for chain, hook in HOOKS.items()]
    lines += [f"-D {rule}" for flow in sorted(old) if old[flow] != new.get(flow) for rule in rules(flow, old[flow])]
    lines += [f"-A {rule}" for flow in sorted(new) if new[flow] != old.get(flow) for rule in rules(flow, new[flow])]
    if not new:
        lines += [f"-D {hook} -j {chain}\n-D {SPARED[chain]}\n-X {chain}" for chain, hook in HOOKS.items()]
    return "\n".join(["iptables-restore --wait --noflush <<'END'", *lines, "COMMIT", "END"])


def rules(flow: Flow, impairment: Impairment) -> list[str]:
    """What the chains hold for a stream, in order: what is lost, then what passes, so that both are counted."""
    chain, match = ("CHAOSKIT-IN", "--dport") if flow.upstream else ("CHAOSKIT-OUT", "--sport")
    of_flow = f"{chain} -p tcp {match} {flow.port}"
    if impairment.lost >= 1:
        return [f"{of_flow} -j DROP"]
    lose = f"{of_flow} -m statistic --mode random --probability {impairment.lost:.9f} -j DROP"
    return [*([lose] if impairment.lost > 0 else []), f"{of_flow} -j RETURN"]


def counts(saved: str) -> dict[Flow, PacketCount]:
    """What ``iptables-save -c`` says of every stream."""
    found: dict[Flow, dict[str, tuple[int, int]]] = {}
    for row in COUNTED.finditer(saved):
        flow = Flow(int(row["port"]), row["way"] == "IN")
        found.setdefault(flow, {})[row["verdict"]] = (int(row["packets"]), int(row["bytes"]))
    nothing = (0, 0)
    return {
        flow: PacketCount(
            passed=by.get("RETURN", nothing)[0],
            lost=by.get("DROP", nothing)[0],
            passed_bytes=by.get("RETURN", nothing)[1],
        )
        for flow, by in found.items()
    }
