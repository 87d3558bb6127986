"""A data directory made by initdb once, to be copied by every run: initdb takes longer than all the rest of a start."""

import hashlib
import os
import platform
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from chaoskit.errors import StackError
from chaoskit.processes import User
from chaoskit.toolchain.cache import VARIABLE as CACHE_VARIABLE
from chaoskit.toolchain.cache import once
from chaoskit.toolchain.postgres import Postgres
from chaoskit.toolchain.programs import Unusable, run

SUPERUSER = "chaoskit"
INITDB_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A data directory, and the password of its superuser.

    The password is the template's own. A run logs in with it once, on the server's own port, and replaces it by one
    of its own before anything else can reach the server.
    """

    path: Path
    password: str


def find_template(postgres: Postgres, cache: Path, *, user: User | None) -> Template:
    """Return the template for this install, making it if there is none; it belongs to ``user``.

    Raises:
        StackError: initdb failed.
    """
    options = initdb_options(postgres.major)
    target = cache / "templates" / f"{postgres.version}-{_digest(postgres, options, user)}"
    once(target, lambda directory: _initdb(postgres, options, user, directory))
    password = (target / "password").read_text(encoding="ascii")
    return Template(path=target / "data", password=password)


def initdb_options(major: int) -> tuple[str, ...]:
    """Return what initdb is told, beside the directory and the password."""
    options = (
        f"--username={SUPERUSER}",
        "--auth-local=scram-sha-256",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",  # the same order of strings on every machine
        "--data-checksums",  # the default from 18 on; pg_rewind needs them
        "--no-sync",
    )
    # Passwords are long and random, so that more rounds would cost time and add nothing.
    return (*options, "--set", "scram_iterations=1") if major >= 16 else options


def _digest(postgres: Postgres, options: tuple[str, ...], user: User | None) -> str:
    owner = os.geteuid() if user is None else user.uid  # only the owner can read it
    words = [str(postgres.bin), platform.machine(), *options, str(owner)]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]


def _initdb(postgres: Postgres, options: tuple[str, ...], user: User | None, directory: Path) -> None:
    password, data = directory / "password", directory / "data"
    password.touch(mode=0o600)
    password.write_text(secrets.token_hex(16), encoding="ascii")
    data.mkdir(mode=0o700)
    if user is not None:
        for path in (password, data):
            shutil.chown(path, user.uid, user.gid)
    argv: list[str | Path] = [postgres.bin / "initdb", f"--pgdata={data}", f"--pwfile={password}", *options]
    try:
        run(argv, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}, user=user, timeout_s=INITDB_TIMEOUT_S)
    except Unusable as error:
        reach = "" if user is None else f" that {user.name} can reach"
        raise StackError(
            "initdb failed", why=str(error), fix=f"set {CACHE_VARIABLE} to a folder{reach}, or see chaoskit doctor"
        ) from error
