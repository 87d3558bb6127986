"""The command line as a process of its own, and everything that a run of it touches."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

import chaoskit as package
from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.processes import Launcher, Process, alive, descendants, kill

NAME = "short-region-loss"
SCENARIO = f"""\
chaoskit: 1
name: {NAME}
question: Does the harness keep its word when it is disturbed?
stack:
  regions: [us-east, eu-west, ap-south]
  primary: us-east
  replication: async
  failover:
    runbook: {{detect: {{every: 200ms, failures: 3, timeout: 400ms}}, decide: 0s, fence: attempt, failback: none}}
  network:
    rtt:
      us-east <-> eu-west: 20ms
      us-east <-> ap-south: 40ms
      eu-west <-> ap-south: 30ms
load:
  users: {{default: 1}}
  probes: {{rate: 10/s}}
steady_state: {{for: 1s, availability: 90%, within: 30s}}
timeline:
  lose-us-east: {{at: 1s, fault: region_loss, target: us-east, until: end}}
duration: 8s
objectives:
  write-rto: {{measure: rto, operation: write, max: 6s}}
"""
CHAOSKIT = (sys.executable, "-m", "chaoskit")
LOCK_TIMEOUT_S = 150  # another run on this machine goes first
RUN_TIMEOUT_S = 60


def listening() -> list[Any]:
    """Every listening TCP socket of the machine."""
    return [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]


def shared_memory() -> list[tuple[int, int, bool]]:
    """(id, pid of its maker, whether anybody is attached) of every segment of System V shared memory."""
    table = Path("/proc/sysvipc/shm")
    rows = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
    return [(int(row[1]), int(row[4]), row[6] != "0") for row in rows]


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """What a run has on the machine."""

    processes: tuple[psutil.Process, ...]
    ports: frozenset[int]
    segments: frozenset[int]
    data: Path

    def running(self) -> list[psutil.Process]:
        return [process for process in self.processes if alive(process)]

    def taken(self) -> set[int]:
        return {c.laddr.port for c in listening()} & self.ports

    def shared(self) -> set[int]:
        """Segments of System V shared memory, by id: a PostgreSQL that is killed cannot remove its own."""
        return {segment for segment, *_ in shared_memory()} & self.segments

    def remains(self) -> list[object]:
        """Everything that is still there."""
        return [*self.running(), *self.taken(), *self.shared(), *([self.data] if self.data.exists() else [])]


class Session:
    """A ``chaoskit run`` that goes on."""

    def __init__(self, process: Process, log: Path, reports: Path) -> None:
        self.process, self._log, self._reports = process, log, reports
        self._clock = MonotonicClock()

    @property
    def directory(self) -> Path:
        (directory,) = (self._reports / NAME).iterdir()
        return directory

    @property
    def run(self) -> str:
        return self.directory.name.rpartition("-")[2]

    def said(self) -> str:
        """What it told people so far."""
        return self._log.read_text()

    def await_words(self, words: str, timeout_s: float = LOCK_TIMEOUT_S) -> None:
        self._await(lambda: None if words in self.said() else self.said(), timeout_s, f"not said: {words}")

    def await_event(self, name: str, **detail: object) -> None:
        def missing() -> str | None:
            found = [e for e in self.events() if e["event"] == name]
            return None if any(detail.items() <= e.get("detail", {}).items() for e in found) else self.said()

        self._await(missing, LOCK_TIMEOUT_S, f"no event {name}")

    def await_journal(self, kind: str) -> None:
        def missing() -> str | None:
            return None if any(line["kind"] == kind for line in self.journal()) else self.said()

        self._await(missing, RUN_TIMEOUT_S, f"not journaled: {kind}")

    def await_frozen(self, region: str) -> None:
        """Wait until the lost region's servers and clients are all stopped."""

        def restless() -> str | None:
            # A child that ended while its parent was being stopped stays a zombie: nobody is left to reap it.
            awake = [p for p in self.of_region(region) if alive(p) and p.status() != psutil.STATUS_STOPPED]
            return f"awake: {awake}" if awake else None

        self.await_event("proved", phase="onset")
        self._await(restless, RUN_TIMEOUT_S, f"{region} is not frozen")

    def of_region(self, region: str) -> list[psutil.Process]:
        """Servers and clients of a region, backends included."""
        names = {f"{region}/1", f"load.{region}.users", f"load.{region}.probes"}
        roots = [process for name, process in self.started().items() if name in names]
        return [process for root in roots for process in (root, *descendants(root.pid))]

    def started(self) -> dict[str, psutil.Process]:
        """What the run itself started, by name: these live as long as it does, a server's own children need not."""
        return {line["name"]: psutil.Process(line["pid"]) for line in self.journal() if line["kind"] == "process"}

    def footprint(self) -> Footprint:
        processes = descendants(self.process.pid)
        pids = {process.pid for process in processes}
        ports = {c.laddr.port for c in listening() if c.pid in pids}
        # An abandoned segment may name a pid that is ours by now; it has nobody attached.
        segments = frozenset(segment for segment, maker, used in shared_memory() if used and maker in pids)
        (data,) = (line["path"] for line in self.journal() if line["kind"] == "directory")
        return Footprint(processes=tuple(processes), ports=frozenset(ports), segments=segments, data=Path(data))

    def events(self) -> list[dict[str, Any]]:
        return self._lines("events.ndjson")

    def journal(self) -> list[dict[str, Any]]:
        return self._lines("journal.ndjson")

    def result(self) -> dict[str, Any]:
        return dict(json.loads((self.directory / "result.json").read_text()))

    def signal(self, number: signal.Signals) -> None:
        self.process.popen.send_signal(number)

    def finish(self) -> tuple[int, str]:
        """Wait for its end: (exit code, stdout)."""
        out, _ = self.process.popen.communicate(timeout=LOCK_TIMEOUT_S + RUN_TIMEOUT_S)
        return self.process.popen.returncode, out.decode()

    def _lines(self, name: str) -> list[dict[str, Any]]:
        if not (self._reports / NAME).exists() or not (self.directory / name).exists():
            return []
        whole = (self.directory / name).read_text().rpartition("\n")[0]  # the last one may be half written
        return [json.loads(line) for line in whole.splitlines()]

    def _await(self, probe: Callable[[], str | None], timeout_s: float, what: str) -> None:
        def why_not() -> str | None:
            why = probe()
            if why is not None and not self.process.running():
                raise AssertionError(f"{what}; it ended with {self.process.popen.returncode}:\n{self.said()}")
            return why

        wait_for(why_not, clock=self._clock, timeout_s=timeout_s, what=what)


