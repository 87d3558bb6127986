"""Finds the runs below a folder and reads what is kept of each; what was read before is not read again."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaoskit.archive.kept import FACTS, REPORT, RESULT, Kept, read_kept, slim

DEEPEST = 4  # folders below the one that was named
CACHE = ".index.json"
CACHE_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A run that is there and cannot be told of."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All runs below a folder, the oldest first."""

    runs: tuple[Kept, ...]
    unreadable: tuple[Unreadable, ...]


def read_shelf(root: Path, *, remember: bool = False) -> Shelf:
    """Read the runs at or below ``root``: run directories, and files that nightly keeps.

    ``remember``: leave a file in ``root`` from which the next time those are taken that have not changed since.
    """
    before = _cached(root) if remember else {}
    runs: list[Kept] = []
    unreadable: list[Unreadable] = []
    cache: dict[str, Any] = {}
    for path in _found(root, DEEPEST):
        key = os.path.relpath(path, root)
        try:
            stamp = _stamp(path)
            known = before.get(key)
            row = known["row"] if known and known["stamp"] == stamp else _row(path)
            runs.append(Kept(path=path, row=row, report=(path / REPORT).exists()))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            unreadable.append(Unreadable(path=path, why=_why(error)))
            continue
        cache[key] = {"stamp": stamp, "row": row}
    if remember:
        write_atomically(root / CACHE, json.dumps({"version": CACHE_VERSION, "runs": cache}))
    return Shelf(runs=tuple(sorted(runs, key=_age)), unreadable=tuple(unreadable))


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that whoever opens it sees the old one or the new one, whole."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _found(folder: Path, deeper: int) -> Iterator[Path]:
    """Run directories, in which nothing is searched, and kept files; links to folders are not followed."""
    try:
        with os.scandir(folder) as entries:
            ordered = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda one: one.name)
    except OSError:
        yield folder  # and whoever reads it is told why not
        return
    if not {RESULT, FACTS}.isdisjoint(entry.name for entry in ordered):
        yield folder
        return
    for entry in ordered:
        if entry.is_dir(follow_symlinks=False) and deeper:
            yield from _found(Path(entry.path), deeper - 1)
        elif entry.name.endswith(".json"):
            yield Path(entry.path)


def _row(path: Path) -> Mapping[str, Any]:
    return slim(path) if path.is_dir() else read_kept(path)


def _stamp(path: Path) -> list[int]:
    found = (path / RESULT if path.is_dir() else path).stat()
    return [found.st_mtime_ns, found.st_size]


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "it has no result: it is still running, or was killed"
    return f"{type(error).__name__}: {error}"


def _age(kept: Kept) -> tuple[str, str, str]:
    return kept.night, str(kept.row.get("started_at")), kept.path.name


def _cached(root: Path) -> Mapping[str, Any]:
    try:
        cache = json.loads((root / CACHE).read_text(encoding="utf-8"))
        return dict(cache["runs"]) if cache["version"] == CACHE_VERSION else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}
