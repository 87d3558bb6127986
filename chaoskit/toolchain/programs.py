"""Programs that answer and end: a version, or one piece of work. Those that stay belong to ``processes``."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from chaoskit.processes import User

ANSWER_TIMEOUT_S = 20.0


class Unusable(Exception):
    """A program cannot be executed, or it failed. The text says why, in a line."""


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    user: User | None = None,
    timeout_s: float = ANSWER_TIMEOUT_S,
) -> str:
    """Run a program to its end, in ``/`` and with nothing to read, and return what it wrote to stdout.

    Args:
        argv: The program and its words; the program by its absolute path.
        env: Its whole environment.
        user: Whom to run it as; None: as we do.
        timeout_s: After which it is killed.

    Raises:
        Unusable: It cannot be executed, did not end in time, or exited with an error.
    """
    try:
        done = subprocess.run(
            [str(word) for word in argv],
            env=dict(env),
            user=None if user is None else user.uid,
            group=None if user is None else user.gid,
            extra_groups=None if user is None else [],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except OSError as error:
        raise Unusable(f"{argv[0]}: {error.strerror or error}") from error
    except subprocess.TimeoutExpired as error:
        raise Unusable(f"{argv[0]} did not end within {timeout_s:g} s") from error
    if done.returncode != 0:
        raise Unusable(f"{argv[0]}: {_last_line(done.stderr) or _last_line(done.stdout) or f'exit {done.returncode}'}")
    return done.stdout


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""
