"""What the reaper does when the harness is gone, however long the engine takes to answer."""

import json
import sys
from contextlib import closing
from dataclasses import asdict

from chaoskit.clock import NS, MonotonicClock
from chaoskit.errors import StackError
from chaoskit.runtimes.docker.client import connect
from chaoskit.runtimes.docker.ownership import Removed, remove

PATIENCE_S = 120.0  # an engine may be restarting
QUIET_S = 2.0  # what the engine still makes for a client that was killed was seen to appear within 0.2 s
AGAIN_S = 0.5


def reap(run: str, address: str) -> None:
    """Remove everything of the run and say in the log what it was."""
    sys.stderr.write(json.dumps(asdict(_removed(run, address))) + "\n")


def _removed(run: str, address: str) -> Removed:
    clock = MonotonicClock()
    while True:
        left_s = PATIENCE_S - clock.now_ns() / NS
        try:
            with closing(connect(address)) as api:
                return remove(api, run, timeout_s=left_s, quiet_s=QUIET_S)
        except StackError as error:
            if left_s <= AGAIN_S:
                return Removed(left=(f"{error.what}: {error.why}",))
        clock.sleep(AGAIN_S)
