"""Where a run's data lives: in memory where there is room, or a laptop's disk would be measured, not the WAN."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from chaoskit.errors import StackError

PER_NODE_BYTES = 400 * 2**20  # a cluster, a gigabyte of WAL that is rarely reached, and the workload's rows
MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of random name is made in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A place with enough space, and the words for the report."""

    path: Path
    filesystem: str


def choose(nodes: int) -> Room:
    """Return the first place with room for ``nodes`` clusters: tmpfs, then the temporary directory.

    Raises:
        StackError: Neither has room.
    """
    needed = nodes * PER_NODE_BYTES
    if MEMORY.is_dir() and _free(MEMORY) >= needed and psutil.virtual_memory().available >= 2 * needed:
        return Room(path=MEMORY, filesystem=f"tmpfs ({MEMORY})")
    disk = Path(tempfile.gettempdir())
    if _free(disk) >= needed:
        return Room(path=disk, filesystem=f"disk ({disk})")
    raise StackError(
        f"no room for {nodes} PostgreSQL clusters",
        why=f"{_mib(needed)} needed; {MEMORY} has {_mib(_free(MEMORY))}, {disk} has {_mib(_free(disk))}",
        fix="free some space, or point TMPDIR at a larger disk",
    )


def _free(path: Path) -> int:
    return shutil.disk_usage(path).free if path.is_dir() else 0


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.0f} MiB"
