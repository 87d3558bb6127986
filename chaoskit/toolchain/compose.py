"""Docker Compose v2: the CLI's plugin, a standalone one, or one built once from its source; no engine is asked."""

import json
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from chaoskit.errors import StackError
from chaoskit.toolchain.building import Source, built
from chaoskit.toolchain.go import Go, run_go
from chaoskit.toolchain.programs import Unusable, run

VERSION = "2.40.3"  # what is built
OLDEST = "2.23.1"  # the first that knows a config's `content`
OLDEST_GO = "1.24.9"  # what the go.mod of VERSION asks for
VARIABLE = "CHAOSKIT_COMPOSE"
FIX = f"install docker-compose-plugin, or pip install 'chaoskit[toolchain]', or set {VARIABLE}"

_MODULE = "github.com/docker/compose/v2"
_BINARY = "docker-compose"
_ANSWER = re.compile(r"^v?(\d+\.\d+\.\d+)", re.MULTILINE)
_BUILD_TIMEOUT_S = 1800.0  # 400 packages; a slow machine has other things to do as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """A Docker Compose.

    Attributes:
        argv: What stands before its own words: ``docker compose``, or a program that stands alone.
        version: Like ``2.40.3``.
        found: Where it was found, in words.
    """

    argv: tuple[str, ...]
    version: str
    found: str


def find_compose(env: Mapping[str, str], cache: Path, *, say: Callable[[str], None]) -> Compose:
    """Return Docker Compose, building it if there is none.

    ``CHAOSKIT_COMPOSE``, else ``docker compose``, else ``docker-compose`` on PATH, else the cache, else built there.
    Nothing is put into anybody's home: what is built is called by its path.

    Args:
        env: The environment, read once by the caller.
        cache: ``cache.cache_dir``.
        say: Told in a sentence before something takes long.

    Raises:
        StackError: There is none, and none can be built.
    """
    return installed_compose(env, cache) or _built(env, cache, say)


def installed_compose(env: Mapping[str, str], cache: Path) -> Compose | None:
    """Return Docker Compose without building it; None where there is none yet.

    Raises:
        StackError: ``CHAOSKIT_COMPOSE`` names something else.
    """
    if chosen := env.get(VARIABLE):
        return _chosen(Path(chosen).expanduser().absolute(), env)
    for argv, found in _places(env, cache):
        try:
            return Compose(argv=argv, version=_asked(argv, env), found=found)
        except Unusable:
            continue
    return None


def _places(env: Mapping[str, str], cache: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    if docker := shutil.which("docker", path=env.get("PATH", "")):
        yield (str(Path(docker).absolute()), "compose"), "plugin"
    if alone := shutil.which(_BINARY, path=env.get("PATH", "")):
        yield (str(Path(alone).absolute()),), "PATH"
    yield (str(_directory(cache) / _BINARY),), "cache"


def _chosen(path: Path, env: Mapping[str, str]) -> Compose:
    """The operator's own choice is obeyed, or refused with the reason; it never falls through to another."""
    try:
        return Compose(argv=(str(path),), version=_asked((str(path),), env), found=VARIABLE)
    except Unusable as error:
        raise StackError(
            f"{VARIABLE}={path} is not a Docker Compose {OLDEST} or newer",
            why=str(error),
            fix=f"name a docker-compose with {VARIABLE}, or unset it",
        ) from error


def _asked(argv: tuple[str, ...], env: Mapping[str, str]) -> str:
    """Its version; Unusable: it has none, or it is too old."""
    answer = _ANSWER.search(text := run([*argv, "version", "--short"], env=env))
    if answer is None:
        raise Unusable(f"it answers version with {text.strip()[:80]!r}")
    if _numbers(answer[1]) < _numbers(OLDEST):
        raise Unusable(f"it is {answer[1]}, which does not know a config's content")
    return answer[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _directory(cache: Path) -> Path:
    return cache / "compose" / f"{VERSION}-{sys.platform}-{platform.machine()}"  # a home may be shared by machines


def _built(env: Mapping[str, str], cache: Path, say: Callable[[str], None]) -> Compose:
    source = Source(
        name=f"Docker Compose {VERSION}",
        directory=_directory(cache),
        oldest_go=OLDEST_GO,
        takes="several minutes",
        timeout_s=_BUILD_TIMEOUT_S,
        fix=FIX,
        build=partial(_build, env),
    )
    found = built(source, env, say)
    argv = (str(_directory(cache) / _BINARY),)
    return Compose(argv=argv, version=_asked(argv, env), found=found)


def _build(env: Mapping[str, str], toolchain: Go, directory: Path) -> None:
    """Fetch the module, unpack it, and ``go build`` it: ``go install`` refuses a module with exclude directives.

    Raises:
        Unusable: The build failed, or what it made does not run.
    """
    go = partial(run_go, toolchain, into=directory, env=env, timeout_s=_BUILD_TIMEOUT_S)
    module = f"{_MODULE}@v{VERSION}"
    go(["mod", "download", module])  # with -json it would not say on stderr why it failed
    sources = directory / "sources"
    with ZipFile(json.loads(go(["mod", "download", "-json", module]))["Zip"]) as archive:
        archive.extractall(sources)
    link = f"-s -w -X {_MODULE}/internal.Version={VERSION}"
    go(["-C", sources / module, "build", "-trimpath", "-ldflags", link, "-o", directory / _BINARY, "./cmd"])
    (directory / _BINARY).chmod(0o755)
    _asked((str(directory / _BINARY),), env)
    shutil.rmtree(sources)
