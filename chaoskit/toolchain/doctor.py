"""Examines the machine: each tool, its version, where it was found, and the way out where one is missing."""

import os
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from chaoskit.errors import StackError
from chaoskit.toolchain import host
from chaoskit.toolchain.account import unprivileged_user
from chaoskit.toolchain.cache import VARIABLE as CACHE_VARIABLE
from chaoskit.toolchain.cache import cache_dir
from chaoskit.toolchain.check import Check
from chaoskit.toolchain.engine import docker
from chaoskit.toolchain.go import toolchains
from chaoskit.toolchain.postgres import find_postgres
from chaoskit.toolchain.toxiproxy import FIX, OLDEST_GO, VERSION, installed_toxiproxy

OLDEST_PYTHON = (3, 11)


def examine(env: Mapping[str, str]) -> list[Check]:
    """Return a check for everything that a local run needs, and for what others need.

    Builds nothing; a PostgreSQL that the account to drop to cannot execute is copied to the cache, as a run would.
    """
    cache = cache_dir(env)
    toxiproxy, builders = _toxiproxy(env, cache)
    return [
        _python(),
        _account(),
        _guarded("postgresql", lambda: _postgres(env, cache)),
        toxiproxy,
        *builders,
        _cache(cache),
        host.setpriv(env),
        host.room(),
        host.memory(),
        host.cores(),
        *docker(env, cache),
    ]


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except StackError as error:
        found = f"{error.what}: {error.why}" if error.why else error.what
        return Check(name=name, version="", found=found, ok=False, fix=error.fix)


def _python() -> Check:
    ok = sys.version_info >= OLDEST_PYTHON
    oldest = ".".join(str(number) for number in OLDEST_PYTHON)
    fix = "" if ok else f"install chaoskit with Python {oldest} or newer"
    return Check(name="python", version=platform.python_version(), found=sys.executable, ok=ok, fix=fix)


def _account() -> Check:
    def check() -> Check:
        user = unprivileged_user()
        if user is None:
            return Check(name="account", version="", found="not root: servers run as you do")
        return Check(name="account", version=f"uid {user.uid}", found=f"root: servers run as {user.name}")

    return _guarded("account", check)


def _postgres(env: Mapping[str, str], cache: Path) -> Check:
    postgres = find_postgres(env, cache, user=unprivileged_user())
    return Check(name="postgresql", version=postgres.version, found=f"{postgres.bin} ({postgres.found})")


def _toxiproxy(env: Mapping[str, str], cache: Path) -> tuple[Check, list[Check]]:
    """The server; and, where it has yet to be built, with what."""
    try:
        tool = installed_toxiproxy(env, cache)
    except StackError as error:
        return Check(name="toxiproxy", version="", found=f"{error.what}: {error.why}", ok=False, fix=error.fix), []
    if tool is not None:
        return Check(name="toxiproxy", version=tool.version, found=f"{tool.path} ({tool.found})"), []
    builders = [Check(name=go.name, version=go.version, found=str(go.path)) for go in toolchains(env, OLDEST_GO)]
    if builders:
        return Check(name="toxiproxy", version=VERSION, found="not yet: the first run builds it, once"), builders
    why = f"not on PATH, not in the cache, and no Go {OLDEST_GO} or newer to build it"
    return Check(name="toxiproxy", version="", found=why, ok=False, fix=FIX), []


def _cache(cache: Path) -> Check:
    nearest = next(path for path in (cache, *cache.parents) if os.access(path, os.F_OK))
    ok = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    return Check(
        name="cache",
        version="",
        found=str(cache) if ok else f"{cache}: {nearest} cannot be written to",
        ok=ok,
        fix="" if ok else f"set {CACHE_VARIABLE} to a folder that can be written to",
    )
