"""Many Toxiproxy updates at once: prepared requests over a few warm sockets, so that a cut has one instant.

One call takes 0.6-1.6 ms through an HTTP client; thirty of them would smear the onset of a fault and bias RPO.
"""

import json
import select
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from chaoskit.errors import StackError

SOCKETS = 4
TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One REST call. Requests for one ``proxy`` keep their order; others may overtake each other.

    ``done_already`` is the status that says that an earlier, interrupted attempt had got through.
    """

    method: str
    path: str
    proxy: str
    body: object = None
    done_already: int = 200

    def encoded(self) -> bytes:
        """The bytes of an HTTP/1.1 keep-alive request."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: wan\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


@dataclass(slots=True)
class _Lane:
    """One warm socket and the answers still to come on it."""

    port: int
    sock: socket.socket | None = None
    pending: list[Request] = field(default_factory=list)
    buffer: bytearray = field(default_factory=bytearray)

    def warm(self) -> None:
        """Have a socket that the server has not closed meanwhile; only between bursts, when no answer is due."""
        if self.sock is not None and _closed_by_peer(self.sock):
            self.close()
        if self.sock is None:
            self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT_S)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connected(self) -> socket.socket:
        assert self.sock is not None
        return self.sock

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
        self.sock = None
        self.buffer.clear()


class Burst:
    """Sends requests to one server, stamping when the first left and when the last was answered.

    Args:
        port: The server's REST port on loopback.
        now_ns: The run's clock.
    """

    def __init__(self, port: int, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._lanes = [_Lane(port) for _ in range(SOCKETS)]

    def fire(self, requests: Sequence[Request]) -> tuple[int, int]:
        """Send all, await all; (before the first, after the last) in run ns.

        Raises:
            StackError: The server is not there, refused an update, or did not answer within ``TIMEOUT_S``.
        """
        try:
            outgoing = self._spread(requests)
            first_ns = self._now_ns()
            for lane, data in outgoing:
                lane.connected().sendall(data)
            refused = [why for lane, _ in outgoing for why in self._answers(lane, first_ns)]
        except OSError as error:
            self.close()
            raise StackError(
                "Toxiproxy did not take an update", why=str(error), fix="see logs/toxiproxy.log"
            ) from error
        if refused:
            raise StackError(f"Toxiproxy refused {len(refused)} updates", why="; ".join(refused[:3]))
        return first_ns, self._now_ns()

    def close(self) -> None:
        """Close the sockets; the next burst opens new ones."""
        for lane in self._lanes:
            lane.close()

    def _spread(self, requests: Sequence[Request]) -> list[tuple[_Lane, bytes]]:
        """Whole proxies to lanes in turn; sockets are opened before the clock is read."""
        for lane in self._lanes:
            lane.pending = []
        for index, (_, group) in enumerate(groupby(sorted(requests, key=attrgetter("proxy")), key=attrgetter("proxy"))):
            self._lanes[index % SOCKETS].pending.extend(group)
        busy = [lane for lane in self._lanes if lane.pending]
        for lane in busy:
            lane.warm()
        return [(lane, b"".join(request.encoded() for request in lane.pending)) for lane in busy]

    def _answers(self, lane: _Lane, first_ns: int) -> list[str]:
        """Read one answer per pending request of the lane; return those that are errors."""
        refused = []
        sock = lane.connected()
        for request in lane.pending:
            left_s = TIMEOUT_S - (self._now_ns() - first_ns) / 1e9
            sock.settimeout(max(left_s, 0.001))
            status, body = _response(sock, lane.buffer)
            if status >= 300 and status != request.done_already:
                refused.append(f"{request.method} {request.path}: {status} {body.decode(errors='replace')[:200]}")
        return refused


def _response(sock: socket.socket, buffer: bytearray) -> tuple[int, bytes]:
    """Read one HTTP response; what follows it stays in ``buffer``."""
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        _more(sock, buffer)
    head = bytes(buffer[:end]).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
    while len(buffer) < end + 4 + length:
        _more(sock, buffer)
    body = bytes(buffer[end + 4 : end + 4 + length])
    del buffer[: end + 4 + length]
    return status, body


def _more(sock: socket.socket, buffer: bytearray) -> None:
    data = sock.recv(65536)
    if not data:
        raise ConnectionError("the connection was closed before the answer")
    buffer += data


def _closed_by_peer(sock: socket.socket) -> bool:
    """An idle socket that is readable was closed (keep-alive ran out)."""
    readable, _, _ = select.select([sock], [], [], 0)
    return bool(readable)
