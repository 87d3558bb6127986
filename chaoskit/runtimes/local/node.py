"""One PostgreSQL server of the local runtime, as a tree of processes."""

from collections.abc import Mapping
from pathlib import Path

import psutil

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.processes import Launcher, Process, User, descendants, kill
from chaoskit.protocols import Clock, Target
from chaoskit.runtimes.postgres.config import overrides
from chaoskit.sql import Unanswered, ask

START_TIMEOUT_S = 30.0

ISOLATED = {
    "default_transaction_read_only": "on",
    "synchronous_standby_names": "",
    "primary_conninfo": "",
    "max_wal_senders": "0",
}


class PostgresNode:
    """A server and how to start, freeze and kill it.

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

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home / "data"

    def start(self, settings: Mapping[str, str] | None = None) -> None:
        """Start the server; call it from a thread that lives as long as the run."""
        files = {"config_file": str(self.home / "node.conf"), "hba_file": str(self.home / "hba.conf")}
        argv: list[str | Path] = [self._binary, "-D", self.data, *overrides(files | dict(settings or {}))]
        self._process = self._launcher.start(self.name, argv, user=self._user)

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
            fix=f"see logs/{self.name.replace('/', ':')}.log in the run directory",
        )

    def freeze(self) -> None:
        """SIGSTOP the postmaster, then its children: it forks none while stopped."""
        if self._process is None or not self._process.running():
            return
        postmaster = psutil.Process(self._process.pid)
        postmaster.suspend()
        for child in descendants(postmaster.pid):
            try:
                child.suspend()
            except psutil.NoSuchProcess:
                continue

    def kill(self) -> None:
        """SIGKILL every process of the server, frozen or not; idempotent."""
        if self._process is None or not self._process.running():
            return
        postmaster = psutil.Process(self._process.pid)
        postmaster.suspend()  # it must not fork while its children are counted
        kill([*descendants(postmaster.pid), postmaster])
        self._process.popen.wait(5)

    def _unready(self, target: Target) -> str | None:
        if self._process is None or not self._process.running():
            raise StackError(
                f"PostgreSQL {self.name} ended at start",
                why=_last_line(self._launcher.log_path(self.name)),
                fix=f"see logs/{self.name.replace('/', ':')}.log in the run directory",
            )
        try:
            reply = ask(target, ["SELECT 1"], clock=self._clock, timeout_s=2)[0]
        except Unanswered as error:
            return str(error)
        return reply.message or None


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "it wrote nothing"
