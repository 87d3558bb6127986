"""The one launcher of processes: argv lists, a session and a log of their own, never outliving the harness."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from chaoskit.clock import NS, MonotonicClock
from chaoskit.errors import StackError

RUN_VARIABLE = "CHAOSKIT_RUN"  # the run's label in the environment of whatever it starts


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An unprivileged account, because PostgreSQL refuses root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process we started. ``stdin`` and ``stdout`` are binary pipes where they were asked for."""

    name: str
    popen: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """Its pid."""
        return self.popen.pid

    @property
    def stdin(self) -> IO[bytes] | None:
        """Its input, unbuffered."""
        return self.popen.stdin

    @property
    def stdout(self) -> IO[bytes] | None:
        """Its output, unbuffered."""
        return self.popen.stdout

    def running(self) -> bool:
        """Whether it has not ended; reaps it if it has."""
        return self.popen.poll() is None

    def stop(self, *, timeout_s: float = 5.0, by: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, then end it and every descendant; idempotent, bounded by ``timeout_s`` and a second."""
        tree = descendants(self.pid)
        if self.running():
            self.popen.send_signal(by)
            try:
                self.popen.wait(timeout_s)
            except subprocess.TimeoutExpired:
                tree += descendants(self.pid)
        kill(tree)
        if self.running():
            self.popen.kill()
        self.popen.wait(1)
        for pipe in (self.stdin, self.stdout):
            if pipe is not None:
                pipe.close()


def descendants(pid: int) -> list[psutil.Process]:
    """Every living descendant of ``pid``, itself not included; empty if it is gone."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def alive(process: psutil.Process) -> bool:
    """Whether that very process still runs: same pid and start time, and not a zombie."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(processes: Sequence[psutil.Process], *, timeout_s: float = 5.0) -> list[psutil.Process]:
    """SIGKILL each (frozen ones too) and wait until they are gone; psutil checks pid and start time.

    Returns:
        Those that still run after ``timeout_s``.
    """
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    clock = MonotonicClock()
    while (left := [p for p in processes if alive(p)]) and clock.now_ns() < timeout_s * NS:
        clock.sleep(0.002)
    return left


Started = Callable[[str, psutil.Process], None]


class Launcher:
    """Starts processes on behalf of one run.

    Args:
        run: The run's label, put into every child's environment.
        logs: Directory of ``<name>.log`` files.
        started: Told of every process right after it was started (the journal).
    """

    def __init__(self, *, run: str, logs: Path, started: Started) -> None:
        self._run, self._logs, self._started = run, logs, started
        self._setpriv = shutil.which("setpriv")

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        user: User | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        talk: bool = False,
    ) -> Process:
        """Start ``argv``; call it from a thread that lives as long as the child should.

        The kernel's parent-death signal belongs to the starting *thread*, so a short-lived one would take the child
        with it. With ``talk`` stdin and stdout are unbuffered pipes; else stdout goes to the log like stderr.

        Raises:
            StackError: The program cannot be executed.
        """
        command = [*self._guard(user), *(str(word) for word in argv)]
        environment = {**os.environ, **(env or {}), RUN_VARIABLE: self._run}
        self._logs.mkdir(parents=True, exist_ok=True)
        with self.log_path(name).open("ab") as log:
            try:
                popen = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE if talk else subprocess.DEVNULL,
                    stdout=subprocess.PIPE if talk else log,
                    stderr=log,
                    bufsize=0,
                    env=environment,
                    cwd=cwd or "/",
                    start_new_session=True,
                )
            except OSError as error:
                raise StackError(f"cannot start {name}", why=str(error), fix="chaoskit doctor") from error
        process = Process(name, popen)
        self._started(name, psutil.Process(popen.pid))
        return process

    def log_path(self, name: str) -> Path:
        """Where the process called ``name`` logs."""
        return self._logs / f"{name.replace('/', ':')}.log"

    def _guard(self, user: User | None) -> list[str]:
        if self._setpriv is None:
            if user is not None:
                raise StackError(
                    "cannot drop root's privileges",
                    why="no setpriv on PATH",
                    fix="install util-linux, or run as a user",
                )
            return []
        drop = [] if user is None else [f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups"]
        return [self._setpriv, *drop, "--pdeathsig=KILL", "--"]
