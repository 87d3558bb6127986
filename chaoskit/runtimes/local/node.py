"""One PostgreSQL server of the local runtime: started, stopped, frozen and killed."""

import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

import psutil

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.leftovers import release_segments
from chaoskit.model.fault import ALL_PROCESSES
from chaoskit.processes import Launcher, Process, User
from chaoskit.protocols import Clock, Target
from chaoskit.runtimes.local import tree
from chaoskit.runtimes.local.cpu import cpu_s
from chaoskit.runtimes.postgres import limits
from chaoskit.runtimes.postgres.config import isolated, overrides
from chaoskit.runtimes.postgres.mishaps import Mishaps
from chaoskit.runtimes.postgres.rebuild import STANDBY_SIGNAL
from chaoskit.sql import Unanswered, ask


class PostgresNode:
    """A server as processes of this machine (implements ``runtimes.postgres.server.Server``).

    Args:
        name: Its ``cluster_name``.
        home: Its directory: ``data/``, ``node.conf``, ``hba.conf``.
        programs: The directory of PostgreSQL's programs.
        user: Whom it runs as; None: as we do.
        target: Its own port, past the WAN.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Path,
        programs: Path,
        user: User | None,
        target: Target,
        launcher: Launcher,
        clock: Clock,
    ) -> None:
        self.name, self.home, self.target = name, home, target
        self._programs, self._user, self._launcher, self._clock = programs, user, launcher, clock
        self._process: Process | None = None
        self._frozen: list[psutil.Process] = []
        self._wanted = False
        self._mishaps = Mishaps(name, self._log)

    @property
    def data(self) -> str:
        """The data directory."""
        return str(self._data)

    @property
    def config_file(self) -> str:
        """Its configuration, which a rewind cannot reach."""
        return str(self.home / "node.conf")

    @property
    def _data(self) -> Path:
        return self.home / "data"

    @property
    def _hba_file(self) -> Path:
        return self.home / "hba.conf"

    def configure(self, conf: str, hba: str) -> None:
        """Write its configuration."""
        for path, text in {Path(self.config_file): conf, self._hba_file: hba}.items():
            self._write(path, text)

    def start(self, *, alone: bool = False) -> None:
        """Start the server; ``alone``: it neither follows nor serves a peer, and refuses to write.

        Raises:
            StackError: It runs already, or has no data.
        """
        if self.running():
            raise StackError(f"PostgreSQL {self.name} cannot be started", why="it runs already")
        if not (self._data / "PG_VERSION").exists():
            raise StackError(f"PostgreSQL {self.name} cannot be started", why="its data was destroyed")
        files = {"config_file": self.config_file, "hba_file": str(self._hba_file)}
        settings = files | (isolated(replica=(self._data / STANDBY_SIGNAL).exists()) if alone else {})
        self._note_end()
        argv: list[str | Path] = [self._programs / "postgres", "-D", self.data, *overrides(settings)]
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
            timeout_s=limits.START_TIMEOUT_S,
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
        """What happened to it or its processes that nobody had asked for, started again since or not."""
        self._note_end()
        return "; ".join(self._mishaps.told()) or None

    def excuse(self, now: bool) -> None:
        """Whether from now on the end of its processes is a fault's doing, and not told by ``broken``; idempotent."""
        self._note_end()
        self._mishaps.excuse(now)

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

    def stopped(self, process: str) -> Sequence[bool]:
        """Of every process of one kind that it runs, whether it is stopped by a signal, as the kernel says."""
        if self._process is None or not self._process.running():
            return ()
        return tree.stopped(psutil.Process(self._process.pid), self.name, process)

    def resume(self) -> None:
        """SIGCONT what was frozen; idempotent."""
        frozen, self._frozen = self._frozen, []
        tree.resume(frozen)

    def kill(self) -> None:
        """SIGKILL every process of the server, frozen or not; idempotent."""
        self._note_end()
        self._wanted, self._frozen = False, []
        if self._process is not None and self._process.running():
            tree.end(psutil.Process(self._process.pid))
            self._process.end(timeout_s=tree.REAP_TIMEOUT_S)

    def stop(self) -> None:
        """Shut down cleanly; idempotent.

        Raises:
            StackError: It did not end in time: it is frozen, or it waits for a replica that it cannot reach.
        """
        self._note_end()
        self._wanted = False
        # SIGINT, not SIGTERM: a smart shutdown waits for clients.
        if self._process is None or self._process.end(timeout_s=limits.STOP_TIMEOUT_S, by=signal.SIGINT):
            self._frozen = []
            return
        raise StackError(
            f"PostgreSQL {self.name} did not shut down within {limits.STOP_TIMEOUT_S:g} s",
            why="it is frozen" if self._frozen else "its replicas have not confirmed all of its WAL",
            fix=self._see_log,
        )

    def erase(self) -> None:
        """Remove its data, and the memory that only its data names; the directory is empty afterwards."""
        release_segments(self._data)
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        self._own(self._data)

    def put(self, name: str, text: str) -> None:
        """Write a file of its data directory that nobody else may read."""
        self._write(self._data / name, text)

    def tool(self, name: str, *words: str, password: str = "") -> str:
        """Run one of PostgreSQL's programs as the server's user; what it wrote."""
        return self._launcher.run(
            f"{self.name}-{name}",
            [self._programs / name, *words],
            user=self._user,
            env={"LC_ALL": "C"} | ({"PGPASSWORD": password} if password else {}),
            timeout_s=limits.TOOL_TIMEOUT_S,
        )

    def _note_end(self) -> None:
        """Remember it before that cannot be seen any more."""
        if self._wanted and self._process is not None and not self._process.running():
            self._wanted = False
            self._mishaps.ended(f"with code {self._process.exit_code}")

    def _log(self) -> str:
        log = self._launcher.log_path(self.name)
        return log.read_text(errors="replace") if log.exists() else ""

    def _write(self, path: Path, text: str) -> None:
        path.touch(mode=0o600)  # conninfos hold the run's password
        path.write_text(text)
        self._own(path)

    def _own(self, path: Path) -> None:
        if self._user is not None:
            shutil.chown(path, self._user.uid, self._user.gid)

    def _unready(self, target: Target) -> str | None:
        if not self.running():
            raise StackError(
                f"PostgreSQL {self.name} ended at start",
                why=(self._log().splitlines() or ["it wrote nothing"])[-1],
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
