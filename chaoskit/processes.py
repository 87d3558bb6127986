"""The one launcher of processes: argv lists, a session and a log of their own, never outliving the harness.

But for survivors, who clean up after a harness that was killed.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryFile
from threading import Event, Thread
from typing import IO

import psutil

import chaoskit
from chaoskit.clock import NS, MonotonicClock
from chaoskit.errors import StackError

# The very package that starts a Python of its own is the one that it imports, installed or not.
PACKAGE = {"PYTHONPATH": str(Path(chaoskit.__file__).parents[1])}
HEED_EVERY_S = 0.1
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


@dataclass(frozen=True, slots=True)
class Survivor:
    """A process that lives on when we are killed: nobody's child, in a session of its own.

    Its standard input is a pipe whose other end only we hold: its end tells it of ours.
    """

    process: psutil.Process
    pipe: IO[bytes]

    def leave(self) -> None:
        """Let it believe that we have ended. Idempotent."""
        self.pipe.close()

    def dismiss(self, word: bytes, *, timeout_s: float = 2.0) -> None:
        """Tell it by ``word`` that it is not needed, and end it if it has not ended by itself in time. Idempotent."""
        if not self.pipe.closed:
            with suppress(BrokenPipeError):  # it is gone already
                self.pipe.write(word)
            self.leave()
        if await_end([self.process], timeout_s=timeout_s):
            kill([self.process])


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
    return await_end(processes, timeout_s=timeout_s)


def await_end(processes: Sequence[psutil.Process], *, timeout_s: float) -> list[psutil.Process]:
    """Wait until they are gone, whoever's children they are; return those that still run after ``timeout_s``."""
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
        interrupted: Set by Ctrl-C: ``run`` waits no longer where it may be interrupted.
    """

    def __init__(self, *, run: str, logs: Path, started: Started, interrupted: Event | None = None) -> None:
        self._run, self._logs, self._started = run, logs, started
        self._interrupted = interrupted or Event()
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
        reads: IO[bytes] | None = None,
    ) -> Process:
        """Start ``argv``. With ``talk`` stdin and stdout are unbuffered pipes; else stdout goes to the log like stderr.

        What it is to read where it does not talk may come from a file.

        Raises:
            StackError: The program cannot be executed.
        """
        command = [*self._guard(user), *(str(word) for word in argv)]

        def launch() -> Process:
            stdin, stdout = (subprocess.PIPE, subprocess.PIPE) if talk else (reads or subprocess.DEVNULL, None)
            process = Process(name, self._open(name, command, stdin=stdin, stdout=stdout, env=env, cwd=cwd))
            try:
                self._started(name, psutil.Process(process.pid))
            except BaseException:  # nobody would know of it
                process.stop(by=signal.SIGKILL)
                raise
            return process

        return self._in_the_starter(launch)

    def outliving(
        self, name: str, argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None, timeout_s: float = 20.0
    ) -> Survivor:
        """Start ``argv``, which leaves us at once: it forks, writes the pid of its child to stdout, and ends.

        So whoever kills us with all our children does not find it.

        Raises:
            StackError: It cannot be executed, or has not done so within ``timeout_s``.
        """
        command = [str(word) for word in argv]
        popen = self._open(name, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        assert popen.stdin is not None
        try:
            survivor = psutil.Process(_child_left_by(popen, name, timeout_s))
            self._started(name, survivor)
        except BaseException:
            popen.stdin.close()
            raise
        return Survivor(survivor, popen.stdin)

    def run(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        user: User | None = None,
        env: Mapping[str, str] | None = None,
        reads: str = "",
        timeout_s: float,
        interruptible: bool = False,
    ) -> str:
        """Run ``argv`` to its end, with ``reads`` as its input; what it wrote stays in its log, too.

        ``interruptible``: Ctrl-C ends it, for it prepares something and heals nothing.

        Returns:
            What it wrote to stdout and stderr, as it came.

        Raises:
            StackError: It cannot be executed, failed, or did not end within ``timeout_s`` and was killed.
            KeyboardInterrupt: It was interrupted and killed.
        """
        log = self.log_path(name)
        before_bytes = log.stat().st_size if log.exists() else 0
        with TemporaryFile() as given:
            given.write(reads.encode())
            given.seek(0)
            process = self.start(name, argv, user=user, env=env, reads=given)
        try:
            ended = self._end(process, timeout_s) if interruptible else process.end(timeout_s=timeout_s)
        finally:
            process.stop(by=signal.SIGKILL)
        with log.open("rb") as file:
            file.seek(before_bytes)
            said = file.read().decode(errors="replace")
        if not ended or process.exit_code != 0:
            why = (said.strip().splitlines() or ["it wrote nothing"])[-1] if ended else f"no end within {timeout_s:g} s"
            raise StackError(f"{name} failed", why=why, fix=f"see logs/{log.name} in the run directory")
        return said

    def _end(self, process: Process, timeout_s: float) -> bool:
        """Whether it ended within ``timeout_s``; KeyboardInterrupt: somebody wants us to end before."""
        clock = MonotonicClock()
        while not process.end(timeout_s=HEED_EVERY_S):
            if self._interrupted.is_set():
                raise KeyboardInterrupt
            if clock.now_ns() >= timeout_s * NS:
                return False
        return True

    def log_path(self, name: str) -> Path:
        """Where the process called ``name`` logs."""
        return self._logs / f"{name.replace('/', ':')}.log"

    def _open(
        self,
        name: str,
        command: Sequence[str],
        *,
        stdin: int | IO[bytes],
        stdout: int | None,
        env: Mapping[str, str] | None,
        cwd: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Without a ``stdout`` of its own the log has both."""
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            with self.log_path(name).open("ab") as log:
                return subprocess.Popen(
                    command,
                    stdin=stdin,
                    stdout=log if stdout is None else stdout,
                    stderr=log,
                    bufsize=0,
                    env={**os.environ, **(env or {}), RUN_VARIABLE: self._run},
                    cwd=cwd or "/",
                    start_new_session=True,
                )
        except OSError as error:
            raise StackError(f"cannot start {name}", why=str(error), fix="chaoskit doctor") from error

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


def _child_left_by(popen: subprocess.Popen[bytes], name: str, timeout_s: float) -> int:
    """The pid of the child that a process says it has left behind, when it has ended."""
    assert popen.stdout is not None
    try:
        with popen.stdout:
            code = popen.wait(timeout_s)
            said = popen.stdout.readline() if code == 0 else b""
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait(1)
        raise StackError(f"{name} does not start", why=f"it has not left us after {timeout_s:g} s") from None
    if not said.strip().isdigit():
        raise StackError(f"{name} does not start", why=f"it ended with code {code}", fix=f"see logs/{name}.log")
    return int(said)
