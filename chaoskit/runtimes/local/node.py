"""One PostgreSQL server of the local runtime: started, stopped, frozen and killed."""

import signal
from pathlib import Path

import psutil

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.model.fault import ALL_PROCESSES
from chaoskit.processes import Launcher, Process, User
from chaoskit.protocols import Clock, Target
from chaoskit.runtimes.local import tree
from chaoskit.runtimes.local.cpu import cpu_s
from chaoskit.runtimes.postgres.config import isolated, overrides
from chaoskit.sql import Unanswered, ask

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 20.0


class PostgresNode:
    """A server and how to start, stop, freeze and kill it.

    Args:
        name: Its ``cluster_name``.
        home: Its directory: ``data/``, ``node.conf``, ``hba.conf``.
        binary: ``postgres``.
        user: Whom it runs as; None: as we do.
        target: Its own port, past the WAN.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Path,
        binary: Path,
        user: User | None,
        target: Target,
        launcher: Launcher,
        clock: Clock,
    ) -> None:
        self.name, self.home, self.target = name, home, target
        self._binary, self._user, self._launcher, self._clock = binary, user, launcher, clock
        self._process: Process | None = None
        self._frozen: list[psutil.Process] = []
        self._wanted = False

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home / "data"

    @property
    def standby_signal(self) -> Path:
        """The file that makes it start as a replica."""
        return self.data / "standby.signal"

    def start(self, *, alone: bool = False) -> None:
        """Start the server; ``alone``: it neither follows nor serves a peer, and refuses to write.

        Raises:
            StackError: It runs already, or has no data.
        """
        if self.running():
            raise StackError(f"PostgreSQL {self.name} cannot be started", why="it runs already")
        if not self.data.is_dir():
            raise StackError(f"PostgreSQL {self.name} cannot be started", why="its data was destroyed")
        files = {"config_file": str(self.home / "node.conf"), "hba_file": str(self.home / "hba.conf")}
        settings = files | (isolated(replica=self.standby_signal.exists()) if alone else {})
        argv: list[str | Path] = [self._binary, "-D", self.data, *overrides(settings)]
        self._process = self._launcher.start(self.name, argv, user=self._user)
        self._wanted = True

    def ready(self, target: Target | None = None) -> None:
        """Wait until it answers queries (as ``target`` logs in).

        Raises:
            StackError: It ended, or did not answer in time.
        """
        wait_for(
            lambda: self._unready(target or self.target),
            clock=self._clock,
            timeout_s=START_TIMEOUT_S,
            what=f"PostgreSQL {self.name} does not answer",
            fix=self._see_log,
        )

    def running(self) -> bool:
        """Whether its processes exist, frozen or not."""
        return self._process is not None and self._process.running()

    def cpu_s(self) -> float | None:
        """CPU seconds since it was started; None: it does not run, or the kernel does not tell."""
        return cpu_s(self._process.pid) if self._process is not None and self._process.running() else None

    def broken(self) -> str | None:
        """What happened to it, if it ended though nobody had ended it."""
        if not self._wanted or self._process is None or self._process.running():
            return None
        return f"PostgreSQL {self.name} ended by itself with code {self._process.exit_code}"

    def freeze(self, process: str = ALL_PROCESSES) -> None:
        """SIGSTOP every process, or those of one kind; what was frozen before stays so.

        Raises:
            StackError: It runs no such process.
        """
        if self._process is None or not self._process.running():
            if process == ALL_PROCESSES:
                return
            raise StackError(f"{self.name} runs no process called {process!r}", why="it does not run")
        self._frozen += tree.freeze(psutil.Process(self._process.pid), self.name, process)

    def resume(self) -> None:
        """SIGCONT what was frozen; idempotent."""
        frozen, self._frozen = self._frozen, []
        tree.resume(frozen)

    def kill(self) -> None:
        """SIGKILL every process of the server, frozen or not; idempotent."""
        self._wanted, self._frozen = False, []
        if self._process is not None and self._process.running():
            tree.end(psutil.Process(self._process.pid))
            self._process.end(timeout_s=tree.REAP_TIMEOUT_S)

    def stop(self) -> None:
        """Shut down cleanly; idempotent.

        Raises:
            StackError: It did not end in time: it is frozen, or it waits for a replica that it cannot reach.
        """
        self._wanted = False
        # SIGINT, not SIGTERM: a smart shutdown waits for clients.
        if self._process is None or self._process.end(timeout_s=STOP_TIMEOUT_S, by=signal.SIGINT):
            self._frozen = []
            return
        raise StackError(
            f"PostgreSQL {self.name} did not shut down within {STOP_TIMEOUT_S:g} s",
            why="it is frozen" if self._frozen else "its replicas have not confirmed all of its WAL",
            fix=self._see_log,
        )

    def _unready(self, target: Target) -> str | None:
        if not self.running():
            raise StackError(
                f"PostgreSQL {self.name} ended at start",
                why=_last_line(self._launcher.log_path(self.name)),
                fix=self._see_log,
            )
        try:
            reply = ask(target, ["SELECT 1"], clock=self._clock, timeout_s=2)[0]
        except Unanswered as error:
            return str(error)
        return reply.message or None

    @property
    def _see_log(self) -> str:
        return f"see logs/{self._launcher.log_path(self.name).name} in the run directory"


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "it wrote nothing"
