"""The one launcher of processes: argv lists, a session and a log of their own, never outliving the harness."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
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

    @property
    def exit_code(self) -> int | None:
        """How it ended, negative by a signal; None: it runs."""
        return self.popen.poll()

    def end(self, *, timeout_s: float, by: signal.Signals | None = None) -> bool:
        """Ask it to end by a signal, where one is given, and wait; whether it ended within ``timeout_s``."""
        if by is not None and self.running():
            self.popen.send_signal(by)
        try:
            self.popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, *, timeout_s: float = 5.0, by: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, then end it and every descendant; idempotent, bounded by ``timeout_s`` and a second."""
        tree = descendants(self.pid)
        if not self.end(timeout_s=timeout_s, by=by):
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
    """Starts processes on behalf of one run; they end with the harness at the latest.

    The kernel's parent-death signal belongs to the *thread* that starts a process, so one thread that never ends starts
    them all: whoever asks may come from a thread that does.

    Args:
        run: The run's label, put into every child's environment.
        logs: Directory of ``<name>.log`` files.
        started: Told of every process right after it was started (the journal).
    """

    def __init__(self, *, run: str, logs: Path, started: Started) -> None:
        self._run, self._logs, self._started = run, logs, started
        self._setpriv = shutil.which("setpriv")
        self._orders: SimpleQueue[tuple[Future[Process], Callable[[], Process]]] = SimpleQueue()
        self._starter: Thread | None = None

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
        """Start ``argv``. With ``talk`` stdin and stdout are unbuffered pipes; else stdout goes to the log like stderr.

        Raises:
            StackError: The program cannot be executed.
        """
        command = [*self._guard(user), *(str(word) for word in argv)]
        environment = {**os.environ, **(env or {}), RUN_VARIABLE: self._run}
        self._logs.mkdir(parents=True, exist_ok=True)

        def launch() -> Process:
            with self.log_path(name).open("ab") as log:
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
            process = Process(name, popen)
            try:
                self._started(name, psutil.Process(popen.pid))
            except BaseException:  # nobody would know of it
                process.stop(by=signal.SIGKILL)
                raise
            return process

        try:
            return self._in_the_starter(launch)
        except OSError as error:
            raise StackError(f"cannot start {name}", why=str(error), fix="chaoskit doctor") from error

    def run(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        user: User | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float,
    ) -> str:
        """Run ``argv`` to its end; what it wrote stays in its log, too.

        Returns:
            What it wrote to stdout and stderr, as it came.

        Raises:
            StackError: It cannot be executed, failed, or did not end within ``timeout_s`` and was killed.
        """
        log = self.log_path(name)
        before_bytes = log.stat().st_size if log.exists() else 0
        process = self.start(name, argv, user=user, env=env)
        ended = process.end(timeout_s=timeout_s)
        process.stop(by=signal.SIGKILL)
        with log.open("rb") as file:
            file.seek(before_bytes)
            said = file.read().decode(errors="replace")
        if not ended or process.exit_code != 0:
            why = (said.strip().splitlines() or ["it wrote nothing"])[-1] if ended else f"no end within {timeout_s:g} s"
            raise StackError(f"{name} failed", why=why, fix=f"see logs/{log.name} in the run directory")
        return said

    def log_path(self, name: str) -> Path:
        """Where the process called ``name`` logs."""
        return self._logs / f"{name.replace('/', ':')}.log"

    def _in_the_starter(self, launch: Callable[[], Process]) -> Process:
        if self._starter is None:
            self._starter = Thread(target=self._serve, name="launcher", daemon=True)
            self._starter.start()
        order: Future[Process] = Future()
        self._orders.put((order, launch))
        return order.result()

    def _serve(self) -> None:
        while True:
            order, launch = self._orders.get()
            try:
                order.set_result(launch())
            except Exception as error:  # noqa: BLE001 - it belongs to whoever ordered
                order.set_exception(error)

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
