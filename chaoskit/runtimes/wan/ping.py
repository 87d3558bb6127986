"""One round trip to PostgreSQL through a proxy: an SSLRequest, which every server answers with one byte."""

import selectors
import socket
import struct
from collections.abc import Callable, Mapping
from typing import TypeVar

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
Key = TypeVar("Key")


def ping(ports: Mapping[Key, int], *, timeout_s: float, now_ns: Callable[[], int]) -> dict[Key, float | None]:
    """Ping every port on loopback at once; round trips in seconds, None for refused, reset or silent.

    The round trip counts from the request's departure, so TCP's own handshake with the proxy is not in it.
    """
    trips: dict[Key, float | None] = dict.fromkeys(ports)
    sent: dict[Key, int] = {}
    deadline_ns = now_ns() + round(timeout_s * 1e9)
    with selectors.DefaultSelector() as selector:
        try:
            for key, port in ports.items():
                _dial(selector, key, port)
            while selector.get_map() and (left_ns := deadline_ns - now_ns()) > 0:
                for ready, mask in selector.select(left_ns / 1e9):
                    _step(selector, ready, mask, sent, trips, now_ns)
        finally:
            for ready in list(selector.get_map().values()):
                _socket(ready).close()
    return trips


def _dial(selector: selectors.BaseSelector, key: object, port: int) -> None:
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex(("127.0.0.1", port))
    selector.register(sock, selectors.EVENT_WRITE, key)


def _step(
    selector: selectors.BaseSelector,
    ready: selectors.SelectorKey,
    mask: int,
    sent: dict[Key, int],
    trips: dict[Key, float | None],
    now_ns: Callable[[], int],
) -> None:
    sock = _socket(ready)
    try:
        if mask & selectors.EVENT_WRITE:
            sent[ready.data] = now_ns()
            sock.send(SSL_REQUEST)
            selector.modify(sock, selectors.EVENT_READ, ready.data)
            return
        if sock.recv(1):
            trips[ready.data] = (now_ns() - sent[ready.data]) / 1e9
    except OSError:
        trips[ready.data] = None
    selector.unregister(sock)
    sock.close()


def _socket(ready: selectors.SelectorKey) -> socket.socket:
    assert isinstance(ready.fileobj, socket.socket)
    return ready.fileobj
