"""Docker Compose: a project is brought up from its standard input."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from chaoskit.errors import StackError

UP_TIMEOUT_S = 300.0  # the first run may pull images


def up(argv: Sequence[str], project: Mapping[str, Any], *, env: Mapping[str, str]) -> None:
    """Create and start everything of a project; returns when every container has been started.

    Args:
        argv: The words that are Compose: ``("docker", "compose")``.
        project: What Compose reads; it has a name.
        env: Of Compose: the engine's address, and the variables that choose images.

    Raises:
        StackError: It failed, or did not end in time.
    """
    command = [*argv, "--project-name", project["name"], "--file", "-", "--progress", "quiet", "up", "--detach"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(project),
            env=dict(env),
            cwd="/",  # it would read a .env beside us
            capture_output=True,
            text=True,
            timeout=UP_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError("Docker Compose did not start the stack", why=str(error), fix="chaoskit doctor") from error
    if done.returncode != 0:
        why = (done.stderr.strip() or done.stdout.strip() or f"code {done.returncode}")[-1000:]
        fix = "see docs/docker.md for how images are chosen and built" if "image" in why else "chaoskit doctor"
        raise StackError("Docker Compose did not start the stack", why=why, fix=fix)
