"""Where things are kept that are made once, and how they are made once although two runs may begin together."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import filelock

from chaoskit.errors import StackError

VARIABLE = "CHAOSKIT_CACHE"
ROOT_CACHE = Path("/var/cache/chaoskit")  # an unprivileged account cannot look into root's home
MAKE_TIMEOUT_S = 900.0  # a first build on a slow machine, by whoever holds the lock


def cache_dir(env: Mapping[str, str]) -> Path:
    """Return the cache's directory, which need not exist yet.

    ``CHAOSKIT_CACHE``, else ``/var/cache/chaoskit`` for root, else the user's cache directory (XDG).
    """
    if chosen := env.get(VARIABLE):
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return ROOT_CACHE
    # The XDG specification: a relative path is to be ignored.
    home = Path(env.get("XDG_CACHE_HOME", ""))
    return (home if home.is_absolute() else Path.home() / ".cache") / "chaoskit"


def once(target: Path, make: Callable[[Path], None], *, timeout_s: float = MAKE_TIMEOUT_S) -> None:
    """Make the directory ``target`` unless it is there; it appears whole or not at all.

    Args:
        target: A directory of the cache.
        make: Fills an empty directory, which is renamed to ``target`` when it returns.
        timeout_s: How long to wait for another process that makes it.

    Raises:
        StackError: The cache cannot be written to, or another process takes too long. What ``make`` raises passes.
    """
    try:
        if target.is_dir():
            return
        _directory(target.parent)
        with filelock.FileLock(target.with_name(f"{target.name}.lock"), timeout=timeout_s):
            if not target.is_dir():
                _make(target, make)
    except filelock.Timeout as error:
        raise StackError(
            f"{target} is not there after {timeout_s:g} s",
            why="another process holds its lock",
            fix="wait for the other chaoskit, or end it",
        ) from error
    except OSError as error:
        raise StackError(
            "cannot write to the cache", why=str(error), fix=f"set {VARIABLE} to a folder that can be written to"
        ) from error


def _make(target: Path, make: Callable[[Path], None]) -> None:
    unfinished = target.with_name(f".{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)  # left by a process that was killed: we hold the lock
    _directory(unfinished)
    try:
        make(unfinished)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _directory(path: Path) -> None:
    """Make ``path`` and its parents; what is new is open to other accounts whatever the umask."""
    if path.is_dir():
        return
    _directory(path.parent)
    path.mkdir(exist_ok=True)
    path.chmod(0o755)
