"""How sharp the WAN's faults are and what its chain costs: ``python tests/bench/bench_wan.py``.

Prints the onset skew of a cut (first request sent to last one answered) over 30, 50 and 100 links, and what a proxy
with the chain of toxics, its delays 0, costs against a bare one and against none: the time of a small echo, and
the throughput of a stream.
"""

import os
import secrets
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.model.fault import Mode
from chaoskit.model.plan import Dial
from chaoskit.model.topology import Party, Role
from chaoskit.processes import Launcher
from chaoskit.protocols import Stream, Target
from chaoskit.runtimes.ports import free_ports
from chaoskit.runtimes.wan.api import Server
from chaoskit.runtimes.wan.wan import ToxiproxyWan
from chaoskit.wiring.local import kit

LINKS = (30, 50, 100)
ROUNDS, ECHOES, STREAM_BYTES, BLOCK = 15, 2000, 2**27, 2**16
ECHO, SINK = b"e", b"s"


def serve(listener: socket.socket) -> None:
    """Echo, or count until the end and say so: the first byte decides."""

    def answer(sock: socket.socket) -> None:
        with sock:
            wanted = sock.recv(1)
            while data := sock.recv(BLOCK):
                if wanted == ECHO:
                    sock.sendall(data)
                elif data.endswith(b"."):
                    sock.sendall(b".")

    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Thread(target=answer, args=(sock,), daemon=True).start()


@contextmanager
def wan(links: int) -> Iterator[tuple[ToxiproxyWan, dict[str, int]]]:
    """A WAN with ``links`` dials to one echo server, without delays; and the port of everything."""
    clock = MonotonicClock()
    dials = [
        Dial(source=Party(region=f"r{number}", role=Role.CLIENTS), target=Party(region="b", role=Role.NODE, number=1))
        for number in range(links)
    ]
    names = ["control", "b/1", "bare", *(dial.name for dial in dials)]
    ports = dict(zip(names, free_ports(len(names), seed=secrets.randbits(24)), strict=True))
    tools = kit(os.environ, print).tools
    with ExitStack() as undo:
        logs = Path(undo.enter_context(tempfile.TemporaryDirectory()))
        listener = undo.enter_context(socket.create_server(("127.0.0.1", ports["b/1"])))
        Thread(target=serve, args=(listener,), daemon=True).start()
        undo.callback(listener.shutdown, socket.SHUT_RDWR)
        launcher = Launcher(run="bench", logs=logs, started=lambda _name, _process: None)
        argv = [tools.toxiproxy, "-host", "127.0.0.1", "-port", str(ports["control"])]
        process = launcher.start("toxiproxy", argv, env={"LOG_LEVEL": "error"})
        undo.callback(process.stop)
        server = Server(ports["control"])
        wait_for(lambda: None if server.running() else "silent", clock=clock, timeout_s=10, what="no Toxiproxy")
        made = ToxiproxyWan(
            server,
            clock=clock,
            ports=ports,
            nodes={"b/1": f"127.0.0.1:{ports['b/1']}"},
            credentials=Target(host="127.0.0.1", port=0, user="u", password="p"),
            delays_ms={Stream(dial, upstream): 0 for dial in dials for upstream in (True, False)},
        )
        undo.callback(made.close)
        made.create({})
        server.populate(
            [{"name": "bare", "listen": f"127.0.0.1:{ports['bare']}", "upstream": f"127.0.0.1:{ports['b/1']}"}]
        )
        yield made, ports


def skew(links: int) -> str:
    """Onset skew in ms: best, median, worst of some cuts over one stream of each link."""
    with wan(links) as (made, _):
        streams = [stream for stream in made.streams() if stream.upstream]
        taken_ms = []
        for number in range(ROUNDS):
            first_ns, last_ns = made.cut("cut", streams, (Mode.STALL, Mode.DROP)[number % 2])
            taken_ms.append((last_ns - first_ns) / 1e6)
            made.heal("cut")
    low, mid, high = min(taken_ms), statistics.median(taken_ms), max(taken_ms)
    return f"{links:4} links: {low:6.2f} {mid:6.2f} {high:6.2f} ms (best, median, worst of {ROUNDS})"


def connected(port: int, wanted: bytes) -> socket.socket:
    """A connection to the server behind ``port``."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(wanted)
    return sock


def echo_us(port: int) -> float:
    """Median time of an echo of 100 bytes, in microseconds."""
    taken_ns = []
    with connected(port, ECHO) as sock:
        for _ in range(ECHOES):
            begun_ns = time.perf_counter_ns()
            sock.sendall(bytes(100))
            sock.recv(100, socket.MSG_WAITALL)
            taken_ns.append(time.perf_counter_ns() - begun_ns)
    return statistics.median(taken_ns) / 1e3


def stream_mib_s(port: int) -> float:
    """Throughput of one stream until its last byte has arrived."""
    block = bytes(BLOCK)
    with connected(port, SINK) as sock:
        begun_ns = time.perf_counter_ns()
        for _ in range(STREAM_BYTES // BLOCK):
            sock.sendall(block)
        sock.sendall(b".")
        sock.recv(1)
        return STREAM_BYTES / 2**20 / ((time.perf_counter_ns() - begun_ns) / 1e9)


def main() -> None:
    """Print everything."""
    print("onset skew of a cut")
    for links in LINKS:
        print(skew(links))
    print("cost of the chain")
    with wan(1) as (made, ports):
        chain = made.streams()[0].dial.name
        paths = {"no proxy": ports["b/1"], "bare proxy": ports["bare"], "proxy with the chain": ports[chain]}
        # In turn, and the best of each: noise only ever costs, and it comes and goes.
        rounds = [(words, echo_us(port), stream_mib_s(port)) for _ in range(5) for words, port in paths.items()]
        for words in paths:
            echo = min(taken for name, taken, _ in rounds if name == words)
            stream = max(rate for name, _, rate in rounds if name == words)
            print(f"{words:>21}: echo {echo:6.0f} us, stream {stream:6.0f} MiB/s")


if __name__ == "__main__":
    main()
