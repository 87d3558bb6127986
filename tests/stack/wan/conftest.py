"""A WAN whose nodes are plain TCP servers, so that every byte can be accounted for."""

import socket
import struct
import termios
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from fcntl import ioctl
from pathlib import Path
from threading import Event, Lock, Thread

import pytest

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.model.plan import Dial, Plan
from chaoskit.planning.routes import initial
from chaoskit.processes import Launcher
from chaoskit.protocols import Stream, Target
from chaoskit.runtimes.local.stack import Tools
from chaoskit.runtimes.ports import free_ports
from chaoskit.runtimes.wan.api import Server
from chaoskit.runtimes.wan.delays import one_way_ns
from chaoskit.runtimes.wan.ping import SSL_REQUEST
from chaoskit.runtimes.wan.wan import ToxiproxyWan

PERIOD = 2**20
WORDS = array("Q", range(PERIOD // 8)).tobytes() * 2  # numbered words; twice, so that any slice is contiguous
BLOCK = 2**14
# In flight at most: enough to have chunks asleep in every toxic, little enough for one receive buffer, so that what
# left the proxy has arrived.
WINDOW = 2**18
HELLO = struct.Struct("!4si")


class Flow:
    """Numbered bytes through one stream, as fast as a window of unreceived ones allows; every one is checked.

    Attributes:
        begun: Bytes given to the sender's socket, counted before they are.
        node: Which node took the connection; None as long as none heard of it.
        intact: Nothing was missing, out of order or repeated.
    """

    def __init__(
        self,
        port: int,
        *,
        upstream: bool,
        window: int,
        number: int,
        expect: dict[int, "Flow"],
        now_ns: Callable[[], int],
    ) -> None:
        self.begun = self._received = 0
        self._departures: list[int] = []
        self._now_ns = now_ns
        self.window = window
        self.intact, self.node = True, None
        self._stop, self._ends, self._threads = Event(), [], []
        self._ended, self._counting = Event(), Lock()
        self._reads = Event()
        self._reads.set()
        self._receiver: socket.socket | None = None
        self._upstream = upstream
        expect[number] = self
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        client.sendall(HELLO.pack(b"FLOW", number))
        self._run(client, self._pump if upstream else self._receive)

    @property
    def received(self) -> int:
        """Bytes that have arrived at the other end, those in its receive buffer included."""
        with self._counting:
            return self._received + (0 if self._receiver is None else _unread(self._receiver))

    def begun_by(self, instant_ns: int) -> int:
        """Bytes given to the sender's socket no later than that."""
        return BLOCK * sum(departed_ns <= instant_ns for departed_ns in list(self._departures))

    @property
    def ended(self) -> bool:
        """Whether an end noticed that the connection is closed."""
        return self._ended.is_set()

    def accepted(self, node: str, server: socket.socket) -> None:
        """The server's end heard the client's hello."""
        self.node = node
        self._run(server, self._receive if self._upstream else self._pump)

    @property
    def stuck(self) -> bool:
        """Whether the window is full, or no more bytes fit into what lies between the ends."""
        return self.begun + BLOCK - self.received > self.window

    def pause(self) -> None:
        """Let the receiver read no more."""
        self._reads.clear()

    def read_on(self) -> None:
        """Let it read again."""
        self._reads.set()

    def stop(self) -> None:
        """Send no more."""
        self._stop.set()

    def close(self) -> None:
        self.stop()
        self.read_on()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for end in self._ends:
            end.close()

    def _run(self, end: socket.socket, job: Callable[[socket.socket], None]) -> None:
        end.settimeout(None)
        self._ends.append(end)
        self._threads.append(Thread(target=self._guarded, args=(job, end), daemon=True))
        self._threads[-1].start()

    def _guarded(self, job: Callable[[socket.socket], None], end: socket.socket) -> None:
        try:
            job(end)
        except OSError:
            self._ended.set()

    def _pump(self, end: socket.socket) -> None:
        while not self._stop.is_set():
            if self.begun - self.received + BLOCK > self.window:
                self._stop.wait(0.001)
                continue
            at = self.begun % PERIOD
            self._departures.append(self._now_ns())
            self.begun += BLOCK
            end.sendall(WORDS[at : at + BLOCK])

    def _receive(self, end: socket.socket) -> None:
        with self._counting:
            self._receiver = end
        while self._reads.wait() and end.recv(1, socket.MSG_PEEK):
            with self._counting:
                data = end.recv(4 * BLOCK)
                at = self._received % PERIOD
                self.intact = self.intact and data == WORDS[at : at + len(data)]
                self._received += len(data)
        self._ended.set()


def _unread(end: socket.socket) -> int:
    return struct.unpack("i", ioctl(end, termios.FIONREAD, bytes(4)))[0]


class Peer:
    """A node: answers PostgreSQL's SSLRequest, and hands every other connection to the flow that it names."""

    def __init__(self, name: str, port: int, flows: Mapping[int, Flow]) -> None:
        self._name, self._flows = name, flows
        self._listener = socket.create_server(("127.0.0.1", port))
        self._threads = [Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._threads.append(Thread(target=self._greet, args=(sock,), daemon=True))
                self._threads[-1].start()

    def _greet(self, sock: socket.socket) -> None:
        with suppress(OSError):
            hello = sock.recv(HELLO.size, socket.MSG_WAITALL)
            if hello[:4] == b"FLOW":
                self._flows[HELLO.unpack(hello)[1]].accepted(self._name, sock)
                return
            if hello == SSL_REQUEST:
                sock.sendall(b"N")
                sock.recv(1)
        sock.close()


class Lab:
    """The WAN of a plan in front of plain TCP servers, its delays in force."""

    def __init__(self, plan: Plan, program: Path, directory: Path) -> None:
        self.plan, self.clock = plan, MonotonicClock()
        self._flows: dict[int, Flow] = {}
        self._program = program
        self._launcher = Launcher(run=plan.run, logs=directory, started=lambda _name, _process: None)
        self._undo = ExitStack()

    def __enter__(self) -> "Lab":
        with ExitStack() as undo:
            self._build(undo)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def _build(self, undo: ExitStack) -> None:
        nodes = [node.name for node in self.plan.scenario.stack.topology.nodes]
        routes = initial(self.plan)
        names = [*nodes, *(dial.name for dial in self.plan.dials), *routes]
        control, *ports = free_ports(len(names) + 1, seed=int(self.plan.run, 16))
        self.ports = dict(zip(names, ports, strict=True))
        for name in nodes:
            undo.callback(Peer(name, self.ports[name], self._flows).close)
        argv = [self._program, "-host", "127.0.0.1", "-port", str(control)]
        self.process = self._launcher.start("toxiproxy", argv, env={"LOG_LEVEL": "error"})
        undo.callback(self.process.stop)
        self.server = Server(control)
        undo.callback(self.server.api.close)
        self.until(self.server.running, "Toxiproxy answers")
        streams = [Stream(dial, upstream) for dial in self.plan.dials for upstream in (True, False)]
        self.wan = ToxiproxyWan(
            self.server,
            clock=self.clock,
            ports=self.ports,
            nodes={name: f"127.0.0.1:{self.ports[name]}" for name in nodes},
            credentials=Target(host="127.0.0.1", port=0, user="u", password="p"),
            delays_ms={stream: one_way_ns(self.plan, stream) // 1_000_000 for stream in streams},
        )
        undo.callback(self.wan.close)
        self.wan.create(routes)
        self.wan.engage()
        undo.callback(lambda: [flow.close() for flow in self._flows.values()])

    def dial(self, name: str) -> Dial:
        return next(dial for dial in self.plan.dials if dial.name == name)

    def stream(self, name: str, *, upstream: bool) -> Stream:
        return Stream(self.dial(name), upstream)

    def flow(self, stream: Stream, endpoint: str = "", window: int = WINDOW) -> Flow:
        """Begin to send through a stream, or through the endpoint that leads to its dial."""
        port = self.ports[endpoint or stream.dial.name]
        return Flow(
            port,
            upstream=stream.upstream,
            window=window,
            number=len(self._flows),
            expect=self._flows,
            now_ns=self.clock.now_ns,
        )

    def running(self, stream: Stream, endpoint: str = "") -> Flow:
        """The same, once more has arrived than fits into its window: it is in full swing."""
        flow = self.flow(stream, endpoint)
        self.until(lambda: flow.received > 2 * WINDOW, "the flow is in full swing")
        return flow

    def complete(self, flow: Flow) -> None:
        """Nothing more is sent, and all that was sent arrives in order."""
        flow.stop()
        self.until(lambda: flow.received == flow.begun, "all that was sent arrived")
        assert flow.intact

    def silent(self, dials: Sequence[Dial]) -> bool:
        """Whether nothing answers on any of the dials, for longer than the longest round trip."""
        return all(trip is None for trip in self.wan.ping(dials, 0.3).values())

    def answers(self, dials: Sequence[Dial]) -> bool:
        return all(trip is not None for trip in self.wan.ping(dials, 2).values())

    def state(self) -> dict[str, object]:
        """What the server itself says of every proxy: whether it is open, where it leads, and its toxics in order."""
        return {
            name: (proxy["enabled"], proxy["upstream"], sorted(map(str, proxy["toxics"])))
            for name, proxy in self.server.proxies().items()
        }

    def until(self, condition: Callable[[], object], what: str) -> None:
        wait_for(lambda: None if condition() else "not yet", clock=self.clock, timeout_s=10, what=what, every_s=0.005)


@pytest.fixture
def lab(quiet_host: None, tools: Tools, three_regions: Callable[..., Plan], tmp_path: Path) -> Iterator[Lab]:
    """A WAN of its own for every test: one that hangs takes no other test with it."""
    plan = three_regions("failover: {runbook: {failback: none}}")
    with Lab(plan, tools.toxiproxy, tmp_path) as lab:
        yield lab
