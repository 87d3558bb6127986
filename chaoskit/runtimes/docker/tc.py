"""Limits on the bytes per second of streams; what is not limited passes no queue that was not there before.

The packets of limited streams, and no others, are led from every interface through one of two devices of our own, one
for each way, where each stream has its class. A stream has one limit, whichever interfaces it uses.

Packets are up to 64 KiB, so the classes are those of ``htb``: it lets a packet go as soon as the last one is paid for,
whatever its size, where ``tbf`` with a burst below 64 KiB would cut them up. The rate is right over any longer time,
headers included: some 4 % less arrives of full packets.
"""

from collections.abc import Mapping

from chaoskit.runtimes.docker.iptables import Flow

DEVICES = {True: "chaoskit-up", False: "chaoskit-down"}
QUEUE_S = 0.25  # what a bottleneck may hold back: enough for the rate to be reached, no minutes of old bytes
QUEUE_BYTES = 4 * 65536  # and never less than a few packets of the largest size
OUR_OWN = "|".join(DEVICES.values())

Limits = Mapping[Flow, float]


def reset() -> str:
    """The script that removes every limit; idempotent."""
    lines = [_each_interface("tc qdisc del dev $dev clsact 2>/dev/null || true")]
    lines += [f"ip link del {device} 2>/dev/null || true" for device in DEVICES.values()]
    return "\n".join(lines)


def limit(limits: Limits) -> str:
    """The script that puts limits into force, in bytes per second, where there are none."""
    made = [f"ip link add {device} type ifb\nip link set {device} up" for device in DEVICES.values()]
    roots = [f"qdisc add dev {device} root handle 1: htb" for device in DEVICES.values()]
    classes = [line for n, flow in enumerate(sorted(limits), 1) for line in _class(n, flow, limits[flow])]
    leads = [_lead(flow) for flow in sorted(limits)]
    return "\n".join(
        [
            *made,
            _batch([*roots, *classes]),
            _each_interface(_batch(["qdisc add dev $dev clsact", *leads])),
        ]
    )


def _class(number: int, flow: Flow, bytes_per_s: float) -> list[str]:
    device, rate = DEVICES[flow.upstream], max(1, round(bytes_per_s))
    queue_bytes = max(QUEUE_BYTES, round(bytes_per_s * QUEUE_S))
    return [
        f"class add dev {device} parent 1: classid 1:{number:x} htb rate {rate}bps quantum 65536",
        f"qdisc add dev {device} parent 1:{number:x} bfifo limit {queue_bytes}",
        f"filter add dev {device} parent 1: protocol ip prio 1 {_match(flow)} flowid 1:{number:x}",
    ]


def _lead(flow: Flow) -> str:
    way = "ingress" if flow.upstream else "egress"
    redirect = f"action mirred egress redirect dev {DEVICES[flow.upstream]}"
    return f"filter add dev $dev {way} protocol ip prio 1 {_match(flow)} {redirect}"


def _match(flow: Flow) -> str:
    return f"u32 match ip protocol 6 0xff match ip {'dport' if flow.upstream else 'sport'} {flow.port} 0xffff"


def _batch(lines: list[str]) -> str:
    return "\n".join(["tc -batch - <<END", *lines, "END"])


def _each_interface(do: str) -> str:
    return f"for dev in $(ls /sys/class/net); do case $dev in {OUR_OWN}) continue;; esac\n{do}\ndone"
