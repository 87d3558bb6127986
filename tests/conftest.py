"""Live stacks, on the runtime that the fixture ``runtime`` of a directory stands for."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import psutil
import pytest
from docker import APIClient

from chaoskit.clock import NS, MonotonicClock, wait_for
from chaoskit.engine.journal import Journal, lines
from chaoskit.engine.lock import host_lock
from chaoskit.errors import StackError
from chaoskit.faults.baseline import Baseline
from chaoskit.faults.claims import Claims
from chaoskit.faults.ground import Ground
from chaoskit.faults.injector import injector
from chaoskit.load import register
from chaoskit.load.driver import ProcessLoad
from chaoskit.model.event import Event
from chaoskit.model.fault import Fault
from chaoskit.model.instant import since_t0
from chaoskit.model.place import Situation
from chaoskit.model.plan import Dial, Plan, PlannedStep
from chaoskit.planning import plan as plan_of
from chaoskit.processes import Launcher
from chaoskit.protocols import Injector, Stack, Target
from chaoskit.runtimes.docker.client import connect
from chaoskit.scenario_file import parse
from chaoskit.sql import Reply, ask
from chaoskit.toolchain.engine_address import engine_address
from chaoskit.toolchain.images import images
from chaoskit.wiring.kit import Kit

pytest_plugins = ["command_line"]  # in tests/tools


@pytest.fixture(scope="session")
def engine() -> Iterator[APIClient]:
    """A Docker engine; required where CI says so, else the test is skipped and says why."""
    try:
        api = connect(engine_address(os.environ))
    except StackError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"{error.what}: {error.why}")
    yield api
    api.close()


@pytest.fixture(scope="session")
def docker_images(engine: APIClient) -> None:
    """The images of the docker runtime, as required as the engine is."""
    missing = [name for name in images(os.environ) if not engine.images(name)]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"no image {', '.join(missing)}: make images, or docker pull")


class Live:
    """A stack, its plan, and what was written down and started for it.

    Attributes:
        processes: What was started on this machine, by name.
    """

    stack: Stack

    def __init__(self, plan: Plan, directory: Path) -> None:
        self.plan, self.clock, self.logs = plan, MonotonicClock(), directory / "logs"
        self.logs.mkdir(parents=True)
        self.processes: dict[str, psutil.Process] = {}
        self.journal = Journal(directory / "journal.ndjson", run=plan.run, index=directory / "index")
        self.launcher = Launcher(run=plan.run, logs=self.logs, started=self._started)
        self._directory = directory

    @property
    def directories(self) -> list[Path]:
        """Those that were to be made on this machine."""
        return [Path(line["path"]) for line in lines(self._directory / "journal.ndjson") if line["kind"] == "directory"]

    def dial(self, name: str) -> Dial:
        return next(dial for dial in self.plan.dials if dial.name == name)

    def ask(self, target: Target, *statements: str, timeout_s: float = 5) -> list[Reply]:
        return ask(target, statements, clock=self.clock, timeout_s=timeout_s)

    def rows(self, node: str, statement: str) -> list[tuple[str | None, ...]]:
        """Answer of the node itself, past the WAN."""
        reply = self.ask(self.stack.database.direct(node), statement)[0]
        assert reply.sqlstate is None, reply.message
        return list(reply.rows)

    def until(self, condition: Callable[[], object], what: str, timeout_s: float = 20) -> None:
        wait_for(lambda: None if condition() else "not yet", clock=self.clock, timeout_s=timeout_s, what=what)

    def _started(self, name: str, process: psutil.Process) -> None:
        self.processes[name] = process
        self.journal.process(name, process)


BringUp = Callable[[Live], AbstractContextManager[Stack]]


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


@pytest.fixture(scope="module")  # not wider: another directory's runtime is another one
def bring_up(runtime: Kit) -> BringUp:
    """Bring up a stack; it is gone on exit."""

    def up(live: Live) -> AbstractContextManager[Stack]:
        return runtime.runtime(live.journal, live.launcher, live.clock, live.logs).up(live.plan)

    return up


@pytest.fixture
def live_of(quiet_host: None, tmp_path: Path) -> Iterator[Callable[[Plan], Live]]:
    """From a plan to a stack that is not up yet, for tests that break it."""
    with ExitStack() as undo:

        def make(plan: Plan) -> Live:
            live = Live(plan, tmp_path / plan.run)
            undo.callback(live.journal.close)
            return live

        yield make


@pytest.fixture
def live(live_of: Callable[[Plan], Live], three_regions: Callable[..., Plan]) -> Live:
    """Three regions, not up yet."""
    return live_of(three_regions())


@pytest.fixture(scope="module")
def live_stack(
    quiet_host: None,
    bring_up: BringUp,
    three_regions: Callable[..., Plan],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Live]:
    """Three regions that stream; whoever breaks something heals it."""
    live = Live(three_regions(), tmp_path_factory.mktemp("run"))
    with ExitStack() as undo:
        undo.callback(live.journal.close)
        live.stack = undo.enter_context(bring_up(live))
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

    def work(self) -> None:
        """Let users and probers of every region run until each has been answered."""
        live, soon_ns = self.live, self.live.clock.now_ns() + 30 * NS
        self.load.start()
        self.load.connect(live.stack.endpoints())
        made = live.ask(live.stack.database.direct(self.primary), *register.SCHEMA_SQL)
        assert [reply.message for reply in made if reply.sqlstate] == []
        self.load.ready(soon_ns)
        self.load.begin(live.clock.now_ns() + NS // 10)
        live.until(lambda: len(self.load.operations()) == 3 and all(self.load.operations().values()), "users work")

    def close(self) -> None:
        """Heal whatever a test has left, the latest first, so that the next one finds a healthy stack; idempotent."""
        for made in reversed(self.made):
            made.heal()
        while self.made:
            self.made.pop().settled()
        self.load.stop(self.live.clock.now_ns())


@pytest.fixture
def faults(live_stack: Live, tmp_path: Path) -> Iterator[Faults]:
    """Faults on a stack that is shared; whatever struck is healed afterwards."""
    made = Faults(live_stack, tmp_path / "streams")
    yield made
    made.close()


@pytest.fixture(scope="session")
def faults_on() -> Callable[[Live, Path], Faults]:
    """Faults on a stack that a test brings up itself."""
    return Faults
