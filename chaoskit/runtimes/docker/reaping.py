"""What the reaper does when the harness is gone, however long the engine takes to answer."""

import json
import sys
from dataclasses import asdict

from chaoskit.clock import NS, MonotonicClock
from chaoskit.errors import StackError
from chaoskit.runtimes.docker.client import connect
from chaoskit.runtimes.docker.ownership import Removed, remove

PATIENCE_S = 120.0  # an engine may be restarting
QUIET_S = 2.0  # for what the engine still does for a client that was killed
AGAIN_S = 0.5


def reap(run: str, address: str) -> None:
    """Remove everything of the run and say in the log what it was."""
    sys.stderr.write(json.dumps(asdict(_removed(run, address))) + "\n")


def _removed(run: str, address: str) -> Removed:
    clock = MonotonicClock()
    while True:
        left_s = PATIENCE_S - clock.now_ns() / NS
        try:
            return remove(connect(address), run, timeout_s=left_s, quiet_s=QUIET_S)
        except StackError as error:
            if left_s <= AGAIN_S:
                return Removed(left=(f"{error.what}: {error.why}",))
        clock.sleep(AGAIN_S)
