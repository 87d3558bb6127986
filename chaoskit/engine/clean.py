"""Finishes what a killed harness left: what its run has as processes, data and in engines, and nothing else.

Reports are kept.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from chaoskit.engine.journal import lines
from chaoskit.errors import StackError
from chaoskit.leftovers import release_segments
from chaoskit.processes import RUN_VARIABLE, alive, descendants, kill


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What was done for one run. ``running``: its harness lives, so it was left alone."""

    run: str
    running: bool
    killed: int = 0
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What an engine held of a run, and what of it would not go away."""

    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


Sweep = Callable[[str, str], Swept]
"""Removes from the engine at an address what carries a run's label; StackError: it does not answer."""


def clean(index: Path, sweep: Sweep) -> list[Cleaned]:
    """Finish every unfinished run that ``index`` lists."""
    return [_finish(entry, sweep) for entry in sorted(index.glob("*.json"))] if index.is_dir() else []


def _finish(entry: Path, sweep: Sweep) -> Cleaned:
    facts = json.loads(entry.read_text())
    run = str(facts["run"])
    if _is(int(facts["pid"]), float(facts["started"])):
        return Cleaned(run=run, running=True)
    journal = list(lines(Path(facts["journal"])))
    directories = [Path(line["path"]) for line in journal if line["kind"] == "directory"]
    ours = _processes(run, directories, journal)
    left = kill(ours)  # before the engines are swept: nobody is left who could ask them for more
    engines = [_swept(sweep, address, run) for address in facts.get("engines", ())]
    for directory in directories:
        release_segments(directory)
        shutil.rmtree(directory, ignore_errors=True)
    remains = [f"pid {p.pid}" for p in left] + [str(d) for d in directories if d.exists()]
    remains += [what for engine in engines for what in engine.left]
    if not remains:
        entry.unlink(missing_ok=True)
    removed = [str(d) for d in directories] + [what for engine in engines for what in engine.removed]
    return Cleaned(run=run, running=False, killed=len(ours) - len(left), removed=tuple(removed), left=tuple(remains))


def _swept(sweep: Sweep, address: str, run: str) -> Swept:
    try:
        return sweep(address, run)
    except StackError as error:
        return Swept(left=(f"what the Docker engine at {address} holds ({error.why or error.what})",))


def _processes(run: str, directories: Sequence[Path], journal: Sequence[dict[str, object]]) -> list[psutil.Process]:
    """Processes of the run: journaled by pid and start time, labelled in their environment, or a backend in its data.

    A backend whose postmaster is gone has neither: PostgreSQL overwrites its environment, and its parent is init. But
    it stays in the data directory. Whoever else stands there is somebody looking around.
    """
    found: dict[int, psutil.Process] = {}
    for line in journal:
        if line["kind"] == "process" and _is(pid := int(str(line["pid"])), float(str(line["started"]))):
            found |= {p.pid: p for p in (psutil.Process(pid), *descendants(pid))}
    for process in psutil.process_iter():
        if process.pid not in found and alive(process) and (_labelled(process, run) or _backend(process, directories)):
            found[process.pid] = process
    return list(found.values())


def _is(pid: int, started: float) -> bool:
    """Whether that very process still lives."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < 0.02 and alive(process)
    except psutil.NoSuchProcess:
        return False


def _labelled(process: psutil.Process, run: str) -> bool:
    try:
        return process.environ().get(RUN_VARIABLE) == run
    except (psutil.Error, OSError):
        return False


def _backend(process: psutil.Process, directories: Sequence[Path]) -> bool:
    try:
        cwd, program = (str(path).removesuffix(" (deleted)") for path in (process.cwd(), process.exe()))
    except (psutil.Error, OSError):
        return False
    return Path(program).name == "postgres" and any(cwd == str(d) or cwd.startswith(f"{d}/") for d in directories)
