"""The processes of one server: a postmaster and what it forked, stopped and continued by signals."""

import os
import signal
from contextlib import suppress

import psutil

from chaoskit.errors import StackError
from chaoskit.model.fault import ALL_PROCESSES
from chaoskit.processes import descendants, kill
from chaoskit.runtimes.postgres.titles import POSTMASTER, kind, kind_is

REAP_TIMEOUT_S = 5.0


def freeze(postmaster: psutil.Process, name: str, process: str) -> list[psutil.Process]:
    """SIGSTOP all processes of a server, or those of one kind; returns them, the postmaster last.

    Args:
        postmaster: The server's first process.
        name: The server's ``cluster_name``, which its processes carry in their titles.
        process: "all", "postmaster" alone, or the word of a kind (``walreceiver``).

    Raises:
        StackError: It runs no such process.
    """
    if process == POSTMASTER:
        return _suspended([postmaster])
    if process != ALL_PROCESSES:
        frozen = _suspended(_of_kind(postmaster, name, process))
        if not frozen:
            raise StackError(f"{name} runs no process called {process!r}", why=f"it runs {_kinds(postmaster, name)}")
        return frozen
    stopped = _suspended([postmaster])  # first: it forks none while stopped
    children = descendants(postmaster.pid)
    _at_once(children, signal.SIGSTOP)
    return children + stopped


def stopped(postmaster: psutil.Process, name: str, process: str) -> list[bool]:
    """Of every process of one kind, whether it is stopped."""
    states = []
    for child in _of_kind(postmaster, name, process):
        with suppress(psutil.NoSuchProcess):
            states.append(child.status() == psutil.STATUS_STOPPED)
    return states


def resume(frozen: list[psutil.Process]) -> None:
    """SIGCONT each in that order: the postmaster wakes to children that run already."""
    for process in frozen:
        with suppress(psutil.NoSuchProcess):
            process.resume()


def end(postmaster: psutil.Process) -> None:
    """SIGKILL every process of a server, frozen or not."""
    with suppress(psutil.NoSuchProcess):
        postmaster.suspend()  # it must not fork while its children are counted
    children = descendants(postmaster.pid)
    _at_once(children, signal.SIGKILL)
    kill([*children, postmaster], timeout_s=REAP_TIMEOUT_S)


def _at_once(children: list[psutil.Process], how: signal.Signals) -> None:
    """Signal all children of a stopped postmaster as nearly at once as can be.

    One after the other with a check of each, three hundred take 30 ms, the oldest first: replication would end that
    much before the last commit is acknowledged. Their pids are safe, for who does not run reaps nobody.
    """
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child.pid, how)


def _of_kind(postmaster: psutil.Process, name: str, process: str) -> list[psutil.Process]:
    return [child for child in descendants(postmaster.pid) if kind_is(_title(child), name, process)]


def _kinds(postmaster: psutil.Process, name: str) -> str:
    return ", ".join(sorted({kind(_title(child), name) for child in descendants(postmaster.pid)})) or "none"


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _suspended(processes: list[psutil.Process]) -> list[psutil.Process]:
    stopped = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
            stopped.append(process)
    return stopped
