"""What a run did and how to undo it, written before it is done; and the index that lets ``clean`` find it.

One line each: ``directory``, ``engine`` and ``fault`` before, ``process`` right after (a pid is not known before; until
then the run's label in its environment finds it), ``removed``, ``healed`` and ``closed``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

import psutil


class Journal:
    """An append-only file, flushed line by line.

    Args:
        path: The file, made anew.
        index: Directory of the unfinished runs of this user.
    """

    def __init__(self, path: Path, *, run: str, index: Path) -> None:
        self._lock = Lock()
        self._directories: list[Path] = []
        self._engines: list[str] = []
        self._entry = index / f"{run}.json"
        index.mkdir(parents=True, exist_ok=True)
        me = psutil.Process()
        self._facts = {"run": run, "journal": str(path.resolve()), "pid": me.pid, "started": me.create_time()}
        self._file: TextIO = path.open("a", encoding="utf-8")
        self._enter()

    def directory(self, path: Path) -> None:
        """A directory will be made; undone by removing it."""
        self._directories.append(path)
        self._write(kind="directory", path=str(path))

    def engine(self, address: str) -> None:
        """An engine will hold things that are labelled with the run; undone by removing them there."""
        self._engines.append(address)
        self._enter()  # in the index, too: what it names can be removed even when the reports are gone
        self._write(kind="engine", address=address)

    def removed(self, address: str) -> None:
        """That engine holds nothing of the run any more."""
        self._engines.remove(address)
        self._write(kind="removed", address=address)

    def process(self, name: str, process: psutil.Process) -> None:
        """A process was started; undone by killing it and its descendants."""
        self._write(kind="process", name=name, pid=process.pid, started=process.create_time())

    def fault(self, what: str) -> None:
        """A fault will strike; its state dies with the processes that carry it."""
        self._write(kind="fault", what=what)

    def healed(self, what: str) -> None:
        """A fault was healed."""
        self._write(kind="healed", what=what)

    def close(self) -> None:
        """The run is over; idempotent. What could not be removed stays in the index, for ``clean`` to find."""
        if not self._file.closed:
            self._write(kind="closed")
            self._file.close()
        if not self.unfinished:
            self._entry.unlink(missing_ok=True)

    @property
    def unfinished(self) -> bool:
        """Whether something of the run is still there, for ``clean`` to remove."""
        return bool(self._engines) or any(directory.exists() for directory in self._directories)

    def _enter(self) -> None:
        unfinished = self._entry.with_suffix(".new")
        unfinished.write_text(json.dumps({**self._facts, "engines": self._engines}))
        unfinished.replace(self._entry)  # whole or not at all: we may be killed in between

    def _write(self, **line: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()


def index_directory(env: Mapping[str, str]) -> Path:
    """Where this user's unfinished runs are listed."""
    state = env.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "chaoskit" / "runs"


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a journal; a torn last one is left out."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return
