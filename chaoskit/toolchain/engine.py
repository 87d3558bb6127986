"""What ``doctor`` says of Docker: the engine, Compose and the images. No local run needs any of it."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from chaoskit.errors import StackError
from chaoskit.toolchain.check import Check
from chaoskit.toolchain.compose import FIX, OLDEST_GO, installed_compose
from chaoskit.toolchain.engine_address import engine_address
from chaoskit.toolchain.go import toolchains
from chaoskit.toolchain.images import images
from chaoskit.toolchain.programs import Unusable, run

TIMEOUT_S = 3.0


def docker(env: Mapping[str, str], cache: Path) -> list[Check]:
    """The engine; and, where one answers, what it takes beside it."""
    path = shutil.which("docker", path=env.get("PATH", ""))
    if path is None:
        return [_absent("not on PATH")]
    try:
        version = run([path, "version", "--format", "{{.Server.Version}}"], env=env, timeout_s=TIMEOUT_S).strip()
    except Unusable as error:
        return [_absent(f"{path}, but no engine answers ({error})")]
    found = f"{_where(path, env)}; not needed for the local runtime"
    return [Check(name="docker", version=version, found=found), _compose(env, cache), _images(path, env)]


def _absent(why: str) -> Check:
    return Check(name="docker", version="", found=f"{why}; not needed for the local runtime")


def _where(path: str, env: Mapping[str, str]) -> str:
    """The address that a run would use, and what names it; or why none would."""
    try:
        address = engine_address(env)
    except StackError as error:
        return f"{error.what}: {error.why}; {error.fix}"
    if env.get("DOCKER_HOST"):
        return f"{address} (DOCKER_HOST)"
    try:
        context = run([path, "context", "inspect", "--format", "{{.Name}}"], env=env, timeout_s=TIMEOUT_S).strip()
    except Unusable:
        return address
    return f"{address} (context {context})"


def _compose(env: Mapping[str, str], cache: Path) -> Check:
    name = "docker compose"
    try:
        compose = installed_compose(env, cache)
    except StackError as error:
        return Check(name=name, version="", found=f"{error.what}: {error.why}; {error.fix}")
    if compose is not None:
        return Check(name=name, version=compose.version, found=f"{' '.join(compose.argv)} ({compose.found})")
    if toolchains(env, OLDEST_GO):
        return Check(name=name, version="", found="not yet: the first docker run builds it, once")
    return Check(name=name, version="", found=f"none, and no Go {OLDEST_GO} or newer to build it; {FIX}")


def _images(path: str, env: Mapping[str, str]) -> Check:
    wanted = images(env)
    missing = [name for name in wanted if not _present(path, name, env)]
    found = "all there" if not missing else f"not here: {', '.join(missing)}; docs/docker.md says how to get them"
    return Check(name="docker images", version=f"{len(wanted) - len(missing)} of {len(wanted)}", found=found)


def _present(path: str, name: str, env: Mapping[str, str]) -> bool:
    try:
        run([path, "image", "inspect", "--format", "{{.Id}}", name], env=env, timeout_s=TIMEOUT_S)
    except Unusable:
        return False
    return True
