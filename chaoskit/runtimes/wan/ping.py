"""One round trip through a proxy: a request to which the server behind it answers at once, with a byte at least."""

import selectors
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # PostgreSQL answers it with one byte
HTTP_REQUEST = b"GET /version HTTP/1.0\r\n\r\n"
Key = TypeVar("Key")


@dataclass(slots=True)
class _Call:
    """One port that is asked, and when its request left."""

    key: object
    request: bytes
    sent_ns: int = 0


def ping(
    calls: Mapping[Key, tuple[int, bytes]], *, timeout_s: float, now_ns: Callable[[], int]
) -> dict[Key, float | None]:
    """Ask every port on loopback at once; round trips in seconds, None for refused, reset or silent.

    Args:
        calls: The port and the request to it, by whatever name the answer shall have.
        timeout_s: For all of them together.
        now_ns: Stamps departures and answers.

    The round trip counts from the request's departure, so TCP's own handshake with the proxy is not in it.
    """
    trips: dict[Key, float | None] = dict.fromkeys(calls)
    deadline_ns = now_ns() + round(timeout_s * 1e9)
    with selectors.DefaultSelector() as selector:
        try:
            for key, (port, request) in calls.items():
                _dial(selector, port, _Call(key, request))
            while selector.get_map() and (left_ns := deadline_ns - now_ns()) > 0:
                for ready, mask in selector.select(left_ns / 1e9):
                    _step(selector, ready, mask, trips, now_ns)
        finally:
            for ready in list(selector.get_map().values()):
                _socket(ready).close()
    return trips


def _dial(selector: selectors.BaseSelector, port: int, call: _Call) -> None:
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex(("127.0.0.1", port))
    selector.register(sock, selectors.EVENT_WRITE, call)


def _step(
    selector: selectors.BaseSelector,
    ready: selectors.SelectorKey,
    mask: int,
    trips: dict[Key, float | None],
    now_ns: Callable[[], int],
) -> None:
    sock, call = _socket(ready), ready.data
    try:
        if mask & selectors.EVENT_WRITE:
            call.sent_ns = now_ns()
            sock.send(call.request)
            selector.modify(sock, selectors.EVENT_READ, call)
            return
        if sock.recv(1):
            trips[call.key] = (now_ns() - call.sent_ns) / 1e9
    except OSError:
        trips[call.key] = None
    selector.unregister(sock)
    sock.close()


def _socket(ready: selectors.SelectorKey) -> socket.socket:
    assert isinstance(ready.fileobj, socket.socket)
    return ready.fileobj
