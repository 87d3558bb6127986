"""The processes of a paused container are killed where they stand, so that none of them runs once more."""

from pathlib import Path

import psutil

from chaoskit.processes import descendants
from chaoskit.runtimes.docker.container import Container


def doom(container: Container) -> bool:
    """SIGKILL every process of a paused container; whoever does not die at once dies as it is thawed.

    Returns:
        False: Not all of them could be; the engine runs on another machine or in a namespace of its own, or we may not.
    """
    said = container.inspect()
    pid, identity = int(said["State"]["Pid"]), str(said["Id"])
    try:
        if (
            not pid or identity not in Path(f"/proc/{pid}/cgroup").read_text()
        ):  # a pid of another machine, here another's
            return False
        for process in (*descendants(pid), psutil.Process(pid)):  # who is paused forks nobody
            process.kill()
    except (OSError, psutil.Error):
        return False
    return True
