"""What a run has in an engine, from before its first thing until after its last."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

from docker import APIClient

from chaoskit.errors import StackError
from chaoskit.processes import PACKAGE, Launcher, Survivor
from chaoskit.runtimes.docker.client import connect
from chaoskit.runtimes.docker.ownership import remove
from chaoskit.runtimes.docker.reaper import FAREWELL

REAPER = "chaoskit.runtimes.docker.reaper"
QUIET_S = 1.0


@contextmanager
def estate(
    address: str, *, run: str, launcher: Launcher, intend: Callable[[str], None], removed: Callable[[str], None]
) -> Iterator[APIClient]:
    """A client of the engine; whatever is created with ``labels(run)`` meanwhile is gone afterwards.

    If we are killed, the reaper removes it. What cannot be removed is left to the reaper, then to ``clean``: it does
    not spoil a run that is over.

    Args:
        address: The engine's.
        run: The label of everything of the run.
        launcher: Starts the reaper.
        intend: Told the address before anything is created there: the journal's undo.
        removed: Told the address when nothing of the run is left there.

    Raises:
        StackError: No engine answers, or the reaper does not start; nothing has been created.
    """
    with closing(connect(address)) as api, ExitStack() as undo:
        reaper = launcher.outliving("reaper", [sys.executable, "-m", REAPER, run, address], env=PACKAGE)
        undo.callback(reaper.leave)
        undo.push(lambda kind, *_: _dissolve(api, run, reaper, lambda: removed(address), failed=kind is not None))
        intend(address)
        yield api


def _dissolve(api: APIClient, run: str, reaper: Survivor, removed: Callable[[], None], *, failed: bool) -> None:
    """Remove everything; after a failure a request of Compose, which was killed, may still be under way."""
    with suppress(StackError):  # the reaper tries again
        if not remove(api, run, quiet_s=QUIET_S if failed else 0.0).left:
            reaper.dismiss(FAREWELL)
            removed()