class CommandLine:
    """``chaoskit`` at home in a directory of its own: its reports, its index of unfinished runs."""

    def __init__(self, home: Path) -> None:
        self.home, self.reports, self.index = home, home / "reports", home / "state" / "chaoskit" / "runs"
        self.scenario = home / f"{NAME}.chaos.yaml"
        self.scenario.write_text(SCENARIO)
        self._launcher = Launcher(run="tests", logs=home / "logs", started=lambda _name, _process: None)
        self._sessions: list[Session] = []

    def __call__(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return self.python(*CHAOSKIT[1:], *words, **env)

    def python(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """The interpreter in the same surroundings."""
        argv = [sys.executable, *(str(word) for word in words)]
        environment = os.environ | self._env() | env
        return subprocess.run(argv, env=environment, cwd=self.home, capture_output=True, text=True, timeout=60)

    def start(self, *options: str | Path, command: str = "run", through: Sequence[str] = (), **env: str) -> Session:
        """Start ``chaoskit run``, or another command that runs scenarios; ``through`` starts it, like ``nsenter``."""
        name = f"run-{len(self._sessions)}"
        argv = [*through, *CHAOSKIT, command, self.scenario, "--report-dir", self.reports, *options]
        process = self._launcher.start(name, argv, env=self._env() | env, cwd=self.home, talk=True)
        self._sessions.append(Session(process, self._launcher.log_path(name), self.reports))
        return self._sessions[-1]

    def close(self) -> None:
        """Whatever a test did not finish."""
        for session in self._sessions:
            kill(descendants(session.process.pid))
            session.process.stop()
        if [*self.index.glob("*.json")]:
            self("clean")

    def _env(self) -> dict[str, str]:
        here = str(Path(package.__file__).parents[1])  # the very package under test, installed or not
        return {"XDG_STATE_HOME": str(self.home / "state"), "PYTHONPATH": here, "COLUMNS": "200"}


@pytest.fixture(scope="session")
def command_lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], CommandLine]]:
    """Makes command lines; what they started is gone at the end."""
    made: list[CommandLine] = []

    def make() -> CommandLine:
        made.append(CommandLine(tmp_path_factory.mktemp("home")))
        return made[-1]

    yield make
    for command_line in made:
        command_line.close()


@pytest.fixture
def chaoskit(command_lines: Callable[[], CommandLine]) -> CommandLine:
    """A command line for one test."""
    return command_lines()
