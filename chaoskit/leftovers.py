"""What a killed PostgreSQL leaves outside its data directory: the System V segment that guards it.

The kernel keeps it for ever, and its postmaster, the only one to remove it, was killed. ``postmaster.pid`` names it.
"""

import shutil
import subprocess
from pathlib import Path

SEGMENT_LINE = 6  # of postmaster.pid, from 0: "<key> <id>"


def release_segments(directory: Path) -> None:
    """Remove the segments of every dead server whose data lies below ``directory``; a server in use keeps its own.

    Marked for removal, a segment lives on while a process is attached, so this is safe even in error.
    """
    tool = shutil.which("ipcrm")
    if tool is None or not directory.is_dir():
        return
    for pid_file in directory.glob("**/postmaster.pid"):
        if (segment := _segment(pid_file)) is not None:
            subprocess.run([tool, "-m", segment], check=False, capture_output=True)


def _segment(pid_file: Path) -> str | None:
    try:
        words = pid_file.read_text().splitlines()[SEGMENT_LINE].split()
    except (OSError, IndexError):
        return None
    return words[1] if len(words) == 2 and words[1].isdigit() else None
