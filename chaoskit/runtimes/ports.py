"""Loopback ports that nobody else will be given.

Proxies close and reopen their listeners when they are re-pointed or refused. A port from the kernel's ephemeral range
could be taken by any outgoing connection in between, so ours come from below it.
"""

import socket
from pathlib import Path
from random import Random

from chaoskit.errors import StackError

LOWEST, EPHEMERAL = 15_000, 32_768


def free_ports(count: int, seed: int) -> list[int]:
    """Return ``count`` distinct ports on 127.0.0.1 that can be bound now, tried in an order drawn from ``seed``.

    Raises:
        StackError: There are not that many.
    """
    candidates = list(range(LOWEST, _ephemeral_start()))
    Random(seed).shuffle(candidates)  # noqa: S311 - spreads runs over the range, hides nothing
    found: list[int] = []
    for port in candidates:
        if len(found) == count:
            return found
        if _bindable(port):
            found.append(port)
    raise StackError(f"no {count} free ports between {LOWEST} and {_ephemeral_start()}", fix="end what listens there")


def _bindable(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ephemeral_start() -> int:
    path = Path("/proc/sys/net/ipv4/ip_local_port_range")
    start = int(path.read_text().split()[0]) if path.exists() else EPHEMERAL
    return start if start > LOWEST + 1_000 else EPHEMERAL
