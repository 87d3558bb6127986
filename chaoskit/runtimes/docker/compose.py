"""Docker Compose: a project is brought up from its standard input."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chaoskit.errors import StackError
from chaoskit.processes import Launcher

UP_TIMEOUT_S = 300.0  # the first run may pull images


def up(argv: Sequence[str], project: Mapping[str, Any], *, env: Mapping[str, str], launcher: Launcher) -> None:
    """Create and start everything of a project; returns when every container has been started.

    Compose ends with us: one that goes on, while it pulls an image, makes containers when the reaper has gone.

    Args:
        argv: The words that are Compose: ``("docker", "compose")``.
        project: What Compose reads; it has a name.
        env: Of Compose: the engine's address, and the variables that choose images.
        launcher: Starts it.

    Raises:
        StackError: It failed, or did not end in time.
        KeyboardInterrupt: It was interrupted, while it pulled an image perhaps; it has ended.
    """
    command = [*argv, "--project-name", project["name"], "--file", "-", "--progress", "quiet", "up", "--detach"]
    try:
        launcher.run("compose", command, env=env, reads=json.dumps(project), timeout_s=UP_TIMEOUT_S, interruptible=True)
    except StackError as error:
        raise StackError("Docker Compose did not start the stack", why=error.why, fix=error.fix) from error
