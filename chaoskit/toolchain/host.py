"""What ``doctor`` says of the machine: its memory, its cores, and the programs that a system brings."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psutil

from chaoskit.toolchain.check import Check
from chaoskit.toolchain.programs import Unusable, run

ROOM_BYTES = 3 * 400 * 2**20  # the data of three regions, as runtimes.local.room reckons it
MEMORY_BYTES = 2 * 2**30
CORES = 2  # what a probe every 50 ms per lane asks for
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - only asked how much room it has


def room() -> Check:
    """Whether data directories fit into memory, or at least on disk: a run chooses by the same rule."""
    disk = Path(tempfile.gettempdir())
    shared, temporary = _free(SHARED_MEMORY), _free(disk)
    short = _short_of_memory(shared)
    if short is None:
        return Check(name="room for data", version=f"{_gib(shared)} free", found=f"{SHARED_MEMORY} (tmpfs)")
    if temporary >= ROOM_BYTES:
        return Check(name="room for data", version=f"{_gib(temporary)} free", found=f"{disk} (disk: {short})")
    return Check(
        name="room for data",
        version=f"{_gib(temporary)} free",
        found=f"{short}; {disk} has too little, too",
        ok=False,
        fix="free some space, or point TMPDIR at a larger disk",
    )


def _short_of_memory(shared_bytes: int) -> str | None:
    if shared_bytes < ROOM_BYTES:
        return f"{SHARED_MEMORY} has {_gib(shared_bytes)}, {_gib(ROOM_BYTES)} are needed"
    available = psutil.virtual_memory().available
    if available < 2 * ROOM_BYTES:  # what lies on a tmpfs is taken from the servers' own memory
        return f"{_gib(available)} of memory available, {_gib(2 * ROOM_BYTES)} are needed to keep data there"
    return None


def memory() -> Check:
    """Whether three servers, their load and the harness fit."""
    state = psutil.virtual_memory()
    ok = state.available >= MEMORY_BYTES
    return Check(
        name="memory",
        version=_gib(state.total),
        found=f"{_gib(state.available)} available",
        ok=ok,
        fix="" if ok else f"end something, or use a machine with {_gib(MEMORY_BYTES)} available",
    )


def cores() -> Check:
    """How many cores we may use. With fewer than two the run itself tells whether the probes were late."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    words = "" if count >= CORES else f"fewer than {CORES}: probes may be late, and runs inconclusive"
    return Check(name="cores", version=str(count), found=words)


def setpriv(env: Mapping[str, str]) -> Check:
    """Root cannot do without it; as a user a run only loses the guard that ends its children with it."""
    path = shutil.which("setpriv", path=env.get("PATH", ""))
    why = "not on PATH"
    if path is not None:
        try:
            # Busybox has a setpriv of its own, which knows neither --version nor --pdeathsig.
            return Check(name="setpriv", version=run([path, "--version"], env=env).split()[-1], found=path)
        except Unusable as error:
            why = str(error)
    if os.geteuid() == 0:
        return Check(name="setpriv", version="", found=why, ok=False, fix="install util-linux, or run as a user")
    return Check(name="setpriv", version="", found=f"{why}; a killed harness leaves its servers to `chaoskit clean`")


def _free(path: Path) -> int:
    return shutil.disk_usage(path).free if path.is_dir() else 0


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f} GiB"
