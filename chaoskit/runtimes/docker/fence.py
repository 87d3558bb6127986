"""What may arrive at the WAN from each network: a region's nodes find their own dials there, and nothing else.

The WAN is a member of every network and listens to everybody, and Linux answers on any interface for the address of
any other: without a fence a node could reach another region past its links.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_interface

from chaoskit.runtimes.docker.container import Container

CHAIN = "CHAOSKIT-FENCE"
TIMEOUT_S = 10.0


def build(guard: Container, addresses: Mapping[str, str], allowed: Mapping[str, Sequence[int]]) -> None:
    """Put the fence up, in one stroke.

    Args:
        guard: In the WAN's network namespace, and allowed to change it.
        addresses: The WAN's own address in each network.
        allowed: The ports that a network's members may dial; a network that is not named may dial any.

    Raises:
        StackError: The rules were refused.
    """
    listed = guard.exec(["ip", "-o", "-4", "address", "show"], timeout_s=TIMEOUT_S)
    text = rules(interfaces(listed), addresses, allowed)
    guard.exec(["iptables-restore", "--wait", "--noflush"], timeout_s=TIMEOUT_S, stdin=text)


def interfaces(listed: str) -> dict[str, str]:
    """Interface by address, from what ``ip -o -4 address show`` lists."""
    lines = [line.split() for line in listed.splitlines()]
    return {str(ip_interface(words[3]).ip): words[1] for words in lines}


def rules(by_address: Mapping[str, str], addresses: Mapping[str, str], allowed: Mapping[str, Sequence[int]]) -> str:
    """Return the rules for ``iptables-restore``, in the table ``raw``: asked before a connection is known."""
    lines = ["*raw", f":{CHAIN} - [0:0]", f"-A PREROUTING -j {CHAIN}"]
    for network, address in addresses.items():
        rule = f"-A {CHAIN} -i {by_address[address]}"
        lines.append(f"{rule} ! -d {address} -j DROP")
        if network in allowed:
            lines += [f"{rule} -p tcp --syn --dport {port} -j RETURN" for port in allowed[network]]
            lines.append(f"{rule} -p tcp --syn -j DROP")
    return "\n".join([*lines, "COMMIT", ""])
