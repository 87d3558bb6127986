"""The stream of one exec: what it is told and what it says, every wait with a deadline.

The SDK's own reader waits for ever: it polls the socket without a timeout.
"""

import struct
from contextlib import suppress
from socket import SHUT_WR, socket

from docker import APIClient

from chaoskit.protocols import Clock

NS = 1_000_000_000
HEADER = struct.Struct(">BxxxL")
STDERR = 2


class Wire:
    """An exec that runs, seen through its standard streams.

    Args:
        identity: The exec's id, created but not started.
    """

    def __init__(self, api: APIClient, identity: str, *, clock: Clock) -> None:
        self._clock = clock
        self._stream = api.exec_start(identity, socket=True)
        # Plain and TLS connections are wrapped differently; both keep the socket that knows timeouts here.
        self._socket: socket = getattr(self._stream, "_sock", self._stream)

    def send(self, data: bytes, *, deadline_ns: int) -> None:
        """Give it that to read.

        Raises:
            TimeoutError: It did not take it by then.
        """
        self._socket.settimeout(self._left_s(deadline_ns))
        self._socket.sendall(data)

    def end(self) -> None:
        """Tell it that nothing more comes."""
        self._socket.shutdown(SHUT_WR)

    def frame(self, *, deadline_ns: int) -> tuple[bool, bytes] | None:
        """What it says next, and whether it is standard output; None: it has ended.

        Raises:
            TimeoutError: It said nothing by then.
        """
        head = self._exactly(HEADER.size, deadline_ns)
        if head is None:
            return None
        channel, length = HEADER.unpack(head)
        body = self._exactly(length, deadline_ns)
        return None if body is None else (channel != STDERR, body)

    def close(self) -> None:
        """Hang up; what it runs may go on. Idempotent."""
        with suppress(OSError):
            self._socket.close()
        self._stream.close()

    def _exactly(self, length: int, deadline_ns: int) -> bytes | None:
        data = bytearray()
        while len(data) < length:
            self._socket.settimeout(self._left_s(deadline_ns))
            got = self._socket.recv(length - len(data))
            if not got:
                return None
            data += got
        return bytes(data)

    def _left_s(self, deadline_ns: int) -> float:
        left_s = (deadline_ns - self._clock.now_ns()) / NS
        if left_s <= 0:
            raise TimeoutError
        return left_s
