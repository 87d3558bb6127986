"""One run per host at a time: two would measure each other."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from chaoskit.errors import StackError

TIMEOUT_S = 3600.0


@contextmanager
def host_lock(*, waiting: Callable[[], None], timeout_s: float = TIMEOUT_S) -> Iterator[None]:
    """Hold the host's lock; ``waiting`` is told when another run has it.

    Raises:
        StackError: The other run did not end within ``timeout_s``.
    """
    path = Path(tempfile.gettempdir()) / "chaoskit.lock"
    lock = FileLock(path, mode=0o666)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire(timeout=timeout_s)
    except Timeout as error:
        raise StackError(
            f"another chaoskit run held this machine for {timeout_s:g} s", why=f"{path} is locked", fix="--no-lock"
        ) from error
    try:
        yield
    finally:
        lock.release()
