"""How much CPU a server has used, as the kernel counts it."""

import os
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
OWN = slice(11, 13)  # utime and stime, counted from behind the name in parentheses
REAPED = slice(13, 15)  # the same of children that were waited for


def cpu_s(postmaster: int) -> float | None:
    """CPU seconds of a server since it was started, those of its ended processes included; None: it cannot be told.

    Args:
        postmaster: The pid of its first process, which runs.
    """
    try:
        mine = _ticks(postmaster)
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    total = sum(mine[OWN]) + sum(mine[REAPED])
    return (total + sum(_living(int(child)) for child in children)) * TICK_S


def _living(pid: int) -> int:
    """Ticks of a child; none if it ended meanwhile, for then the next look finds them at its parent."""
    try:
        return sum(_ticks(pid)[OWN])
    except (OSError, ValueError):
        return 0


def _ticks(pid: int) -> list[int]:
    """The numeric fields of ``/proc/PID/stat`` behind the process' state, which is the first of them."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    fields = stat.rpartition(")")[2].split()
    return [0, *map(int, fields[1:])]
